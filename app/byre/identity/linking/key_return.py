"""Giving a locked PC its outer secret back: the linking handshake up to the typed code, then the secret, no grant.

    byre://key#<payload>     as byre://link#; blob 1 names the profile (hex) and its generation for device and platform
    blobs 1, 2, 3, code      as in linking
    blob 4 = HPKE[E_pub, info = SHA-384("byre key return v1" ‖ T)]{key copy}          no blob 5

Nothing is signed: the PC's key file knows its secret again, so that a false one opens nothing. The code keeps the phone
from handing a secret to whoever shows a foreign QR; without the PC's disk it would be worth nothing there.
"""

from __future__ import annotations

from dataclasses import dataclass

from byre.crypto.hashes import sha384
from byre.crypto.random import Random
from byre.errors import PeerError
from byre.identity import domains
from byre.identity.key_copy import PROFILE_ID_SIZE, KeyCopy
from byre.identity.linking import sealing
from byre.identity.linking.new_device import NewDeviceLink, NewDeviceState
from byre.identity.linking.phone import PhoneLink, PhoneState
from byre.identity.linking.timing import expect_open
from byre.identity.linking.transcript import Transcript, link_suite
from byre.wire.link import KEY_URI
from byre.wire.tls import malformed

_DIGITS = 10


@dataclass(frozen=True, slots=True)
class KeyWanted:
    """Which secret a PC asks for."""

    profile_id: bytes
    generation: int


class KeySeeker(NewDeviceLink):
    """The PC's end: one offer to be given the key of a profile."""

    def __init__(self, wanted: KeyWanted, *, relay_url: str, now_ms: int, random: Random) -> None:
        """Make the offer.

        Raises:
            PeerError: code bad_relay_url.
        """
        self._wanted = wanted
        super().__init__(
            relay_url=relay_url,
            device_name=wanted.profile_id.hex(),
            platform=str(wanted.generation),
            now_ms=now_ms,
            random=random,
        )

    @property
    def uri(self) -> str:
        """The text of the QR; post `blob1` before it is shown."""
        return self.payload.to_uri(KEY_URI)

    def receive_key(self, blob: bytes, *, now_ms: int) -> KeyCopy:
        """Open the phone's blob 4.

        Raises:
            PeerError: code offer_expired, bad_ciphertext, malformed or wrong_key (of another profile or generation);
                the offer is dead.
            UsageError: code wrong_state.
        """
        self._expect(NewDeviceState.CODE_SHOWN)
        assert self._transcript is not None
        with self._dying():
            expect_open(now_ms, self.deadline_ms)
            sealing.expect_size(blob)
            suite = link_suite()
            enc, ciphertext = blob[: suite.enc_length], blob[suite.enc_length :]
            copy = KeyCopy.decode(suite.open(self._hpke_private, enc, _info(self._transcript), b"", ciphertext))
            if (copy.profile_id, copy.generation) != (self._wanted.profile_id, self._wanted.generation):
                raise PeerError("the phone gave the key of another profile", code="wrong_key")
        self.state = NewDeviceState.LINKED
        return copy


class KeyHolder(PhoneLink):
    """The phone's end: one scanned offer of a PC that has lost its key."""

    _prefix = KEY_URI

    def wanted(self) -> KeyWanted:
        """Which key the PC asks for, after `receive_blob1`.

        Raises:
            PeerError: code malformed; the offer is dead.
        """
        self._expect(PhoneState.REQUESTED)
        assert self._offer is not None
        with self._dying():
            name, number = self._offer.device_name, self._offer.platform
            is_number = number.isascii() and number.isdigit() and len(number) <= _DIGITS
            try:
                profile_id = bytes.fromhex(name)
            except ValueError:
                raise malformed("a PC asks for no profile's key") from None
            if len(profile_id) != PROFILE_ID_SIZE or not is_number:
                raise malformed("a PC asks for no profile's key")
        return KeyWanted(profile_id, int(number))

    def give(self, copy: KeyCopy, *, now_ms: int) -> bytes:
        """Return blob 4 with the key, after `enter_code`; the handshake is over.

        Raises:
            PeerError: code offer_expired; dead then.
            UsageError: code wrong_state or offer_used.
        """
        self._expect(PhoneState.MATCHED)
        assert self._transcript is not None
        assert self._offer is not None
        with self._dying():
            expect_open(now_ms, self.deadline_ms)
        enc, sealed = link_suite().seal(self._offer.hpke_public, _info(self._transcript), b"", copy.encode())
        self.state = PhoneState.LINKED
        return enc + sealed


def _info(transcript: Transcript) -> bytes:
    return sha384(domains.KEY_RETURN + transcript.hash)
