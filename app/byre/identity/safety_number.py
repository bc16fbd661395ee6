"""The safety number of two accounts: 60 digits that both sides see alike if nobody stands between them.

    low, high = the two account ids, sorted
    h(0) = SHA-384("byre safety number v1" ‖ low ‖ high);   h(i) = SHA-384(h(i-1) ‖ low ‖ high),   i = 1 … 5,200
    12 groups: each 4 bytes of h(5,200) as a number mod 100,000, 5 digits

It depends on the accounts alone, so that it survives new devices. The QR holds `byre://safety#` and the digits.
"""

from __future__ import annotations

from typing import Final

from byre.crypto.hashes import sha384
from byre.crypto.secret import same
from byre.errors import PeerError
from byre.identity import domains
from byre.wire import ids
from byre.wire.fields import need_bytes
from byre.wire.ids import AccountId

ROUNDS: Final = 5200
DIGITS: Final = 60

_PREFIX: Final = "byre://safety#"


def safety_number(one: AccountId, other: AccountId) -> str:
    """Return the 60 digits of a pair of accounts, whichever comes first; takes about 3 ms."""
    need_bytes(one, ids.ACCOUNT_ID_SIZE, "an account id")
    need_bytes(other, ids.ACCOUNT_ID_SIZE, "an account id")
    pair = b"".join(sorted((one, other)))
    digest = sha384(domains.SAFETY_NUMBER + pair)
    for _ in range(ROUNDS):
        digest = sha384(digest + pair)
    return "".join(f"{int.from_bytes(digest[at : at + 4]) % 100_000:05}" for at in range(0, 48, 4))


def grouped(number: str) -> str:
    """Return the digits as they are read aloud: twelve groups of five."""
    return " ".join(number[at : at + 5] for at in range(0, DIGITS, 5))


def safety_uri(number: str) -> str:
    """Return the text of the QR that the other side scans."""
    return _PREFIX + number


def parse_safety_uri(text: str) -> str:
    """Return the digits of a scanned safety QR.

    Raises:
        PeerError: code bad_safety_uri; some other QR.
    """
    digits = text.strip().removeprefix(_PREFIX)
    if not text.strip().startswith(_PREFIX) or len(digits) != DIGITS or not set(digits) <= set("0123456789"):
        raise PeerError("this QR holds no safety number", code="bad_safety_uri")
    return digits


def is_match(shown: str, scanned: str) -> bool:
    """Tell whether two safety numbers are the same; spaces do not matter."""
    return same(shown.replace(" ", "").encode(), scanned.replace(" ", "").encode())
