"""Lines of the RPC: whatever arrives is a request or a `PeerError`, in whatever pieces it arrives."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from byre.errors import PeerError, UsageError
from byre.rpc.lines import LineSplitter, Request, decode_line
from byre.rpc.methods import METHODS
from byre.rpc.parameters import check_params

DECODERS = ("byre.rpc.lines:decode_line",)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
few = st.lists(scalars, max_size=4) | st.dictionaries(st.text(max_size=8), scalars, max_size=4)
json_values = scalars | few | st.lists(few, max_size=3) | st.dictionaries(st.text(max_size=8), few, max_size=3)
names = st.sampled_from(sorted({field.name for method in METHODS for field in method.fields})) | st.text(max_size=8)
params = st.dictionaries(names, scalars | few, max_size=4) | json_values
requests = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.just("2.0") | json_values,
        "id": json_values,
        "method": st.sampled_from([method.name for method in METHODS]) | json_values,
        "params": params,
    },
)


def parses_or_refuses(line: bytes) -> None:
    try:
        request = decode_line(line)
    except PeerError:
        return
    assert isinstance(request, Request)
    for method in METHODS:
        with suppress(UsageError):
            check_params(method.fields, request.params)


@settings(max_examples=2000, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_parse_or_are_refused(line: bytes) -> None:
    parses_or_refuses(line)


@settings(max_examples=2000, deadline=None)
@given(requests, st.booleans())
def test_any_object_parses_or_is_refused(value: dict[str, object], is_ascii: bool) -> None:
    line = json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    parses_or_refuses(line)


@settings(max_examples=2000, deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=6))
def test_lines_do_not_depend_on_how_the_stream_is_cut(stream: bytes, cuts: list[int]) -> None:
    splitter = LineSplitter()
    edges = [0, *sorted(cuts), len(stream)]
    lines = [line for a, b in pairwise(edges) for line in splitter.feed(stream[a:b])]
    expected = stream.split(b"\n")
    assert lines + splitter.finish() == expected[: None if expected[-1] else -1]
