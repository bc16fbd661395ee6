"""A room whose home has lost it is opened again only by who is alone in it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.rooms.homeless import Homeless
from byre.errors import EnvironmentFault, PeerError
from byre.identity.room_head import verify_create
from tests.fakes.identities import RELAY

TAG, RELAY_ID = b"t" * 16, b"relay id"


class RelayOnPaper:
    def __init__(self) -> None:
        self.created: list[dict[str, Any]] = []
        self.fault: Exception | None = None

    async def relay_id(self) -> bytes:
        return RELAY_ID

    async def create_head(self, **head: Any) -> None:
        if self.fault is not None:
            raise self.fault
        self.created.append(head)


def room_of(leaves: int) -> Any:
    return SimpleNamespace(
        facts=SimpleNamespace(leaves=[object()] * leaves),
        context=SimpleNamespace(home_url=RELAY, group_tag=TAG),
        group=SimpleNamespace(export_secret=lambda label, context, length: bytes(length)),
        epoch=7,
    )


def homeless(relay: RelayOnPaper) -> Homeless:
    return Homeless(SimpleNamespace(network=SimpleNamespace(relay=lambda url: relay)))  # type: ignore[arg-type]


async def test_who_is_alone_opens_the_head_again_in_its_epoch() -> None:
    relay = RelayOnPaper()
    assert await homeless(relay).refused(room_of(1)) is None
    (head,) = relay.created
    assert (head["group_tag"], head["epoch"]) == (TAG, 7)
    verify_create(head["claim_public"], relay_id=RELAY_ID, group_tag=TAG, signature=head["signature"])


async def test_with_others_in_it_nobody_does() -> None:
    relay = RelayOnPaper()
    refusal = await homeless(relay).refused(room_of(2))
    assert (getattr(refusal, "code", ""), relay.created) == ("home_lost", [])


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (PeerError("taken", code="relay_taken"), "home_lost"),
        (EnvironmentFault("away", code="relay_unreachable"), "relay_unreachable"),
    ],
)
async def test_a_head_that_somebody_opened_is_lost_and_a_relay_that_is_away_is_asked_again(
    fault: Exception, code: str
) -> None:
    relay = RelayOnPaper()
    relay.fault = fault
    refusal = await homeless(relay).refused(room_of(1))
    assert getattr(refusal, "code", "") == code
