"""The profile's numbers."""

from __future__ import annotations

from byre.mls import profile
from byre.mls.capabilities import Capabilities
from byre.mls.cipher_suite import SUITES


def test_private_numbers_are_in_the_private_ranges() -> None:
    for number in (profile.HYBRID, profile.LEAF_PROFILE, profile.ROOM_CONTEXT):
        assert 0xF000 <= number <= 0xFFFF


def test_what_our_packages_and_leaves_carry_is_in_our_capabilities() -> None:
    assert {profile.LAST_RESORT, profile.LEAF_PROFILE, profile.ROOM_CONTEXT} == set(Capabilities().extensions)


def test_every_suite_of_the_profile_exists() -> None:
    assert {suite.suite_id for suite in SUITES} == {profile.HYBRID, profile.X25519_AES128, profile.X25519_CHACHA}


def test_rule_11_limits_fit_the_receipts() -> None:
    assert profile.MAX_FORWARD_STEPS == 65_536
    assert profile.MAX_SKIPPED_KEYS == 2_000
