"""Devices by the hundred that are in a room and never speak; the relay knows none of their mailboxes."""

from __future__ import annotations

from byre.client.rooms.intents import Package
from byre.identity.leaf import DeliveryAddress, LeafInfo
from byre.mls import HYBRID, LEAF_PROFILE, Credential, Extension, generate_key_package, suite_by_id
from tests.fakes.identities import Person

DAY_S = 24 * 3600


def crowd(count: int, *, relay_url: str, now_s: int, seed: str = "crowd") -> tuple[Package, ...]:
    """Return a KeyPackage each of `count` accounts with one device."""
    return tuple(_package(Person(f"{seed}.{number}"), relay_url, now_s) for number in range(count))


def _package(person: Person, relay_url: str, now_s: int) -> Package:
    device = person.primary
    mailbox = device.mailbox
    address = DeliveryAddress(relay_url, mailbox.mailbox_id, mailbox.box_public, device.token)
    bundle = generate_key_package(
        suite_by_id(HYBRID),
        signature_key=device.key,
        credential=Credential(person.credential(device)),
        leaf_extensions=(Extension(LEAF_PROFILE, LeafInfo(address).encode()),),
        not_before_s=now_s - DAY_S,
        not_after_s=now_s + 90 * DAY_S,
        random=person.random,
    )
    package = bundle.key_package
    return Package(person.account_id, device.id, package.leaf_node.encryption_key, package.encoded)
