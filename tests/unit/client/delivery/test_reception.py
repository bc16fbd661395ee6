"""The network's reports find their way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.connection import Progress
from byre.client.delivery.reception import Reception
from byre.errors import EnvironmentFault


async def test_every_report_reaches_its_part() -> None:
    told: list[tuple[Any, ...]] = []

    async def on_envelopes(*report: Any) -> None:
        told.append(("envelopes", *report))

    reception = Reception(
        SimpleNamespace(on_envelopes=on_envelopes),  # type: ignore[arg-type]
        SimpleNamespace(  # type: ignore[arg-type]
            on_progress=lambda *report: told.append(("progress", *report)),
            on_failed=lambda *report: told.append(("failed", *report)),
        ),
        lambda *report: told.append(("connection", *report)),
        SimpleNamespace(reached=lambda *report: told.append(("store", *report))),  # type: ignore[arg-type]
        lambda count: told.append(("came", count)),
    )
    await reception.on_envelopes("https://relay.test", b"box", [(b"mid", b"body")])
    reception.on_progress(b"mid", Progress.STORED)
    reception.on_failed(b"mid", "quota", 100)
    reception.on_connection("https://relay.test", True)
    reception.on_store("https://relay.test", b"epoch")
    assert told == [
        ("came", 1),
        ("envelopes", b"box", [(b"mid", b"body")]),
        ("progress", b"mid", Progress.STORED),
        ("failed", b"mid", "quota", 100),
        ("connection", "https://relay.test", True),
        ("store", "https://relay.test", b"epoch"),
    ]


async def test_what_the_inbox_cannot_take_is_not_acknowledged() -> None:
    async def on_envelopes(*_: Any) -> None:
        raise EnvironmentFault("the disk is full; nothing was changed", code="disk_full")

    reception = Reception(SimpleNamespace(on_envelopes=on_envelopes), None, None, None, lambda count: None)  # type: ignore[arg-type]
    with pytest.raises(EnvironmentFault):
        await reception.on_envelopes("https://relay.test", b"box", [(b"mid", b"body")])
