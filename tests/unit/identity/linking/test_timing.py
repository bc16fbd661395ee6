"""How long an offer lives."""

import pytest

from byre.errors import PeerError
from byre.identity.linking import timing


def test_an_offer_lives_five_minutes_and_its_rendezvous_ten_more() -> None:
    assert (timing.OFFER_LIFETIME_MS, timing.RENDEZVOUS_GRACE_MS) == (300_000, 600_000)


def test_the_last_moment_counts() -> None:
    timing.expect_open(10, 10)
    with pytest.raises(PeerError) as caught:
        timing.expect_open(11, 10)
    assert caught.value.code == "offer_expired"
