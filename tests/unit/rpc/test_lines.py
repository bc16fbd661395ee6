import json

import pytest

from byre.rpc.lines import MAX_LINE_BYTES, LineError, LineSplitter, Request, decode_line, encode_line


def code_of(line: bytes) -> str:
    with pytest.raises(LineError) as caught:
        decode_line(line)
    return caught.value.code


def test_a_request_is_read_by_its_members() -> None:
    line = b'{"jsonrpc":"2.0","id":7,"method":"status","params":{"a":1}}\r\n'
    assert decode_line(line) == Request("status", {"a": 1}, 7, False)


def test_a_request_without_id_is_a_notification_and_one_with_null_is_not() -> None:
    assert decode_line(b'{"jsonrpc":"2.0","method":"status"}').is_notification
    assert not decode_line(b'{"jsonrpc":"2.0","method":"status","id":null}').is_notification


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"nonsense", b"\xff\xfe", b'{"a":NaN}', b"[" * 100_000, b"9" * 5000, b'{"id":1,"id":2}'],
)
def test_what_is_no_json_value_is_a_parse_error(line: bytes) -> None:
    assert code_of(line) == "parse_error"


@pytest.mark.parametrize(
    "value",
    [
        [],
        [{"jsonrpc": "2.0", "method": "status", "id": 1}],
        7,
        {"method": "status", "id": 1},
        {"jsonrpc": "1.0", "method": "status", "id": 1},
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "id": 1, "method": 5},
        {"jsonrpc": "2.0", "id": 1.5, "method": "status"},
        {"jsonrpc": "2.0", "id": True, "method": "status"},
        {"jsonrpc": "2.0", "id": {}, "method": "status"},
        {"jsonrpc": "2.0", "id": "\ud800", "method": "status"},
        {"jsonrpc": "2.0", "id": 1, "method": "status", "extra": 1},
    ],
)
def test_what_is_no_request_object_is_an_invalid_request(value: object) -> None:
    assert code_of(json.dumps(value).encode()) == "invalid_request"


def test_parameters_by_position_are_refused_with_the_requests_id() -> None:
    with pytest.raises(LineError) as caught:
        decode_line(b'{"jsonrpc":"2.0","id":"x","method":"status","params":[1]}')
    assert (caught.value.code, caught.value.request_id) == ("bad_params", "x")


def test_a_refused_request_is_answered_under_its_id() -> None:
    for line in (b'{"id":9}', b'{"id":9,"jsonrpc":"2.0"}', b'{"id":9,"jsonrpc":"2.0","method":"status","extra":1}'):
        with pytest.raises(LineError) as caught:
            decode_line(line)
        assert (caught.value.code, caught.value.request_id) == ("invalid_request", 9)


def test_an_oversize_line_is_refused_by_its_length() -> None:
    assert code_of(b" " * (MAX_LINE_BYTES + 1) + b"1") == "line_too_long"


def test_the_splitter_cuts_lines_across_chunks() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"on") == []
    assert splitter.feed(b"e\ntwo\n\nthr") == [b"one", b"two", b""]
    assert splitter.finish() == [b"thr"]


def test_the_splitter_reports_an_oversize_line_once_and_goes_on_behind_it() -> None:
    splitter = LineSplitter()
    found: list[bytes] = []
    for _ in range(40):
        found += splitter.feed(b"x" * 64 * 1024)
    assert [len(line) > MAX_LINE_BYTES for line in found] == [True]
    assert splitter.feed(b"tail\nnext\n") == [b"next"]
    assert splitter.finish() == []


def test_a_line_of_exactly_the_limit_passes_whole() -> None:
    splitter = LineSplitter()
    line = b"x" * MAX_LINE_BYTES
    assert splitter.feed(line + b"\r\n") == [line + b"\r"]


def test_an_encoded_line_is_one_line_of_utf8() -> None:
    assert encode_line({"text": "외양간\n"}) == '{"text":"외양간\\n"}\n'.encode()
