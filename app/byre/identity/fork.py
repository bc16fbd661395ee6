"""Order among an account's signed lists, and the proof that an account signed two histories.

    ForkProof  u16 version=1 ‖ account_public[32] ‖ opaque first<V> ‖ opaque second<V>

Either both lists have one version and different hashes, or the second follows the first by number but names another
predecessor. Nobody but the holder of the account's key can make one, so that a fork is a blocking warning: the key was
copied, or a restored device went on from an old list. The lists in a proof are ordered by (version, hash): one fork,
one proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from byre.errors import PeerError
from byre.identity.device_list import DeviceList
from byre.wire.tls import Reader, Writer, malformed
from byre.wire.versions import STRUCTURE_VERSION, expect_version


@dataclass(frozen=True, slots=True)
class ForkProof:
    """Two verified lists of one account that cannot both be in its history."""

    account_public: bytes
    first: DeviceList
    second: DeviceList

    def encode(self) -> bytes:
        """Return the proof for another device to check."""
        writer = Writer().u16(STRUCTURE_VERSION).fixed(self.account_public)
        return writer.opaque_v(self.first.encoded).opaque_v(self.second.encoded).done()

    @classmethod
    def decode(cls, data: bytes) -> ForkProof:
        """Return a proof after checking that it proves a fork.

        Raises:
            PeerError: code malformed (no contradiction between the lists, too), newer_version or bad_signature.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        account_public = reader.fixed(32)
        first = DeviceList.decode(reader.opaque_v(), account_public)
        second = DeviceList.decode(reader.opaque_v(), account_public)
        reader.end()
        proof = fork_of(account_public, first, second)
        if proof is None or proof.first != first:
            raise malformed("two lists do not prove a fork")
        return proof


def fork_of(account_public: bytes, one: DeviceList, other: DeviceList) -> ForkProof | None:
    """Return the proof that two verified lists of one account contradict each other, or None."""
    first, second = sorted((one, other), key=lambda each: (each.version, each.hash))
    return ForkProof(account_public, first, second) if _contradict(first, second) else None


def is_newer(known: DeviceList, offered: DeviceList) -> bool:
    """Tell whether `offered` takes the place of `known` (True) or is the same list (False).

    Versions in between may be missing: a list from inside a room stands by its signature, the directory has the rest.

    Raises:
        PeerError: code list_rollback (a lower version), list_fork (they contradict each other), or
            wrong_account.
    """
    if known.account_id != offered.account_id:
        raise PeerError("a device list belongs to another account", code="wrong_account")
    if _contradict(*sorted((known, offered), key=lambda each: each.version)):
        raise PeerError("an account signed two device lists that contradict each other", code="list_fork")
    if offered.version < known.version:
        raise PeerError("a device list is older than the known one", code="list_rollback")
    return offered.version > known.version


def newest_of_chain(lists: Sequence[DeviceList], known: DeviceList | None = None) -> DeviceList:
    """Return the last of lists that a directory served in order, checked link by link from `known` on.

    The chain begins anywhere up to the list after `known` (anywhere at all without one) and has no gap.

    Raises:
        PeerError: code malformed (empty, out of order or a gap), wrong_account, list_fork or list_rollback (the chain
            ends before `known`).
    """
    if not lists:
        raise malformed("a chain of device lists is empty")
    for earlier, later in pairwise(lists):
        is_newer(earlier, later)
        if later.version != earlier.version + 1:
            raise malformed("a chain of device lists has a gap")
    if known is not None:
        if lists[0].version > known.version + 1:
            raise malformed("a chain of device lists begins too late")
        for each in lists:
            if each.version in (known.version, known.version + 1):
                is_newer(known, each)
        is_newer(known, lists[-1])
    return lists[-1]


def _contradict(lower: DeviceList, higher: DeviceList) -> bool:
    if lower.version == higher.version:
        return lower.hash != higher.hash
    return higher.version == lower.version + 1 and higher.previous != lower.hash
