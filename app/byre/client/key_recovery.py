"""A locked profile whose outer secret the key store has lost: back by the phone, or by the recovery code of a primary.

```
 key_unavailable ─┬─ ask_phone ──▶ QR, code shown ──▶ the phone gives it ──┐
                  └─ with_code ──▶ beside the recovery file at the relay ──┴──▶ key file knows it ──▶ key store, open
```
Nothing is written before the key file has known the secret again, and nothing is ever deleted here: who gives up still
has the locked profile. In mode B the passphrase is needed besides.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from byre.client.directory import typed_address
from byre.client.events import KeyReturned, LinkCodeShown, LinkEnded
from byre.client.profile import Profile
from byre.client.rendezvous import (
    ANSWER,
    GRANT,
    OFFER,
    REVEAL,
    offer_expired,
    offer_used,
    put_blob,
    wait_for_blob,
)
from byre.client.session import Surroundings
from byre.client.tasks import TaskSupervisor
from byre.client.views import LinkOffer
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.identity.key_copy import KeyCopy, open_key_copy
from byre.identity.linking.key_return import KeySeeker, KeyWanted
from byre.identity.recovery import copy_key_pair, fetch_key, normalise_code, split_copy
from byre.wire.relay_url import authority_of, parse_relay_url

TASK_SEEK = "key: ask the phone"

Unlock = Callable[[str | None], Awaitable[None]]


class KeyRecovery:
    """`KeyRecoveryApi`.

    Args:
        unlock: opens the profile once its key is back.
    """

    def __init__(self, profile: Profile, surroundings: Surroundings, tasks: TaskSupervisor, *, unlock: Unlock) -> None:
        self._profile = profile
        self._around = surroundings
        self._tasks = tasks
        self._unlock = unlock
        self._seeker: KeySeeker | None = None

    def is_possible(self) -> bool:
        """Whether the profile is locked and a key of a key store opens it."""
        return self._profile.returning.wanted() is not None

    async def ask_phone(self, relay: str) -> LinkOffer:
        """On a PC: show a QR to the phone that keeps a copy; `LinkCodeShown`, then `KeyReturned` or `LinkEnded`.

        Raises:
            UsageError: code bad_relay, or wrong_state: no locked profile waits for a key.
            EnvironmentFault: code relay_unreachable.
        """
        wanted, random = self._wanted(), self._around.random
        try:
            seeker = KeySeeker(
                KeyWanted(*wanted), relay_url=parse_relay_url(relay), now_ms=self._around.clock.now_ms(), random=random
            )
        except PeerError:
            raise UsageError("This is no relay's address.", code="bad_relay") from None
        self._drop()
        client = self._around.network.relay(seeker.payload.relay_url)
        await put_blob(client, seeker.payload.rendezvous, OFFER, seeker.blob1)
        self._seeker = seeker
        self._tasks.spawn(self._seek(seeker), TASK_SEEK)
        return LinkOffer(seeker.uri, seeker.payload.expires_ms)

    async def with_code(self, code: str, *, relay: str, handle: str, passphrase: str | None = None) -> None:
        """On a primary: fetch the copy that its recovery code opens, and open the profile.

        Raises:
            UsageError: code bad_relay, bad_handle, no_such_handle, wrong_recovery_code, wrong_state, wrong_passphrase,
                passphrase_required, or no_key_copy: none was laid there, or an older one.
            EnvironmentFault: code relay_unreachable and what `unlock` raises.
        """
        wanted = self._wanted()
        try:
            relay_url = parse_relay_url(relay)
        except PeerError:
            raise UsageError("This is no relay's address.", code="bad_relay") from None
        address = typed_address(handle)
        if address.host not in (None, authority_of(relay_url)):
            raise UsageError("The handle names another relay.", code="bad_handle")
        copy = await self._fetch(code, relay_url, address.handle)
        if copy is None or (copy.profile_id, copy.generation) != wanted:
            raise UsageError("The relay keeps no key for this profile.", code="no_key_copy")
        await self._take(copy)
        await self._unlock(passphrase)

    async def cancel(self) -> bool:
        """End the asking; returns whether there was any."""
        had_one = self._seeker is not None
        self._drop()
        if had_one:
            self._around.events.publish(LinkEnded("cancelled"))
        return had_one

    def _wanted(self) -> tuple[bytes, int]:
        wanted = self._profile.returning.wanted()
        if wanted is None:
            raise UsageError("No locked profile waits for its key.", code="wrong_state")
        return wanted

    async def _fetch(self, code: str, relay_url: str, handle: str) -> KeyCopy | None:
        relay = self._around.network.relay(relay_url)
        try:
            code = normalise_code(code)
            answer = await relay.directory_get(handle=handle, fetch_key=fetch_key(code))
            if answer is None or answer.recovery_file is None:
                if answer is None and await relay.directory_get(handle=handle) is None:
                    raise UsageError("Nobody has this handle at that relay.", code="no_such_handle")
                raise _wrong_code()
            sealed = split_copy(answer.recovery_file)[1]
            return open_key_copy(copy_key_pair(code)[0], sealed) if sealed else None
        except PeerError as error:
            if error.code in ("wrong_recovery_code", "bad_ciphertext"):
                raise _wrong_code() from None
            raise

    async def _take(self, copy: KeyCopy) -> None:
        async with self._profile.changing:
            await self._profile.returning.give(copy.secret)

    async def _seek(self, seeker: KeySeeker) -> None:
        code = ""
        try:
            await self._shake_hands(seeker)
        except EnvironmentFault as error:
            code = error.code if error.code == "relay_unreachable" else "link_failed"
        except (UsageError, PeerError) as error:
            code = error.code if error.code in ("offer_expired", "offer_used", "wrong_key") else "link_failed"
        if self._seeker is seeker:
            self._seeker = None
            if code:
                self._around.events.publish(LinkEnded(code))
        if not code:
            await self._opened()

    async def _shake_hands(self, seeker: KeySeeker) -> None:
        clock, random = self._around.clock, self._around.random
        relay, rendezvous = self._around.network.relay(seeker.payload.relay_url), seeker.payload.rendezvous
        blob2 = await wait_for_blob(clock, relay, rendezvous, ANSWER, until_ms=seeker.payload.expires_ms)
        if blob2 is None:
            raise offer_expired()
        shown = seeker.receive_blob2(blob2, now_ms=clock.now_ms(), random=random)
        await put_blob(relay, rendezvous, REVEAL, shown.blob3)
        self._around.events.publish(LinkCodeShown(shown.code, shown.handle, shown.host))
        blob4 = await wait_for_blob(clock, relay, rendezvous, GRANT, until_ms=seeker.deadline_ms)
        if blob4 is None:
            raise offer_expired()
        try:
            copy = seeker.receive_key(blob4, now_ms=clock.now_ms())
        except PeerError as error:
            if error.code == "bad_ciphertext":  # the phone has ended it, or somebody else wrote into the slot
                raise offer_used() from None
            raise
        await self._take(copy)

    async def _opened(self) -> None:
        """Open the profile if nothing but the key was missing; otherwise its user types the passphrase."""
        if not self._profile.has_passphrase:
            try:
                await self._unlock(None)
            except (UsageError, EnvironmentFault) as error:
                self._around.events.publish(LinkEnded(error.code))
                return
        self._around.events.publish(KeyReturned())

    def _drop(self) -> None:
        self._tasks.cancel(TASK_SEEK)
        if self._seeker is not None:
            self._seeker.cancel()
            self._seeker = None


def _wrong_code() -> UsageError:
    return UsageError("This is not the recovery code of this account.", code="wrong_recovery_code")
