"""No room but in the hybrid suite: weaker KeyPackages, Welcomes and groups are refused by the client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from byre.client.rooms.live_room import LiveRoom
from byre.errors import PeerError
from byre.mls import HYBRID, AddProposal, Credential, KeyPackageBundle, generate_key_package, suite_by_id
from byre.mls.framing import WireFormat
from byre.mls.mls_message import frame
from byre.mls.profile import GREASE, X25519_AES128, X25519_CHACHA
from byre.mls.update_path import HpkeCiphertext
from byre.mls.welcome import EncryptedGroupSecrets, Welcome
from tests.fakes.mls import NOW_S, Room, person, seeded
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, joined

WEAK = (X25519_AES128, X25519_CHACHA)


def context_of(client: Client) -> Any:
    return client.engine._profile.session.context


async def own_bundles(client: Client) -> list[KeyPackageBundle]:
    rows = await context_of(client).store.read(lambda tx: tx.key_packages.in_state("published"))
    return [KeyPackageBundle.from_bytes(row.bundle.reveal()) for row in rows]


@pytest.mark.parametrize("suite_id", WEAK)
def test_a_group_of_a_weaker_suite_is_no_room(suite_id: int) -> None:
    with pytest.raises(PeerError) as caught:
        LiveRoom.read(Room.of("a", "b", suite_id=suite_id)["a"])
    assert caught.value.code == "unsupported_suite"


async def test_our_leaves_offer_no_weaker_suite(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        live = await ben.engine._profile.session.rooms._commits._steps._groups.current(bytes.fromhex(room))  # type: ignore[attr-defined]
        assert live.group.suite.suite_id == HYBRID
        for member in live.group.members:
            assert set(member.leaf_node.capabilities.cipher_suites) - set(GREASE) == {HYBRID}
        for bundle in await own_bundles(anna):
            assert bundle.key_package.suite_id == HYBRID
            assert set(bundle.key_package.leaf_node.capabilities.cipher_suites) - set(GREASE) == {HYBRID}


@pytest.mark.parametrize("suite_id", WEAK)
async def test_a_welcome_into_a_weaker_group_is_refused_and_recorded(tmp_path: Path, suite_id: int) -> None:
    async with World(tmp_path) as world:
        (anna,) = await acquainted(world, "anna")
        await world.until(lambda: own_bundles(anna))
        ours = (await own_bundles(anna))[0]
        entry = EncryptedGroupSecrets(ours.reference, HpkeCiphertext(bytes(32), bytes(64)))
        welcome = frame(WireFormat.WELCOME, Welcome(suite_id, (entry,), bytes(100)).encode())
        before = await context_of(anna).store.read(lambda tx: tx.rooms.all(with_hidden=True))
        joining = anna.engine._profile.session.rooms._joining  # type: ignore[attr-defined]
        assert await joining.take(welcome, bytes(16)) is None
        recorded = await context_of(anna).store.read(lambda tx: tx.inbox.undecryptable())
        assert recorded[0].reason == "unsupported_suite"
        assert await context_of(anna).store.read(lambda tx: tx.rooms.all(with_hidden=True)) == before
        assert ours.reference in [each.reference for each in await own_bundles(anna)], "nothing was used up"


@pytest.mark.parametrize("suite_id", WEAK)
def test_a_hybrid_room_takes_no_member_by_a_weaker_package(suite_id: int) -> None:

    group = person("a", HYBRID).create()
    weak = generate_key_package(
        suite_by_id(suite_id),
        signature_key=person("b", suite_id).key,
        credential=Credential(b"b"),
        leaf_extensions=(),
        not_before_s=NOW_S - 10,
        not_after_s=NOW_S + 10,
        random=seeded(1),
    )
    with pytest.raises(PeerError) as caught:
        group.commit([AddProposal(weak.key_package)], now_s=NOW_S, random=seeded(2))
    assert caught.value.code == "invalid_key_package"
