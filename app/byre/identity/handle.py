"""Handles: how a person names an account, and the account's signed claim to the name.

    handle   NFKC + casefold, 2 to 32 letters, digits, "." and "_";  one script plus the digits 0-9
    address  name            on one's own relay
             name@host       elsewhere; host = the authority of the relay's URL
    Binding  u16 version=1 ‖ opaque handle<V> ‖ opaque host<V> ‖ account_id[32] ‖ u64 issued_at_ms ‖ signature[64]
             signature: account key, "byre handle binding v1"

Confusables are met by three rules: letters of one script only; of each script only the letters that its languages
write (no phonetic alphabets, no combining marks, no fillers, Hangul as whole syllables); NFKC folds the rest. Whole
words that look alike in two scripts remain: verification by safety number is for that. A dot or underscore stands
between letters or digits, two dots never side by side.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Final

from byre.errors import PeerError
from byre.identity import domains
from byre.identity.account import AccountKey, account_id_of
from byre.identity.certificate import SIGNATURE_SIZE
from byre.wire import ids
from byre.wire.fields import blaming_the_peer, need_time_ms, utf8
from byre.wire.ids import AccountId
from byre.wire.relay_url import parse_authority
from byre.wire.tls import Reader, Writer, malformed
from byre.wire.versions import STRUCTURE_VERSION, expect_version

SHORTEST: Final = 2
LONGEST: Final = 32
LARGEST_TYPED: Final = 512

# Folded (lower-case, NFKC) letters by script. Widening this table later only admits more names; it never merges two.
_SCRIPTS: Final[tuple[tuple[tuple[int, int], ...], ...]] = (
    (  # Latin: ASCII, Latin-1, Extended-A without dotless i and kra, horned letters, caron, comma, Extended Additional
        *((0x61, 0x7A), (0xDF, 0xF6), (0xF8, 0x130), (0x132, 0x137), (0x139, 0x17E), (0x1A1, 0x1A1), (0x1B0, 0x1B0)),
        *((0x1CE, 0x1DC), (0x219, 0x21B), (0x1E00, 0x1E99), (0x1EA0, 0x1EFF)),
    ),
    ((0x386, 0x386), (0x388, 0x3CE), (0x1F00, 0x1FFC)),  # Greek
    ((0x430, 0x45F), (0x491, 0x4FF)),  # Cyrillic
    ((0x561, 0x586),),  # Armenian
    ((0x10D0, 0x10FA),),  # Georgian
    ((0x5D0, 0x5EA),),  # Hebrew
    ((0x620, 0x63F), (0x641, 0x64A), (0x671, 0x6D3)),  # Arabic, without tatweel
    ((0xAC00, 0xD7A3),),  # Hangul: syllables, as NFKC composes them from Jamo
    ((0x3005, 0x3005), (0x3400, 0x4DBF), (0x4E00, 0x9FFF)),  # Han
    ((0x3041, 0x3096),),  # Hiragana
    ((0x30A1, 0x30FA), (0x30FC, 0x30FC)),  # Katakana
)
_DIGITS: Final = frozenset("0123456789")
_JOINERS: Final = frozenset("._")


def normalise(text: str) -> str:
    """Return the one spelling of a handle as it was typed or received.

    Raises:
        PeerError: code bad_handle; what a handle may not hold.
    """
    if len(text) > LARGEST_TYPED:
        raise _bad("a handle has at most 32 characters")
    handle = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.strip()).casefold())
    if not SHORTEST <= len(handle) <= LONGEST:
        raise _bad("a handle has 2 to 32 characters")
    if handle[0] in _JOINERS or handle[-1] in _JOINERS or ".." in handle:
        raise _bad("a dot or underscore stands between letters or digits")
    scripts = {_script(character) for character in handle if character not in _DIGITS | _JOINERS}
    if len(scripts) > 1:
        raise _bad("the letters of a handle are of one script")
    return handle


def _script(letter: str) -> int:
    point = ord(letter)
    if unicodedata.category(letter)[0] == "L":
        for number, ranges in enumerate(_SCRIPTS):
            if any(first <= point <= last for first, last in ranges):
                return number
    raise _bad("a handle has letters, digits, dots and underscores only")


def _bad(sentence: str) -> PeerError:
    return PeerError(sentence, code="bad_handle")


@dataclass(frozen=True, slots=True)
class Address:
    """A handle and the relay that knows it; host None means one's own relay."""

    handle: str
    host: str | None

    def __str__(self) -> str:
        return self.handle if self.host is None else f"{self.handle}@{self.host}"


def parse_address(text: str) -> Address:
    """Return the address that a person typed: `name` or `name@host`.

    Raises:
        PeerError: code bad_handle or bad_relay_url.
    """
    name, at, host = text.strip().partition("@")
    return Address(normalise(name), parse_authority(host) if at else None)


@dataclass(frozen=True, slots=True)
class Binding:
    """A verified claim of an account to a handle at a host."""

    handle: str
    host: str
    account_id: AccountId
    issued_at_ms: int
    encoded: bytes = field(repr=False)

    @classmethod
    def issue(cls, account_key: AccountKey, *, handle: str, host: str, now_ms: int) -> Binding:
        """Sign the claim; handle and host are brought into their one spelling first."""
        handle, host = normalise(handle), parse_authority(host)
        need_time_ms(now_ms, "the time of issue")
        writer = Writer().u16(STRUCTURE_VERSION).opaque_v(handle.encode()).opaque_v(host.encode())
        structure = writer.fixed(account_key.account_id).u64(now_ms).done()
        signature = account_key.sign(domains.BINDING, structure)
        return cls(handle, host, account_key.account_id, now_ms, structure + signature)

    @classmethod
    def decode(cls, data: bytes, account_public: bytes) -> Binding:
        """Return the binding that the account signed.

        Raises:
            PeerError: code malformed, newer_version, bad_signature, bad_handle or bad_relay_url.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        handle, host = utf8(reader.opaque_v()), utf8(reader.opaque_v())
        account_id, issued_at_ms = AccountId(reader.fixed(ids.ACCOUNT_ID_SIZE)), reader.u64()
        structure = reader.since(0)
        signature = reader.fixed(SIGNATURE_SIZE)
        reader.end()
        domains.verify(account_public, domains.BINDING, structure, signature)
        if normalise(handle) != handle or parse_authority(host) != host:
            raise malformed("a binding's handle or host is not in its one spelling")
        if account_id != account_id_of(account_public):
            raise malformed("a binding names another account than its signer's")
        with blaming_the_peer():
            need_time_ms(issued_at_ms, "the time of issue")
        return cls(handle, host, account_id, issued_at_ms, data)
