"""The authenticated data of a commit: signed device lists that justify its removals (rule (c) of `membership.py`).

    empty, or   u16 version=1 ‖ (account_id[32] ‖ opaque device_list<V>)<V>            at most 16 lists, one per account

The lists are carried encoded: their signer's key is the leaf's, which only the group knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from byre.wire import ids
from byre.wire.fields import bad_field, blaming_the_peer, need_blob, need_bytes
from byre.wire.ids import AccountId
from byre.wire.tls import Reader, Writer, opaque
from byre.wire.versions import STRUCTURE_VERSION, expect_version

MOST_LISTS: Final = 16
LARGEST_LIST: Final = 4096


@dataclass(frozen=True, slots=True)
class CommitData:
    """Encoded device lists by account."""

    lists: tuple[tuple[AccountId, bytes], ...] = ()

    def __post_init__(self) -> None:
        if len(self.lists) > MOST_LISTS:
            raise bad_field("a commit carries too many device lists")
        for account_id, device_list in self.lists:
            need_bytes(account_id, ids.ACCOUNT_ID_SIZE, "an account id")
            need_blob(device_list, LARGEST_LIST, "a device list", smallest=1)
        if len(dict(self.lists)) != len(self.lists):
            raise bad_field("a commit carries two device lists of one account")

    def encode(self) -> bytes:
        """Return the authenticated data; empty without lists."""
        if not self.lists:
            return b""
        items = [account_id + opaque(device_list) for account_id, device_list in self.lists]
        return Writer().u16(STRUCTURE_VERSION).vector(items).done()

    @classmethod
    def decode(cls, data: bytes) -> CommitData:
        """Return the lists that a commit carries.

        Raises:
            PeerError: code malformed or newer_version.
        """
        if not data:
            return cls()
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        lists = tuple(reader.vector(lambda each: (AccountId(each.fixed(ids.ACCOUNT_ID_SIZE)), each.opaque_v())))
        reader.end()
        with blaming_the_peer():
            if not lists:
                raise bad_field("no lists are written as no bytes")
            return cls(lists)
