"""Both ends of linking in one process, with a rendezvous between them that an attacker may sit at.

`LinkPair.step_…` plays one message each; a test plays as many as it wants honestly and forges the next.
"""

from __future__ import annotations

from byre.errors import PeerError
from byre.identity.linking import CodeToShow, Granted, LinkRequest, NewDeviceLink, PhoneLink, ReceivedGrant
from tests.fakes.identities import HOST, NOW_MS, RELAY, Person, SeededRandom


class Rendezvous:
    """The relay's meeting point: each slot is written once."""

    def __init__(self) -> None:
        self.slots: dict[int, bytes] = {}

    def put(self, slot: int, blob: bytes) -> None:
        """Write a slot, or raise PeerError(code="relay_taken")."""
        if slot in self.slots:
            raise PeerError("the slot is taken", code="relay_taken")
        self.slots[slot] = blob

    def get(self, slot: int) -> bytes:
        """Return what was written."""
        return self.slots[slot]


class LinkPair:
    """A new device and the phone of `person`, at one moment that the test moves on."""

    def __init__(self, person: Person | None = None, *, seed: str = "link") -> None:
        self.person = person or Person("alice")
        self.now_ms = NOW_MS
        self.seed = seed
        self.rendezvous = Rendezvous()
        self.device = NewDeviceLink(
            relay_url=RELAY, device_name="서재 PC", platform="Linux", now_ms=self.now_ms, random=self.random("device")
        )
        self.rendezvous.put(1, self.device.blob1)
        self.phone = PhoneLink(self.device.uri, now_ms=self.now_ms)

    def random(self, part: str) -> SeededRandom:
        """Return the randomness of one step."""
        return SeededRandom(f"{self.seed} {part}")

    def step_request(self) -> LinkRequest:
        """P reads blob 1."""
        return self.phone.receive_blob1(self.rendezvous.get(1), now_ms=self.now_ms)

    def step_agree(self) -> None:
        """P's user agrees; P writes blob 2."""
        blob2 = self.phone.agree(
            account_public=self.person.key.public,
            handle=self.person.handle,
            host=HOST,
            now_ms=self.now_ms,
            random=self.random("agree"),
        )
        self.rendezvous.put(2, blob2)

    def step_show(self) -> CodeToShow:
        """N reads blob 2, writes blob 3 and shows the code."""
        shown = self.device.receive_blob2(self.rendezvous.get(2), now_ms=self.now_ms, random=self.random("show"))
        self.rendezvous.put(3, shown.blob3)
        return shown

    def step_reveal(self) -> None:
        """P reads blob 3."""
        self.phone.receive_blob3(self.rendezvous.get(3), now_ms=self.now_ms)

    def step_grant(self) -> Granted:
        """P grants and writes blob 4."""
        granted = self.phone.grant(
            self.person.key,
            device_list=self.person.device_list,
            binding=self.person.binding,
            display_name="앨리스",
            relay_url=RELAY,
            now_ms=self.now_ms,
            random=self.random("grant"),
        )
        self.rendezvous.put(4, granted.blob4)
        return granted

    def step_receive(self) -> ReceivedGrant:
        """N reads blob 4."""
        return self.device.receive_blob4(self.rendezvous.get(4), now_ms=self.now_ms)

    def step_confirm(self, key_package: bytes = b"a KeyPackage") -> None:
        """N's user confirms; N writes blob 5."""
        self.rendezvous.put(5, self.device.confirm(key_package, now_ms=self.now_ms, random=self.random("confirm")))

    def step_done(self) -> bytes:
        """P reads blob 5 and returns the KeyPackage."""
        return self.phone.receive_blob5(self.rendezvous.get(5), now_ms=self.now_ms)

    def to_code(self) -> str:
        """Play up to the code and return it."""
        self.step_request()
        self.step_agree()
        shown = self.step_show()
        self.step_reveal()
        return shown.code

    def to_match(self) -> None:
        """Play up to the matched code."""
        self.phone.enter_code(self.to_code(), now_ms=self.now_ms)

    def to_grant(self) -> Granted:
        """Play up to blob 4 in the rendezvous."""
        self.to_match()
        return self.step_grant()
