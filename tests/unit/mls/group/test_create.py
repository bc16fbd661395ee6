"""A group of one."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls.extension import Extension
from byre.mls.profile import GREASE, HYBRID
from tests.fakes.mls import NOW_S, person, seeded


@pytest.mark.parametrize("suite_id", [1, 3, HYBRID])
def test_a_new_group_has_its_creator_alone(suite_id: int) -> None:
    group = person("a", suite_id).create(extensions=[Extension(0xF0B2, b"room")])
    assert (group.epoch, group.own_leaf_index, group.group_id) == (0, 0, b"a group")
    assert [member.credential.identity for member in group.members] == [b"a"]
    assert group.confirmed_transcript_hash == b""
    assert group.extensions == (Extension(0xF0B2, b"room"),)
    assert group.welcomed_by is None


def test_the_creators_leaf_is_greased_and_stays_so_in_its_commits() -> None:
    group = person("a").create()
    for each in (group, group.commit(now_s=NOW_S, random=seeded(1)).group):
        assert set(each.members[0].leaf_node.capabilities.credentials) & set(GREASE)


def test_two_groups_of_one_person_share_no_secret() -> None:
    alice = person("a")
    assert alice.create().export_secret("x", b"", 32) != alice.create().export_secret("x", b"", 32)


def test_rule_12_a_creator_supports_what_the_group_carries() -> None:
    with pytest.raises(PeerError, match="Rule 12"):
        person("a").create(extensions=[Extension(0x1234, b"")])
