"""The MLS credential of a device: all that another member needs to know whose leaf this is, without asking anybody.

    u16 version=1 ‖ account_public[32] ‖ opaque certificate<V> ‖ opaque device_list<V>   (a basic credential's identity)

The account's key vouches for certificate and list; the account id is the key's hash. Whether the device is in the
*newest* list is judged over the whole group (`membership.py`): a list that the group has not seen must not decide.
"""

from __future__ import annotations

from dataclasses import dataclass

from byre.identity.certificate import DeviceCertificate, DeviceRole
from byre.identity.device_list import DeviceList
from byre.wire.ids import AccountId, DeviceId
from byre.wire.tls import Reader, Writer
from byre.wire.versions import STRUCTURE_VERSION, expect_version


def encode_credential(account_public: bytes, certificate: DeviceCertificate, device_list: DeviceList) -> bytes:
    """Return the identity bytes of the basic credential of `certificate`'s device."""
    writer = Writer().u16(STRUCTURE_VERSION).fixed(account_public)
    return writer.opaque_v(certificate.encoded).opaque_v(device_list.encoded).done()


@dataclass(frozen=True, slots=True)
class VerifiedCredential:
    """A credential whose signatures hold and belong together."""

    account_public: bytes
    certificate: DeviceCertificate
    device_list: DeviceList

    @classmethod
    def decode(cls, identity: bytes) -> VerifiedCredential:
        """Verify the identity bytes of a basic credential.

        Raises:
            PeerError: code malformed, newer_version or bad_signature.
        """
        reader = Reader(identity)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        account_public = reader.fixed(32)
        certificate = DeviceCertificate.decode(reader.opaque_v(), account_public)
        device_list = DeviceList.decode(reader.opaque_v(), account_public)
        reader.end()
        return cls(account_public, certificate, device_list)

    def encode(self) -> bytes:
        """Return the identity bytes again."""
        return encode_credential(self.account_public, self.certificate, self.device_list)

    @property
    def account_id(self) -> AccountId:
        """Whose device it is."""
        return self.certificate.account_id

    @property
    def device_id(self) -> DeviceId:
        """Which device it is."""
        return self.certificate.device_id

    @property
    def device_key(self) -> bytes:
        """The device's signature key, which must be the leaf's."""
        return self.certificate.device_key

    @property
    def role(self) -> DeviceRole:
        """Primary or linked."""
        return self.certificate.role
