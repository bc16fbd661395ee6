"""The engine: one profile, its services behind `EngineApi`, and the network that outlives an open profile.

`open_engine` builds it; nothing in here decides anything. Services of an account exist only while the profile is
open, so `rooms`, `messages` and the others are doors: they lead to the open session and refuse with `locked` or
`wrong_state` otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, cast

from byre.client.account import Account
from byre.client.api import (
    BackupsApi,
    ContactsApi,
    DevicesApi,
    ErasuresApi,
    MessagesApi,
    RecoveryCodeApi,
    RoomsApi,
    SettingsApi,
    WipesApi,
)
from byre.client.backups import Backups
from byre.client.clock import Clock, SystemClock
from byre.client.connection import Network, Progress, Route
from byre.client.events import ConnectionChanged, EventBus, ProfileDamaged, StatusChanged
from byre.client.key_giving import is_key_uri
from byre.client.key_recovery import KeyRecovery
from byre.client.linking_pc import PcLinking
from byre.client.network_settings import NetworkSettings
from byre.client.profile import Profile, finish_destroying
from byre.client.removal import Removal
from byre.client.rewinding import Rewinding
from byre.client.rewound import LOOK_EVERY_S
from byre.client.session import MakeRooms, Session, Surroundings
from byre.client.stretch import Turns
from byre.client.tasks import TaskSupervisor
from byre.client.views import DeviceId, LinkOffer, LinkRequest, ProfileState
from byre.crypto.random import Random, system_random
from byre.errors import EnvironmentFault
from byre.store import Certifier, KeyStore, PassphraseCosts, ProfileVault, SystemKeyStore

log = logging.getLogger(__name__)

KEY_PACKAGE_STOCK = 40
CHANGE_WAIT_S = 5.0
_PLATFORMS = {"linux": "Linux", "win32": "Windows", "darwin": "macOS"}


class Engine:
    """`EngineApi`. Build with `open_engine`."""

    def __init__(
        self,
        *,
        profile: Profile,
        surroundings: Surroundings,
        router: NetworkRouter,
        tasks: TaskSupervisor,
        network_settings: NetworkSettings,
        device_name: str,
    ) -> None:
        self._profile = profile
        self._network = surroundings.network
        self._clock = surroundings.clock
        self._router = router
        self._tasks = tasks
        self.events = surroundings.events
        self.account = Account(profile, surroundings, device_name=device_name, is_connected=router.is_connected)
        pc_linking = PcLinking(
            profile, surroundings, tasks, platform=_PLATFORMS.get(sys.platform, ""), status=self.account.status
        )
        self.account.attach(pc_linking, Removal(profile, surroundings, tasks, status=self.account.status))
        self._rewinding = Rewinding(profile, surroundings, tasks, go_on=self.account.go_on)
        self.key_recovery = KeyRecovery(profile, surroundings, tasks, unlock=self.account.unlock)
        self.linking = Linking(profile, pc_linking)
        self.backups: BackupsApi = Backups(
            profile, random=surroundings.random, now_ms=surroundings.clock.now_ms, go_on=self.account.go_on
        )
        self.recovery_code = cast(RecoveryCodeApi, Door(profile, lambda session: session.recovery_code))
        self.devices = cast(DevicesApi, Door(profile, lambda session: session.devices))
        self.contacts = cast(ContactsApi, Door(profile, lambda session: session.contacts))
        self.rooms = cast(RoomsApi, Door(profile, lambda session: session.rooms.rooms))
        self.messages = cast(MessagesApi, Door(profile, lambda session: session.rooms.messages))
        self.wipes = cast(WipesApi, Door(profile, lambda session: session.rooms.wipes))
        self.erasures = cast(ErasuresApi, Door(profile, lambda session: session.rooms.erasures))
        self.network = network_settings
        self.settings = cast(SettingsApi, Door(profile, lambda session: session.settings))
        router.attach(profile, self.events, self.account)
        profile.when_damaged(self._damaged)

    async def start(self) -> None:
        """Connect, and open what opens without a person: a profile whose key the key store has.

        Raises:
            EnvironmentFault: code db_newer, io_error: the profile stays as it is. Damage and a key store that does not
                answer are no errors here: the state is `locked`, and `unlock` says why.
        """
        await finish_destroying(self._profile)
        state = self._profile.state
        await self._network.start()
        if state is ProfileState.LOCKED and not self._profile.has_passphrase:
            try:
                await self.account.unlock()
            except EnvironmentFault as error:
                if error.code not in ("key_unavailable", "db_damaged"):
                    raise
        self._tasks.spawn(self._raise_marks(), "raise the profile's number")
        self.events.publish(StatusChanged(self.account.status()))

    def _damaged(self) -> None:
        self._tasks.spawn(self._give_up_damaged(), "close a damaged profile")

    async def _give_up_damaged(self) -> None:
        """Use the store no more: what is not on the disk is not acknowledged, messages wait at the relay."""
        log.warning("the database is damaged; the profile is closed")
        async with self._profile.changing:
            await self._profile.give_up_damaged()
        if self._profile.is_damaged:
            self.events.publish(ProfileDamaged())
            self.events.publish(StatusChanged(self.account.status()))

    async def _raise_marks(self) -> None:
        """Now and then: what was put back from a copy older than this is noticed (`rewound`)."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            async with self._profile.changing:
                await self._profile.keep_marks_up()

    async def lock(self) -> None:
        """Close the profile and forget its keys; `account.unlock` opens it again.

        Raises:
            UsageError: code wrong_state (no account) or locked.
        """
        await self.account.lock()

    async def reconnect(self) -> None:
        """Try to connect now, whatever the back-off says."""
        self._network.reconnect()

    async def stop(self) -> None:
        """End in order: tasks, deliveries, sockets, then the store. What was queued stays queued."""
        await self._tasks.stop()
        with contextlib.suppress(TimeoutError), self._profile.relay_waits.ended():
            async with asyncio.timeout(CHANGE_WAIT_S), self._profile.changing:
                pass  # a profile that is just being made or given up comes to its end first
        await self._profile.close()
        await self._network.stop()


class Linking:
    """`LinkingApi`: the PC's half before there is an account, the phone's half after."""

    def __init__(self, profile: Profile, pc: PcLinking) -> None:
        self._profile = profile
        self._pc = pc

    async def offer(self, *, relay: str, device_name: str, passphrase: str | None = None) -> LinkOffer:
        """On the PC: see `PcLinking.offer`."""
        return await self._pc.offer(relay=relay, name=device_name, passphrase=passphrase)

    async def finish(self, accept: bool) -> DeviceId | None:
        """On the PC: see `PcLinking.finish`."""
        return await self._pc.finish(accept)

    async def accept(self, uri: str) -> LinkRequest:
        """On the phone: see `PhoneLinking.accept`, and `KeyGiving.accept` for a PC that has lost its key.

        The code that is typed next is for the QR that was scanned last.
        """
        session = self._profile.session
        if is_key_uri(uri):
            return await session.key_giving.accept(uri)
        await session.key_giving.cancel()
        return await session.linking.accept(uri)

    async def confirm(self, code: str) -> None:
        """On the phone: see `PhoneLinking.confirm`."""
        session = self._profile.session
        await (session.key_giving if session.key_giving.is_under_way else session.linking).confirm(code)

    async def cancel(self) -> None:
        """On either end; nothing happens when no linking is under way."""
        if not await self._pc.cancel() and self._profile.state is ProfileState.READY:
            await self._profile.session.key_giving.cancel()
            await self._profile.session.linking.cancel()


class Door:
    """Leads to a service of the open session, or of what a removed device left: its services refuse to change rooms.

    Raises, at each use: UsageError code locked or wrong_state.
    """

    def __init__(self, profile: Profile, choose: Callable[[Session], object]) -> None:
        self._profile = profile
        self._choose = choose

    def __getattr__(self, name: str) -> Any:
        return getattr(self._choose(self._profile.readable), name)


class NetworkRouter:
    """Passes what the network reports to the open session, and knows which relays are there."""

    def __init__(self) -> None:
        self._profile: Profile | None = None
        self._events: EventBus | None = None
        self._account: Account | None = None
        self._connected: set[str] = set()

    def attach(self, profile: Profile, events: EventBus, account: Account) -> None:
        """Say where reports go; the network is built before the engine."""
        self._profile, self._events, self._account = profile, events, account

    def is_connected(self, relay_url: str) -> bool:
        """Whether a relay is reachable now."""
        return relay_url in self._connected

    async def on_envelopes(self, relay_url: str, mailbox_id: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        """Hand envelopes on; without an open profile the relay keeps them."""
        session = self._session
        if session is None:
            raise EnvironmentFault("no profile is open", code="locked")
        await session.on_envelopes(relay_url, mailbox_id, envelopes)

    def on_progress(self, mid: bytes, progress: Progress) -> None:
        """Hand on."""
        if self._session is not None:
            self._session.rooms.on_progress(mid, progress)

    def on_failed(self, mid: bytes, code: str, retry_after_ms: int) -> None:
        """Hand on."""
        if self._session is not None:
            self._session.rooms.on_failed(mid, code, retry_after_ms)

    def on_connection(self, relay_url: str, is_connected: bool) -> None:
        """Note it, hand it on, and tell the user about the own relay."""
        if is_connected == (relay_url in self._connected):
            return
        if is_connected:
            self._connected.add(relay_url)
        else:
            self._connected.discard(relay_url)
        session = self._session
        if session is None or self._events is None or self._account is None:
            return
        session.on_connection(relay_url, is_connected)
        if session.is_complete and relay_url == session.context.own.relay:
            self._events.publish(ConnectionChanged(is_connected))
            self._events.publish(StatusChanged(self._account.status()))

    def on_waiting(self, relay_url: str, next_try_ms: int, code: str) -> None:
        """Tell the user when the own relay is tried again."""
        session = self._session
        if session is None or self._events is None or not session.is_complete:
            return
        if relay_url == session.context.own.relay:
            self._events.publish(ConnectionChanged(False, next_try_ms, code))

    def on_store(self, relay_url: str, store_epoch: bytes) -> None:
        """Hand on."""
        if self._session is not None:
            self._session.rooms.on_store(relay_url, store_epoch)

    def on_mailbox_refused(self, relay_url: str, mailbox_id: bytes) -> None:
        """Hand on what concerns the own mailbox."""
        session = self._session
        if session is not None and mailbox_id == session.context.own.mailbox.mailbox_id:
            session.on_mailbox_refused()

    def on_key_package_count(
        self, relay_url: str, mailbox_id: bytes, one_time: int, has_last_resort: bool, is_last_resort_used: bool
    ) -> None:
        """Hand on what concerns the own mailbox."""
        session = self._session
        if session is not None and mailbox_id == session.context.own.mailbox.mailbox_id:
            session.on_key_package_count(one_time, has_last_resort, is_last_resort_used)

    @property
    def _session(self) -> Session | None:
        return None if self._profile is None else self._profile.open_session


async def open_engine(
    profile_dir: Path,
    *,
    clock: Clock | None = None,
    random: Random = system_random,
    key_store: KeyStore | Literal["system"] | None = "system",
    passphrase_costs: PassphraseCosts | None = None,
    device_name: str = "",
    route: Route | None = None,
    key_package_stock: int = KEY_PACKAGE_STOCK,
    make_rooms: MakeRooms | None = None,
    certify: Certifier | None = None,
    on_bug: Callable[[str, BaseException], None] | None = None,
) -> Engine:
    """Build the engine of a profile folder, which need not exist; `start` it, `stop` it.

    Args:
        profile_dir: the caller holds its lock until after `stop`.
        key_store: None for a machine without one.
        passphrase_costs: cheaper ones for tests.
        device_name: what this device is called if it becomes a primary; the machine's name when empty.
        route: how relays are reached in this run; the profile's own way when None.
        make_rooms, certify: the rooms' services; others for tests.
        on_bug: told of background tasks that failed by a bug.
    """
    clock = clock or SystemClock()
    store = SystemKeyStore() if key_store == "system" else key_store
    make_rooms, certify = make_rooms or _real_rooms(), certify or _real_certify()
    router, turns = NetworkRouter(), Turns()
    surroundings = Surroundings(
        network=Network(callbacks=router, clock=clock, random=random, turns=turns, route=route),
        events=EventBus(),
        turns=turns,
        clock=clock,
        random=random,
        make_rooms=make_rooms,
        key_package_stock=key_package_stock,
        on_bug=on_bug,
    )
    vault = ProfileVault(profile_dir, random=random, key_store=store, costs=passphrase_costs)
    network_settings = NetworkSettings(surroundings.network, is_given=route is not None)
    profile = Profile(vault, surroundings, certify=certify, key_store=store, network_settings=network_settings)
    return Engine(
        profile=profile,
        surroundings=surroundings,
        router=router,
        tasks=TaskSupervisor(on_bug),
        network_settings=network_settings,
        device_name=device_name or _machine_name(),
    )


def _real_rooms() -> MakeRooms:
    from byre.client.rooms.keeper import Keeper

    return Keeper


def _real_certify() -> Certifier:
    from byre.client.wiping import certify

    return certify


def _machine_name() -> str:
    import platform

    return platform.node()[:64] or "Byre"
