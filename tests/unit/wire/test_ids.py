"""Sizes of identifiers are part of every format."""

from byre.wire import ids


def test_the_sizes_are_those_of_the_law() -> None:
    assert (ids.ACCOUNT_ID_SIZE, ids.DEVICE_ID_SIZE, ids.MAILBOX_ID_SIZE) == (32, 16, 16)
    assert (ids.MESSAGE_ID_SIZE, ids.MID_SIZE, ids.RUN_ID_SIZE, ids.WIPE_ID_SIZE) == (16, 16, 8, 16)
    assert (ids.GROUP_TAG_SIZE, ids.CLAIM_ID_SIZE, ids.RENDEZVOUS_ID_SIZE) == (16, 16, 16)
    assert (ids.DELIVERY_TOKEN_SIZE, ids.LARGEST_GROUP_ID) == (32, 64)


def test_an_identifier_is_bytes_at_run_time() -> None:
    assert ids.AccountId(b"x") == b"x"
