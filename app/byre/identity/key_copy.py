"""A copy of a profile's outer secret S, sealed for who is to give it back: the phone, or who has the recovery code.

    copy    u16 version=1 ‖ profile_id[16] ‖ u32 generation ‖ secret[32]
    sealed  libsodium sealed box of it, 102 bytes: to the phone's mailbox key (a PC's copy), or to the key that the
            recovery code yields (the phone's own copy, which lies at its relay)

Who seals cannot open: neither the profile that S opens nor an image of its disk holds a copy that it can read. A sealed
box is not post-quantum; what opens with S is on the disk alone, which the relay never sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from byre.crypto import sealed_box
from byre.crypto.secret import Secret
from byre.errors import PeerError
from byre.wire.tls import Reader, Writer
from byre.wire.versions import STRUCTURE_VERSION, expect_version

PROFILE_ID_SIZE: Final = 16
SECRET_SIZE: Final = 32
SEALED_SIZE: Final = 2 + PROFILE_ID_SIZE + 4 + SECRET_SIZE + sealed_box.OVERHEAD


@dataclass(frozen=True, slots=True)
class KeyCopy:
    """The outer secret of one generation of one profile."""

    profile_id: bytes
    generation: int
    secret: Secret = field(repr=False)

    def encode(self) -> bytes:
        """Return the plaintext; secret."""
        writer = Writer().u16(STRUCTURE_VERSION).fixed(self.profile_id).u32(self.generation)
        return writer.fixed(self.secret.reveal()).done()

    @classmethod
    def decode(cls, data: bytes) -> KeyCopy:
        """Return what `encode` gave.

        Raises:
            PeerError: code malformed or newer_version.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        profile_id, generation = reader.fixed(PROFILE_ID_SIZE), reader.u32()
        secret = Secret(reader.fixed(SECRET_SIZE))
        reader.end()
        return cls(profile_id, generation, secret)

    def seal(self, public: bytes) -> bytes:
        """Return the copy for the holder of an X25519 key.

        Raises:
            PeerError: code invalid_key.
        """
        return sealed_box.seal(public, self.encode())


def open_key_copy(private: Secret, sealed: bytes) -> KeyCopy:
    """Return the copy that was sealed for this key.

    Raises:
        PeerError: code bad_ciphertext, malformed or newer_version.
    """
    if len(sealed) != SEALED_SIZE:
        raise PeerError("a key copy has a wrong length", code="malformed")
    return KeyCopy.decode(sealed_box.open_sealed(private, sealed))
