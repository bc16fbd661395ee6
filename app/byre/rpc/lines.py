"""One line of JSON-RPC 2.0 in, one line out.

Obeys the JSON-RPC 2.0 specification with one object per line: no batches, parameters by name only, ids are strings,
whole numbers or null. Whatever a line holds, `decode_line` returns a `Request` or raises `PeerError` whose code
(`parse_error`, `invalid_request`, `line_too_long`, `bad_params`) names the JSON-RPC error; nothing else escapes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from byre.errors import PeerError

MAX_LINE_BYTES = 1024 * 1024
"""Longest line without its newline. Longer ones are skipped up to their newline and answered with an error."""

JsonObject = dict[str, Any]
RequestId = str | int | None


@dataclass(frozen=True, slots=True)
class Request:
    """A well-formed request. Without an id (`is_notification`) it is carried out and never answered."""

    method: str
    params: Mapping[str, Any]
    request_id: RequestId
    is_notification: bool


class LineError(PeerError):
    """A line that is no request; carries the id that the answer must name, null when there is none to trust."""

    def __init__(self, sentence: str, *, code: str, request_id: RequestId = None) -> None:
        super().__init__(sentence, code=code)
        self.request_id = request_id


def decode_line(line: bytes) -> Request:
    """Parse one line, without or with its newline.

    Raises:
        LineError: code `line_too_long`, `parse_error`, `invalid_request` or (parameters not by name) `bad_params`.
    """
    if len(line.rstrip(b"\r\n")) > MAX_LINE_BYTES:
        raise LineError("The line is longer than 1 MiB.", code="line_too_long")
    try:
        value = json.loads(
            line.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_object_without_duplicates
        )
    except (ValueError, RecursionError):  # json.JSONDecodeError and UnicodeDecodeError are ValueErrors
        raise LineError("The line is not one JSON value in UTF-8.", code="parse_error") from None
    if not isinstance(value, dict):
        raise LineError("A request is one JSON object; batches are not taken.", code="invalid_request")
    request_id = value.get("id")
    if isinstance(request_id, bool) or not isinstance(request_id, str | int | None):
        raise LineError("An id is a string, a whole number or null.", code="invalid_request")
    if isinstance(request_id, str) and not _is_unicode(request_id):
        raise LineError("The id is not Unicode text.", code="invalid_request")
    if value.get("jsonrpc") != "2.0":
        raise LineError('The member "jsonrpc" must be "2.0".', code="invalid_request", request_id=request_id)
    method = value.get("method")
    if not isinstance(method, str):
        raise LineError("The method is missing or no string.", code="invalid_request", request_id=request_id)
    unknown = value.keys() - {"jsonrpc", "id", "method", "params"}
    if unknown:
        sentence = "The request has members that JSON-RPC 2.0 does not know."
        raise LineError(sentence, code="invalid_request", request_id=request_id)
    params = value.get("params", {})
    if not isinstance(params, dict):
        raise LineError("Parameters are given by name, in an object.", code="bad_params", request_id=request_id)
    return Request(method, params, request_id, is_notification="id" not in value)


class LineSplitter:
    """Cuts a byte stream into lines. Of an oversize line only its first `MAX_LINE_BYTES` + 1 bytes are kept."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._is_skipping = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that `chunk` completes, without their newlines, and each oversize one as soon as known."""
        lines: list[bytes] = []
        *ended, tail = chunk.split(b"\n")
        for piece in ended:
            self._take(piece, lines)
            if not self._is_skipping:
                lines.append(bytes(self._rest))
            self._rest.clear()
            self._is_skipping = False
        self._take(tail, lines)
        return lines

    def finish(self) -> list[bytes]:
        """Return the last line when the stream ended without a newline."""
        return [bytes(self._rest)] if self._rest else []

    def _take(self, piece: bytes, lines: list[bytes]) -> None:
        if self._is_skipping:
            return
        self._rest += piece[: MAX_LINE_BYTES + 2 - len(self._rest)]
        if len(self._rest) > MAX_LINE_BYTES + 1:  # one byte more than the longest line with a carriage return
            lines.append(bytes(self._rest))
            self._rest.clear()
            self._is_skipping = True


def encode_line(value: Mapping[str, Any]) -> bytes:
    """Return `value` as one compact line of UTF-8 with its newline."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate member")
    return found


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
