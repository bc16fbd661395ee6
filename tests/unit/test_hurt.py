"""A damaged profile served over the RPC: refused but for what brings it back; and the route of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.bootstrap import _Hurt, _route
from byre.client.views import ProfileState, Status
from byre.errors import EnvironmentFault, UsageError
from tests.unit.rpc.stub import StubEngine

DAMAGED = EnvironmentFault("the database is damaged", code="db_damaged")


def hurt(state: ProfileState | Exception) -> tuple[StubEngine, _Hurt]:
    engine = StubEngine()
    engine.answers["account.status"] = state if isinstance(state, Exception) else Status(state, None, connected=False)
    return engine, _Hurt(engine, DAMAGED)  # type: ignore[arg-type]


async def test_a_damaged_profile_refuses_all_but_its_rescue() -> None:
    engine, served = hurt(ProfileState.LOCKED)
    for ask in (
        lambda: served.account.status(),
        lambda: served.rooms.list(),
        lambda: served.messages.list("r", 5),
    ):
        with pytest.raises(EnvironmentFault) as caught:
            ask()
        assert caught.value.code == "db_damaged"
    assert served.events is engine.events
    await served.backups.salvage(None)
    assert engine.calls[-1] == ("backups.salvage", (None,), {})


async def test_once_it_is_back_everything_is_served() -> None:
    engine, served = hurt(ProfileState.LOCKED)
    await served.backups.salvage(None)
    engine.answers["account.status"] = Status(ProfileState.READY, None, connected=False)
    assert served.account.status().state is ProfileState.READY
    engine.answers["account.status"] = Status(ProfileState.LOCKED, None, connected=False)
    assert served.account.status().state is ProfileState.LOCKED  # locked by its user: no damage any more


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
