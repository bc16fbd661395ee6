"""Welcome (RFC 9420 section 12.4.3.1): the keys to an epoch, sealed to each new member's init key.

Welcome = suite ‖ [KeyPackageRef ‖ HPKE(init key; joiner_secret ‖ path_secret? ‖ PSK ids)]
          ‖ AEAD(welcome_secret; GroupInfo)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from byre.mls.cipher_suite import CipherSuite
from byre.mls.key_package import KeyPackage
from byre.mls.psk import PreSharedKeyId
from byre.mls.update_path import HpkeCiphertext
from byre.wire.tls import Reader, Writer


@dataclass(frozen=True, slots=True, repr=False)
class GroupSecrets:
    """What a joiner learns. Secret: no repr."""

    joiner_secret: bytes
    path_secret: bytes | None
    psks: tuple[PreSharedKeyId, ...] = ()

    def encode(self) -> bytes:
        """Return the wire form."""
        path = None if self.path_secret is None else Writer().opaque_v(self.path_secret).done()
        return Writer().opaque_v(self.joiner_secret).optional(path).vector([each.encode() for each in self.psks]).done()

    @classmethod
    def decode(cls, data: bytes) -> GroupSecrets:
        """Parse exactly one GroupSecrets, or raise PeerError(code="malformed")."""
        reader = Reader(data)
        secrets = cls(reader.opaque_v(), reader.optional(Reader.opaque_v), tuple(reader.vector(PreSharedKeyId.read)))
        reader.end()
        return secrets


@dataclass(frozen=True, slots=True)
class EncryptedGroupSecrets:
    """One joiner's sealed GroupSecrets; `new_member` is its KeyPackageRef."""

    new_member: bytes
    encrypted_group_secrets: HpkeCiphertext = field(repr=False)

    def encode(self) -> bytes:
        """Return the wire form."""
        return Writer().opaque_v(self.new_member).fixed(self.encrypted_group_secrets.encode()).done()

    @classmethod
    def read(cls, reader: Reader) -> EncryptedGroupSecrets:
        """Read one."""
        return cls(reader.opaque_v(), HpkeCiphertext.read(reader))


@dataclass(frozen=True, slots=True)
class Welcome:
    """A parsed Welcome."""

    suite_id: int
    secrets: tuple[EncryptedGroupSecrets, ...]
    encrypted_group_info: bytes = field(repr=False)

    def encode(self) -> bytes:
        """Return the wire form, without the MLSMessage header."""
        writer = Writer().u16(self.suite_id).vector([each.encode() for each in self.secrets])
        return writer.opaque_v(self.encrypted_group_info).done()

    @classmethod
    def read(cls, reader: Reader) -> Welcome:
        """Read one."""
        return cls(reader.u16(), tuple(reader.vector(EncryptedGroupSecrets.read)), reader.opaque_v())

    def secrets_for(self, reference: bytes) -> EncryptedGroupSecrets | None:
        """Return the entry of a KeyPackageRef, or None."""
        return next((each for each in self.secrets if each.new_member == reference), None)


def seal_group_secrets(
    suite: CipherSuite, joiners: Sequence[tuple[KeyPackage, GroupSecrets]], encrypted_group_info: bytes
) -> list[EncryptedGroupSecrets]:
    """Return the joiners' entries, in order: each bound to the encrypted GroupInfo beside it."""
    sealer = suite.labeled_sealer("Welcome", encrypted_group_info)
    return [
        EncryptedGroupSecrets(
            package.reference(suite), HpkeCiphertext(*sealer.seal(package.init_key, secrets.encode()))
        )
        for package, secrets in joiners
    ]


def open_group_secrets(
    suite: CipherSuite, entry: EncryptedGroupSecrets, init_private: bytes, encrypted_group_info: bytes
) -> GroupSecrets:
    """Return the joiner's secrets.

    Raises:
        PeerError: codes bad_ciphertext, invalid_key, malformed.
    """
    sealed = entry.encrypted_group_secrets
    return GroupSecrets.decode(
        suite.decrypt_with_label(init_private, "Welcome", encrypted_group_info, sealed.kem_output, sealed.ciphertext)
    )


def references(entries: Sequence[EncryptedGroupSecrets]) -> tuple[bytes, ...]:
    """Return the KeyPackageRefs of entries, in order."""
    return tuple(entry.new_member for entry in entries)
