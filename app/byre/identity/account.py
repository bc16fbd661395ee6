"""The account's identity key, "the phone's key": Ed25519, held by the primary device alone.

    account_id = SHA-256("byre account v1" ‖ public key)          self-certifying: whoever shows the key owns the id

It signs certificates, device lists, handle bindings, account records and link grants, each under its domain.
"""

from __future__ import annotations

from byre.crypto.hashes import sha256
from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.crypto.signature import SigningKey
from byre.identity import domains
from byre.wire.ids import AccountId


def account_id_of(account_public: bytes) -> AccountId:
    """Return the id of the account whose identity key is `account_public` (32 bytes)."""
    return AccountId(sha256(domains.ACCOUNT + account_public))


class AccountKey:
    """An account's private key; prints as nothing but its name."""

    __slots__ = ("_key", "account_id")

    account_id: AccountId

    def __init__(self, seed: Secret | bytes) -> None:
        """Make the key from its 32-byte seed."""
        self._key = SigningKey(seed)
        self.account_id = account_id_of(self._key.public)

    @classmethod
    def generate(cls, random: Random) -> AccountKey:
        """Make a new account."""
        return cls(random(32))

    @property
    def public(self) -> bytes:
        """The account's public key, 32 bytes."""
        return self._key.public

    @property
    def seed(self) -> Secret:
        """The 32-byte seed, for the store and the recovery file."""
        return self._key.seed

    def sign(self, domain: bytes, structure: bytes) -> bytes:
        """Return the account's signature of `structure` under `domain`, 64 bytes."""
        return domains.sign(self._key, domain, structure)

    def __repr__(self) -> str:
        return "<AccountKey>"
