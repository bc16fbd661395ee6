"""The route of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.bootstrap import _route
from byre.errors import UsageError


def test_the_command_line_says_how_relays_are_reached(tmp_path: Path) -> None:
    assert _route(None, None) is None
    route = _route("socks5h://127.0.0.1:9050", None)
    assert route is not None
    assert route.proxy == "socks5h://127.0.0.1:9050"
    with pytest.raises(UsageError):
        _route("gopher://x", None)
    for name, content in (("missing", None), ("binary", b"\xff\xfe"), ("junk", b"no certificate")):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError) as caught:
            _route(None, tmp_path / name)
        assert caught.value.code == "bad_certificate"
