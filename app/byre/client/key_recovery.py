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

from byre.client.directory import typed_account, typed_relay
from byre.client.events import KeyReturned, LinkEnded
from byre.client.handshake import await_reply, ending_of, post_offer, tell_phone
from byre.client.profile import Profile
from byre.client.recovery_fetch import fetch_by_code, wrong_recovery_code
from byre.client.session import Surroundings
from byre.client.tasks import TaskSupervisor
from byre.client.views import LinkOffer
from byre.errors import ByreError, EnvironmentFault, PeerError, UsageError
from byre.identity.handle import Address
from byre.identity.key_copy import KeyCopy, open_key_copy
from byre.identity.linking.key_return import KeySeeker, KeyWanted
from byre.identity.recovery import copy_key_pair, split_copy

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
        wanted = KeyWanted(*self._wanted())
        seeker = await post_offer(
            self._around,
            relay,
            lambda url, now_ms: KeySeeker(wanted, relay_url=url, now_ms=now_ms, random=self._around.random),
        )
        self._drop()
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
        copy = await self._fetch(code, typed_relay(relay), typed_account(handle, relay))
        if copy is None or (copy.profile_id, copy.generation) != wanted:
            raise UsageError("The relay keeps no key for this profile.", code="no_key_copy")
        await self._take(copy)
        await self._unlock(passphrase)

    async def cancel(self) -> bool:
        """End the asking; returns whether there was any."""
        had_one = self._seeker is not None
        if self._seeker is not None:
            self._tasks.spawn(tell_phone(self._around, self._seeker), "key: tell the phone")
        self._drop()
        if had_one:
            self._around.events.publish(LinkEnded("cancelled"))
        return had_one

    def _wanted(self) -> tuple[bytes, int]:
        wanted = self._profile.returning.wanted()
        if wanted is None:
            raise UsageError("No locked profile waits for its key.", code="wrong_state")
        return wanted

    async def _fetch(self, code: str, relay_url: str, address: Address) -> KeyCopy | None:
        code, _, file = await fetch_by_code(self._around.network.relay(relay_url), address.handle, code)
        sealed = split_copy(file)[1]
        try:
            return open_key_copy(copy_key_pair(code)[0], sealed) if sealed else None
        except PeerError as error:
            if error.code == "bad_ciphertext":
                raise wrong_recovery_code() from None
            raise

    async def _take(self, copy: KeyCopy) -> None:
        async with self._profile.changing:
            await self._profile.returning.give(copy.secret)

    async def _seek(self, seeker: KeySeeker) -> None:
        code = ""
        try:
            copy = await await_reply(self._around, seeker, lambda blob, now_ms: seeker.receive_key(blob, now_ms=now_ms))
            await self._take(copy)
        except ByreError as error:
            code = ending_of(error)
        if self._seeker is seeker:
            self._seeker = None
            if code:
                self._around.events.publish(LinkEnded(code))
        if not code:
            await self._opened()

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
