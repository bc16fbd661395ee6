"""N's end of linking: the PC that shows a QR and wants to join an account.

    OFFERED ──receive_blob2──> CODE_SHOWN ──receive_blob4──> GRANTED ──confirm──> CONFIRMED ──welcomed──> LINKED
       └───────────────┴──────────────┴── cancel, expiry, any forged blob ──> DEAD

One blob 2 is accepted and one blob 3 made per offer: whoever forges blob 2 committed to it before knowing the nonce.
Nothing is installed before the user has confirmed; N counts as linked only when the device room's Welcome arrives,
otherwise it returns to `new`. Blobs in and out are bytes for the rendezvous; time and randomness are passed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from byre.crypto.hashes import sha256
from byre.crypto.random import Random
from byre.crypto.signature import SigningKey
from byre.errors import PeerError, UsageError
from byre.identity import domains
from byre.identity.account import account_id_of
from byre.identity.certificate import DeviceCertificate, DeviceRole
from byre.identity.device_list import DeviceList
from byre.identity.handle import Binding, normalise
from byre.identity.linking import sealing
from byre.identity.linking.sealing import BlobKeys
from byre.identity.linking.timing import OFFER_LIFETIME_MS, RENDEZVOUS_GRACE_MS, expect_open
from byre.identity.linking.transcript import Transcript, link_suite, offer_hash
from byre.wire import ids
from byre.wire.ids import AccountId, RendezvousId
from byre.wire.link import (
    NONCE_SIZE,
    SECRET_SIZE,
    Answer,
    Done,
    LinkPayload,
    Offer,
    decode_answer,
    decode_grant,
    decode_signed_grant,
)
from byre.wire.relay_url import authority_of, parse_authority, parse_relay_url
from byre.wire.tls import malformed


class NewDeviceState(Enum):
    """Where N's handshake stands."""

    OFFERED = "offered"
    CODE_SHOWN = "code shown"
    GRANTED = "granted"
    CONFIRMED = "confirmed"
    LINKED = "linked"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class CodeToShow:
    """What N shows after blob 2, and blob 3 to post."""

    code: str = field(repr=False)
    handle: str
    host: str
    blob3: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReceivedGrant:
    """A verified grant: what N installs once its user has confirmed."""

    account_public: bytes
    account_id: AccountId
    certificate: DeviceCertificate
    device_list: DeviceList
    binding: Binding
    display_name: str
    relay_url: str


class NewDeviceLink:
    """One offer to be linked; keys, nonce, rendezvous and secret are fresh and die with it."""

    def __init__(self, *, relay_url: str, device_name: str, platform: str, now_ms: int, random: Random) -> None:
        """Make the offer.

        Raises:
            PeerError: code bad_relay_url.
            UsageError: code bad_field; a name that no device can have.
        """
        self.device_key = SigningKey.generate(random)
        self._hpke_private, hpke_public = link_suite().derive_key_pair(random(32))
        self._nonce = random(NONCE_SIZE)
        self._offer = Offer(hpke_public, self.device_key.public, sha256(self._nonce), device_name, platform)
        self.payload = LinkPayload(
            relay_url=parse_relay_url(relay_url),
            rendezvous=RendezvousId(random(ids.RENDEZVOUS_ID_SIZE)),
            secret=random(SECRET_SIZE),
            offer_hash=offer_hash(self._offer),
            expires_ms=now_ms + OFFER_LIFETIME_MS,
        )
        self._keys = BlobKeys(self.payload)
        self.blob1 = self._keys.seal(sealing.OFFER, self._offer.encode(), random)
        self.state = NewDeviceState.OFFERED
        self._answer: Answer | None = None
        self._transcript: Transcript | None = None

    @property
    def uri(self) -> str:
        """The text of the QR; post `blob1` before it is shown."""
        return self.payload.to_uri()

    @property
    def deadline_ms(self) -> int:
        """When the rendezvous is gone."""
        return self.payload.expires_ms + RENDEZVOUS_GRACE_MS

    def receive_blob2(self, blob: bytes, *, now_ms: int, random: Random) -> CodeToShow:
        """Take the phone's answer and commit to it.

        Raises:
            PeerError: code offer_expired, bad_ciphertext, malformed, bad_handle or bad_relay_url; the offer is dead.
            UsageError: code wrong_state.
        """
        self._expect(NewDeviceState.OFFERED)
        with self._dying():
            expect_open(now_ms, self.payload.expires_ms)
            plaintext = self._keys.open(sealing.ANSWER, blob)
            answer = decode_answer(plaintext)
            if normalise(answer.handle) != answer.handle or parse_authority(answer.host) != answer.host:
                raise malformed("the phone's handle is not in its one spelling")
            self._transcript = Transcript.of(self.payload.encode(), self._offer.encode(), plaintext, self._nonce)
            self._answer = answer
        self.state = NewDeviceState.CODE_SHOWN
        blob3 = self._keys.seal(sealing.REVEAL, self._nonce, random)
        return CodeToShow(self._transcript.code, answer.handle, answer.host, blob3)

    def receive_blob4(self, blob: bytes, *, now_ms: int) -> ReceivedGrant:
        """Verify the phone's grant; ask the user before anything of it is installed.

        Raises:
            PeerError: code offer_expired, bad_ciphertext, bad_signature, malformed, wrong_account (another account
                than blob 2 named) and what its parts raise; the offer is dead.
            UsageError: code wrong_state.
        """
        self._expect(NewDeviceState.CODE_SHOWN)
        assert self._answer is not None
        assert self._transcript is not None
        with self._dying():
            expect_open(now_ms, self.deadline_ms)
            grant = self._open_grant(blob, self._answer, self._transcript)
        self.state = NewDeviceState.GRANTED
        return grant

    def confirm(self, key_package: bytes, *, now_ms: int, random: Random) -> bytes:
        """Return blob 5 after the user said yes and everything is stored.

        Args:
            key_package: this device's KeyPackage for the device room, with the granted certificate in its credential.

        Raises:
            PeerError: code offer_expired; the offer is dead.
            UsageError: code wrong_state.
        """
        self._expect(NewDeviceState.GRANTED)
        assert self._transcript is not None
        with self._dying():
            expect_open(now_ms, self.deadline_ms)
            blob = self._keys.seal(sealing.DONE, Done(self._transcript.done, key_package).encode(), random)
        self.state = NewDeviceState.CONFIRMED
        return blob

    def welcomed(self) -> None:
        """Note that the device room's Welcome arrived: only now N is linked."""
        self._expect(NewDeviceState.CONFIRMED)
        self.state = NewDeviceState.LINKED

    def cancel(self) -> None:
        """End the offer, if it has not led to a link; the device returns to `new`."""
        if self.state is not NewDeviceState.LINKED:
            self.state = NewDeviceState.DEAD

    def is_expired(self, now_ms: int) -> bool:
        """Tell whether nothing can come of the offer any more, in the state that it is in."""
        is_early = self.state is NewDeviceState.OFFERED
        return now_ms > (self.payload.expires_ms if is_early else self.deadline_ms)

    @contextmanager
    def _dying(self) -> Iterator[None]:
        try:
            yield
        except PeerError:
            self.state = NewDeviceState.DEAD
            raise

    def _expect(self, state: NewDeviceState) -> None:
        if self.state is not state:
            raise UsageError(f"linking is {self.state.value}, not {state.value}", code="wrong_state")

    def _open_grant(self, blob: bytes, answer: Answer, transcript: Transcript) -> ReceivedGrant:
        sealing.expect_size(blob)
        suite = link_suite()
        enc, ciphertext = blob[: suite.enc_length], blob[suite.enc_length :]
        signed = decode_signed_grant(suite.open(self._hpke_private, enc, transcript.hash, b"", ciphertext))
        account_public = answer.account_public
        structure = transcript.grant_structure(signed.body)
        domains.verify(account_public, domains.LINK_GRANT, structure, signed.signature)
        grant = decode_grant(signed.body)
        certificate = DeviceCertificate.decode(grant.certificate, account_public)
        device_list = DeviceList.decode(grant.device_list, account_public)
        binding = Binding.decode(grant.binding, account_public)
        if (binding.handle, binding.host) != (answer.handle, answer.host):
            raise PeerError("the phone granted another account than it named", code="wrong_account")
        if authority_of(grant.relay_url) != binding.host:
            raise PeerError("the account's relay is not the one that its handle names", code="wrong_account")
        is_ours = certificate.device_key == self.device_key.public and certificate.role == DeviceRole.LINKED
        if not is_ours or not device_list.has(certificate):
            raise malformed("the phone's grant does not admit this device")
        account_id = account_id_of(account_public)
        name, relay_url = grant.display_name, grant.relay_url
        return ReceivedGrant(account_public, account_id, certificate, device_list, binding, name, relay_url)
