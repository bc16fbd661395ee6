"""The MLS credential of a device."""

import pytest

from byre.errors import PeerError
from byre.identity.certificate import DeviceRole
from byre.identity.credential import VerifiedCredential, encode_credential
from tests.fakes.identities import Person


def test_a_credential_says_whose_device_it_is() -> None:
    alice = Person("alice")
    pc = alice.link()
    credential = VerifiedCredential.decode(alice.credential(pc))
    assert (credential.account_id, credential.account_public) == (alice.account_id, alice.key.public)
    assert (credential.device_id, credential.device_key) == (pc.id, pc.key.public)
    assert (credential.role, credential.device_list) == (DeviceRole.LINKED, alice.device_list)
    assert credential.encode() == alice.credential(pc)


def test_parts_of_two_accounts_make_no_credential() -> None:
    alice, bob = Person("alice"), Person("bob")
    for mixed in (
        encode_credential(alice.key.public, bob.primary.certificate, alice.device_list),
        encode_credential(alice.key.public, alice.primary.certificate, bob.device_list),
        encode_credential(bob.key.public, alice.primary.certificate, alice.device_list),
    ):
        with pytest.raises(PeerError) as caught:
            VerifiedCredential.decode(mixed)
        assert caught.value.code == "bad_signature"
