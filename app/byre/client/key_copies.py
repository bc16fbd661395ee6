"""Copies of outer secrets: this profile's one kept elsewhere, and those that the phone keeps for its PCs.

```
 PC     S(g) ── sealed to the phone's mailbox key ──▶ device room ──▶ phone keeps it, drops the one before ──▶ `kept`
 phone  S(g) ── sealed to the recovery code's key ──▶ beside the recovery file at the own relay
```
A wipe makes another S: its copy follows, and until it has replaced the one before the wipe's certificate says so
(`key_copy_pending`). Whoever seals cannot open, so that no image of a disk holds a copy that it can read.
"""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass
from typing import Any, cast

from byre.client.context import Context
from byre.client.registration import Registration, read_recovery, write_recovery
from byre.client.room_keeper import AfterCommit, DeviceMessage, RoomKeeper
from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault, PeerError
from byre.identity.key_copy import KeyCopy, open_key_copy
from byre.identity.leaf import LeafInfo
from byre.identity.recovery import split_copy, with_copy
from byre.store import Transaction
from byre.store.archive import KEY_COPY
from byre.store.erasures import DEBT
from byre.store.vault_return import KeyReturn
from byre.wire.key_bodies import KeyCopyGiven, KeyCopyKept

log = logging.getLogger(__name__)

STATE = "engine.key_copy"
"""Setting: which copy of this profile's secret is where, and whether it is known to be kept."""
COPY_PUBLIC = "engine.key_copy_public"
"""Setting of the primary: the public half of what its recovery code opens copies with (hex)."""
AT_RELAY = "relay"
ASK_AGAIN_MS = 24 * 3600 * 1000
RENEW_MS = 7 * 24 * 3600 * 1000
"""A copy that is known to be kept is given anew so often: a phone out of a backup has none, and knows of none."""


@dataclass(frozen=True, slots=True)
class CopyState:
    """The newest copy that was sent: to a device (hex) or to the relay.

    `device`: which device (hex) this was then: linked again it is another one, for whom nothing is kept yet.
    """

    profile: str
    generation: int
    holder: str
    is_kept: bool
    sent_at: int
    device: str = ""


class KeyCopies:
    """Keeps copies where they belong. `returning` None: a test without keys."""

    def __init__(
        self, context: Context, keeper: RoomKeeper, registration: Registration, returning: KeyReturn | None
    ) -> None:
        self._context = context
        self._keeper = keeper
        self._registration = registration
        self._returning = returning
        keeper.on_device_content(KeyCopyGiven.KIND, self._given)
        keeper.on_device_content(KeyCopyKept.KIND, self._kept)

    async def run(self) -> None:
        """See that the copy of the present secret is kept, and that none is kept for a device that was removed.

        Raises:
            ByreError: the relay is away or refuses; it is tried again.
        """
        if self._context.own.is_primary and await self._context.store.write(self._drop_strangers) > 0:
            await self._context.store.fold()
        held = None if self._returning is None else self._returning.copy()
        if held is None:
            await self._withdraw()
            return
        copy = KeyCopy(*held)
        if self._context.own.is_primary:
            await self._publish(copy)
        else:
            await self._send(copy)

    async def _publish(self, copy: KeyCopy) -> None:
        """Lay the primary's copy beside its recovery file, where nobody but the code opens it."""
        now_ms = self._context.clock.now_ms()

        def seal(tx: Transaction) -> bool:
            public = tx.settings.get(COPY_PUBLIC)
            if not isinstance(public, str) or _is_at(tx, copy, AT_RELAY, is_kept=True):
                return False
            file, fetch_key = read_recovery(tx)
            sealed = copy.seal(bytes.fromhex(public))
            write_recovery(tx, with_copy(split_copy(file)[0], sealed), fetch_key)
            _write(tx, copy, AT_RELAY, is_kept=False, now_ms=now_ms)
            return True

        if await self._context.store.write(seal):
            await self._registration.publish_account(self._context.own.device_list)
            await self._context.store.write(lambda tx: _write(tx, copy, AT_RELAY, is_kept=True, now_ms=now_ms))

    async def _send(self, copy: KeyCopy) -> None:
        """Give the PC's copy to the phone that has a leaf in the device room."""
        now_ms = self._context.clock.now_ms()

        def seal(tx: Transaction) -> KeyCopyGiven | None:
            phone = _phone(tx)
            if phone is None:
                return None
            device_id, mailbox_key = phone
            if any(_is_fresh(tx, copy, device_id.hex(), now_ms, is_kept=kept) for kept in (False, True)):
                return None
            _write(tx, copy, device_id.hex(), is_kept=False, now_ms=now_ms)
            return KeyCopyGiven(copy.profile_id, copy.generation, copy.seal(mailbox_key))

        body = await self._context.store.write(seal)
        if body is not None:
            await self._keeper.send_to_own_devices(body)

    async def _withdraw(self) -> None:
        """The profile is opened by a passphrase alone now: what was kept would only bring an old image back to life."""
        is_primary = self._context.own.is_primary

        def end(tx: Transaction) -> CopyState | None:
            state = read_state(tx)
            if state is not None and is_primary:
                file, fetch_key = read_recovery(tx)
                write_recovery(tx, split_copy(file)[0], fetch_key)
            elif state is not None:
                tx.settings.delete(STATE)
            return state

        state = await self._context.store.write(end)
        if state is None:
            return
        if is_primary:
            await self._registration.publish_account(self._context.own.device_list)
            await self._context.store.write(lambda tx: tx.settings.delete(STATE))
        else:
            nothing = KeyCopyGiven(bytes.fromhex(state.profile), state.generation, b"")
            await self._keeper.send_to_own_devices(nothing)

    def _given(self, tx: Transaction, message: DeviceMessage) -> AfterCommit | None:
        """On the phone: keep a PC's copy in place of the one before."""
        body, own = message.body, self._context.own
        if not isinstance(body, KeyCopyGiven) or not own.is_primary:
            return None
        if not body.sealed:
            return self._dropped(tx, body, message.sender_device_id)
        try:
            copy = open_key_copy(own.mailbox.box_private, body.sealed)
        except PeerError as error:
            log.warning("a key copy does not open: %s", error.code)
            return None
        name, before = KEY_COPY + copy.profile_id.hex(), kept_copy(tx, copy.profile_id)
        if before is not None and before.holder_of != message.sender_device_id.hex() and self._is_listed(before):
            return None  # another device's profile
        if (copy.profile_id, copy.generation) != (body.profile_id, body.generation):
            return None
        tx.settings.delete(name)
        value = {"device": message.sender_device_id.hex(), "generation": copy.generation}
        tx.settings.put(name, {**value, "secret": copy.secret.reveal().hex()})
        tx.settings.put(DEBT, tx.erasures.debt() + 1)  # what was there before goes with the next idle rotation at last
        kept = KeyCopyKept(copy.profile_id, copy.generation)
        return lambda: self._context.tasks.spawn(self._confirm(kept), "a key copy is kept")

    def _dropped(self, tx: Transaction, body: KeyCopyGiven, device_id: bytes) -> AfterCommit | None:
        before = kept_copy(tx, body.profile_id)
        if before is None or before.holder_of != device_id.hex():
            return None
        tx.settings.delete(KEY_COPY + body.profile_id.hex())
        tx.settings.put(DEBT, tx.erasures.debt() + 1)
        return lambda: self._context.tasks.spawn(self._fold(), "a key copy is dropped")

    async def _fold(self) -> None:
        with contextlib.suppress(EnvironmentFault):
            await self._context.store.fold()

    async def _confirm(self, kept: KeyCopyKept) -> None:
        """Say that the new copy has taken the old one's place, once no page of the WAL holds that any more."""
        await self._fold()
        await self._keeper.send_to_own_devices(kept)

    def _kept(self, tx: Transaction, message: DeviceMessage) -> AfterCommit | None:
        body, state = message.body, read_state(tx)
        if (
            isinstance(body, KeyCopyKept)
            and state is not None
            and state.holder == message.sender_device_id.hex()
            and (state.profile, state.generation) == (body.profile_id.hex(), body.generation)
        ):
            tx.settings.put(STATE, {**_value(state), "is_kept": True})
        return None

    def _drop_strangers(self, tx: Transaction) -> int:
        """Forget what was kept for devices that are listed no more; returns how many."""
        dropped = 0
        for name in tx.settings.names():
            if not name.startswith(KEY_COPY):
                continue
            copy = kept_copy(tx, bytes.fromhex(name.removeprefix(KEY_COPY)))
            if copy is not None and not self._is_listed(copy):
                tx.settings.delete(name)
                dropped += 1
        if dropped:
            tx.settings.put(DEBT, tx.erasures.debt() + dropped)
        return dropped

    def _is_listed(self, copy: KeptCopy) -> bool:
        return any(entry.device_id.hex() == copy.holder_of for entry in self._context.own.device_list.devices)


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """A PC's secret that this phone keeps; `holder_of`: the PC's device id in hex."""

    holder_of: str
    copy: KeyCopy


def kept_copy(tx: Transaction, profile_id: bytes) -> KeptCopy | None:
    """Return the copy that this phone keeps for a PC's profile."""
    value = tx.settings.get(KEY_COPY + profile_id.hex())
    if not isinstance(value, dict):
        return None
    known = cast(dict[str, Any], value)
    secret = Secret(bytes.fromhex(known["secret"]))
    return KeptCopy(str(known["device"]), KeyCopy(profile_id, int(known["generation"]), secret))


def read_state(tx: Transaction) -> CopyState | None:
    """Return which copy of this profile's secret was sent, and whether it is kept; None if none ever was."""
    value = tx.settings.get(STATE)
    return CopyState(**cast(dict[str, Any], value)) if isinstance(value, dict) else None


def _value(state: CopyState) -> dict[str, object]:
    return {name: getattr(state, name) for name in CopyState.__slots__}


def _is_at(tx: Transaction, copy: KeyCopy, holder: str, *, is_kept: bool) -> bool:
    state = read_state(tx)
    wanted = (copy.profile_id.hex(), copy.generation, holder, is_kept, _own_device(tx))
    return state is not None and wanted == (
        *(state.profile, state.generation, state.holder, state.is_kept, state.device),
    )


def _is_fresh(tx: Transaction, copy: KeyCopy, holder: str, now_ms: int, *, is_kept: bool) -> bool:
    state, lasts_ms = read_state(tx), RENEW_MS if is_kept else ASK_AGAIN_MS
    return _is_at(tx, copy, holder, is_kept=is_kept) and state is not None and now_ms - state.sent_at < lasts_ms


def _write(tx: Transaction, copy: KeyCopy, holder: str, *, is_kept: bool, now_ms: int) -> None:
    state = CopyState(copy.profile_id.hex(), copy.generation, holder, is_kept, now_ms, _own_device(tx))
    tx.settings.put(STATE, _value(state))


def _own_device(tx: Transaction) -> str:
    account = tx.account.get()
    return "" if account is None else account.device_id.hex()


def _phone(tx: Transaction) -> tuple[bytes, bytes] | None:
    """Device id and mailbox key of the account's primary, if it is in the device room."""
    primaries = {row.device_id for row in tx.own_devices.all() if row.role == "primary"}
    for room in tx.rooms.of_kind("device"):
        for member in tx.members.of_room(room.id):
            if member.device_id in primaries:
                return member.device_id, LeafInfo.decode(member.address).address.mailbox_key
    return None
