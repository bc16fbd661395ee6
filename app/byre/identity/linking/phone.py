"""P's end of linking: the phone that scans a PC's QR and admits it to the account.

    SCANNED ─receive_blob1─> REQUESTED ─agree─> ANSWERED ─receive_blob3─> CODE_WANTED ─enter_code─> MATCHED
       └───────────────┴───────────────┴── cancel, expiry, forged blob, third wrong code ──> DEAD      │
                                                          LINKED <─receive_blob5─ GRANTED <─grant──────┘

The user agrees before blob 2 says which account it is, and types the code from the PC before anything is signed: equal,
or refused, three tries. After `grant` the list k+1 is signed and must be published whatever happens: with N once blob 5
came, otherwise after `deadline_ms` and followed at once by k+2 without N (`Granted.withdrawal`). A granted link is
kept over a restart by `to_bytes`; an earlier one is not worth it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from byre.crypto.hashes import sha256
from byre.crypto.random import Random
from byre.crypto.secret import same
from byre.errors import PeerError, UsageError
from byre.identity import domains
from byre.identity.account import AccountKey
from byre.identity.certificate import DeviceCertificate, DeviceRole
from byre.identity.device_list import DeviceList
from byre.identity.handle import Binding
from byre.identity.linking import sealing
from byre.identity.linking.sealing import BlobKeys
from byre.identity.linking.timing import (
    LARGEST_CLOCK_ERROR_MS,
    OFFER_LIFETIME_MS,
    RENDEZVOUS_GRACE_MS,
    expect_open,
)
from byre.identity.linking.transcript import Transcript, link_suite, offer_hash
from byre.wire import ids
from byre.wire.ids import DeviceId
from byre.wire.link import (
    LINK_URI,
    NONCE_SIZE,
    Answer,
    Grant,
    Offer,
    SignedGrant,
    decode_done,
    decode_link_payload,
    decode_offer,
    parse_link_uri,
)
from byre.wire.relay_url import authority_of, parse_relay_url
from byre.wire.tls import Reader, Writer
from byre.wire.versions import STRUCTURE_VERSION, expect_version

CODE_TRIES: Final = 3


class PhoneState(Enum):
    """Where P's handshake stands."""

    SCANNED = "scanned"
    REQUESTED = "requested"
    ANSWERED = "answered"
    CODE_WANTED = "code wanted"
    MATCHED = "matched"
    GRANTED = "granted"
    LINKED = "linked"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Who asks to be linked, for the user to agree to."""

    device_name: str
    platform: str


@dataclass(frozen=True, slots=True)
class Granted:
    """Blob 4 to post, and what it admits N with: store both lists' duties before posting."""

    blob4: bytes = field(repr=False)
    certificate: DeviceCertificate
    device_list: DeviceList

    def withdrawal(self, account_key: AccountKey, now_ms: int) -> DeviceList:
        """Return list k+2 without N, to be published right after k+1 when N never answered."""
        return self.device_list.without_devices(account_key, [self.certificate.device_id], now_ms)


class PhoneLink:
    """One scanned offer."""

    _prefix = LINK_URI

    def __init__(self, uri: str, *, now_ms: int) -> None:
        """Read the QR.

        Raises:
            PeerError: code bad_link_uri, newer_version or offer_expired (too far in the future, too).
        """
        self.payload = parse_link_uri(uri, self._prefix)
        expect_open(now_ms, self.payload.expires_ms)
        if self.payload.expires_ms > now_ms + OFFER_LIFETIME_MS + LARGEST_CLOCK_ERROR_MS:
            raise PeerError("the offer to link claims to live too long", code="offer_expired")
        self._keys = BlobKeys(self.payload)
        self.state = PhoneState.SCANNED
        self.tries_left = CODE_TRIES
        self._offer: Offer | None = None
        self._offer_bytes = b""
        self._answer = b""
        self._account_public = b""
        self._named = ("", "")
        self._transcript: Transcript | None = None
        self._device_id = DeviceId(b"")
        self._device_key = b""

    def to_bytes(self) -> bytes:
        """Return a granted link for the store (secret); it waits for blob 5 again after `from_bytes`.

            u16 version=1 ‖ opaque payload<V> ‖ T[48] ‖ device_id[16] ‖ device_key[32]

        Raises:
            UsageError: code wrong_state or offer_used.
        """
        self._expect(PhoneState.GRANTED)
        assert self._transcript is not None
        writer = Writer().u16(STRUCTURE_VERSION).opaque_v(self.payload.encode()).fixed(self._transcript.hash)
        return writer.fixed(self._device_id).fixed(self._device_key).done()

    @classmethod
    def from_bytes(cls, data: bytes) -> PhoneLink:
        """Return the granted link that `to_bytes` gave.

        Raises:
            PeerError: code malformed, newer_version or bad_relay_url.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        payload, transcript = decode_link_payload(reader.opaque_v()), Transcript(reader.fixed(48))
        device_id, device_key = DeviceId(reader.fixed(ids.DEVICE_ID_SIZE)), reader.fixed(32)
        reader.end()
        link = cls(payload.to_uri(cls._prefix), now_ms=payload.expires_ms)
        link.state, link._transcript = PhoneState.GRANTED, transcript
        link._device_id, link._device_key = device_id, device_key
        return link

    @property
    def device_id(self) -> DeviceId:
        """The granted device's id; empty before the grant."""
        return self._device_id

    @property
    def device_key(self) -> bytes:
        """The new device's signature key, which the KeyPackage of blob 5 must carry; empty before blob 1."""
        return self._device_key

    @property
    def deadline_ms(self) -> int:
        """When the rendezvous is gone: without blob 5 by then, publish k+1 and at once k+2 without N."""
        return self.payload.expires_ms + RENDEZVOUS_GRACE_MS

    def receive_blob1(self, blob: bytes, *, now_ms: int) -> LinkRequest:
        """Check that the offer is the one that the QR names.

        Raises:
            PeerError: code offer_expired, bad_ciphertext, malformed, or wrong_offer (the QR names another); dead then.
            UsageError: code wrong_state, or offer_used when the offer is dead.
        """
        self._expect(PhoneState.SCANNED)
        with self._dying():
            expect_open(now_ms, self.payload.expires_ms)
            plaintext = self._keys.open(sealing.OFFER, blob)
            offer = decode_offer(plaintext)
            if not same(offer_hash(offer), self.payload.offer_hash):
                raise PeerError("the PC at the rendezvous is not the one of the QR", code="wrong_offer")
        self._offer, self._offer_bytes, self._device_key = offer, plaintext, offer.device_key
        self.state = PhoneState.REQUESTED
        return LinkRequest(offer.device_name, offer.platform)

    def agree(self, *, account_public: bytes, handle: str, host: str, now_ms: int, random: Random) -> bytes:
        """Return blob 2, after the user agreed to link the PC that `receive_blob1` named.

        If the relay says that slot 2 is taken, somebody else answered: `cancel` and say offer_used.

        Raises:
            PeerError: code offer_expired; dead then.
            UsageError: code wrong_state, offer_used or bad_field.
        """
        self._expect(PhoneState.REQUESTED)
        with self._dying():
            expect_open(now_ms, self.payload.expires_ms)
        self._answer = Answer(account_public, handle, host, random(NONCE_SIZE)).encode()
        self._account_public, self._named = account_public, (handle, host)
        self.state = PhoneState.ANSWERED
        return self._keys.seal(sealing.ANSWER, self._answer, random)

    def receive_blob3(self, blob: bytes, *, now_ms: int) -> None:
        """Take N's nonce; from now on the user may type the code.

        Raises:
            PeerError: code offer_expired, bad_ciphertext, or wrong_offer (not the nonce that the QR commits to); dead
                then.
            UsageError: code wrong_state or offer_used.
        """
        self._expect(PhoneState.ANSWERED)
        assert self._offer is not None
        with self._dying():
            expect_open(now_ms, self.deadline_ms)
            nonce = self._keys.open(sealing.REVEAL, blob)
            if len(nonce) != NONCE_SIZE or not same(sha256(nonce), self._offer.nonce_hash):
                raise PeerError("the PC's nonce is not the one that the QR commits to", code="wrong_offer")
        self._transcript = Transcript.of(self.payload.encode(), self._offer_bytes, self._answer, nonce)
        self.state = PhoneState.CODE_WANTED

    def enter_code(self, code: str, *, now_ms: int) -> None:
        """Compare what the user typed with the transcript's code.

        Raises:
            PeerError: code code_mismatch (after the third the offer is dead) or offer_expired.
            UsageError: code wrong_state, or offer_used once the offer is dead.
        """
        self._expect(PhoneState.CODE_WANTED)
        assert self._transcript is not None
        with self._dying():
            expect_open(now_ms, self.deadline_ms)
        typed = "".join(code.split())
        if not same(typed.encode("utf-8", "surrogatepass"), self._transcript.code.encode()):
            self.tries_left -= 1
            if self.tries_left == 0:
                self.state = PhoneState.DEAD
            raise PeerError("the code is not the one that the PC shows", code="code_mismatch")
        self.state = PhoneState.MATCHED

    def grant(
        self,
        account_key: AccountKey,
        *,
        device_list: DeviceList,
        binding: Binding,
        display_name: str,
        relay_url: str,
        now_ms: int,
        random: Random,
    ) -> Granted:
        """Certify N and seal the grant for it.

        Args:
            device_list: the account's newest list k; the grant carries k+1, pending.
            relay_url: the account's own relay.

        Raises:
            PeerError: code offer_expired; dead then.
            UsageError: code wrong_state, offer_used or bad_field (another account than blob 2 named).
        """
        self._expect(PhoneState.MATCHED)
        assert self._transcript is not None
        assert self._offer is not None
        relay_url = parse_relay_url(relay_url)
        named = (account_key.public, binding.handle, binding.host, authority_of(relay_url))
        if named != (self._account_public, *self._named, self._named[1]):
            raise UsageError("blob 2 named another account", code="bad_field")
        with self._dying():
            expect_open(now_ms, self.deadline_ms)
        certificate = DeviceCertificate.issue(
            account_key,
            device_id=DeviceId(random(ids.DEVICE_ID_SIZE)),
            device_key=self._offer.device_key,
            role=DeviceRole.LINKED,
            now_ms=now_ms,
        )
        successor = device_list.with_device(account_key, certificate, now_ms)
        body = Grant(certificate.encoded, successor.encoded, binding.encoded, display_name, relay_url).encode()
        signature = account_key.sign(domains.LINK_GRANT, self._transcript.grant_structure(body))
        plaintext = SignedGrant(body, signature).encode()
        enc, sealed = link_suite().seal(self._offer.hpke_public, self._transcript.hash, b"", plaintext)
        self.state, self._device_id = PhoneState.GRANTED, certificate.device_id
        return Granted(enc + sealed, certificate, successor)

    def receive_blob5(self, blob: bytes, *, now_ms: int) -> bytes:
        """Return N's KeyPackage for the device room, once N proved that it saw the same handshake.

        Who photographed the QR could make a blob 5 as well: check that the KeyPackage carries `device_id` and
        `device_key` in its credential before it is added.

        Raises:
            PeerError: code offer_expired, bad_ciphertext, malformed, or bad_signature (the confirmation is wrong);
                the state stays, and the withdrawal is due at `deadline_ms`.
            UsageError: code wrong_state or offer_used.
        """
        self._expect(PhoneState.GRANTED)
        assert self._transcript is not None
        expect_open(now_ms, self.deadline_ms)
        done = decode_done(self._keys.open(sealing.DONE, blob))
        if not same(done.mac, self._transcript.done):
            raise PeerError("the PC confirms another handshake", code="bad_signature")
        self.state = PhoneState.LINKED
        return done.key_package

    def cancel(self) -> None:
        """End the handshake; after a grant it can only be withdrawn, not cancelled.

        Raises:
            UsageError: code wrong_state.
        """
        if self.state in (PhoneState.GRANTED, PhoneState.LINKED):
            raise UsageError("a grant is withdrawn by a new device list", code="wrong_state")
        self.state = PhoneState.DEAD

    def is_expired(self, now_ms: int) -> bool:
        """Tell whether nothing can come of the offer any more, in the state that it is in."""
        is_early = self.state in (PhoneState.SCANNED, PhoneState.REQUESTED)
        return now_ms > (self.payload.expires_ms if is_early else self.deadline_ms)

    @contextmanager
    def _dying(self) -> Iterator[None]:
        try:
            yield
        except PeerError:
            self.state = PhoneState.DEAD
            raise

    def _expect(self, state: PhoneState) -> None:
        if self.state is PhoneState.DEAD:
            raise UsageError("the offer to link is dead", code="offer_used")
        if self.state is not state:
            raise UsageError(f"linking is {self.state.value}, not {state.value}", code="wrong_state")
