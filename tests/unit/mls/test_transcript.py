"""Transcript hashes."""

from __future__ import annotations

from byre.mls.cipher_suite import suite_by_id
from byre.mls.transcript import confirmation_tag, confirmed_transcript_hash, interim_transcript_hash

SUITE = suite_by_id(1)


def test_rule_8_every_part_of_a_commit_enters_the_confirmed_hash() -> None:
    parts = [
        (b"before", 1, b"content", b"signature"),
        (b"other", 1, b"content", b"signature"),
        (b"before", 2, b"content", b"signature"),
        (b"before", 1, b"other", b"signature"),
        (b"before", 1, b"content", b"other"),
    ]
    assert len({confirmed_transcript_hash(SUITE, *each) for each in parts}) == 5


def test_rule_8_the_tag_enters_the_interim_hash() -> None:
    assert interim_transcript_hash(SUITE, b"h", b"tag") != interim_transcript_hash(SUITE, b"h", b"tug")
    assert confirmation_tag(SUITE, b"key", b"h") == SUITE.mac(b"key", b"h")
