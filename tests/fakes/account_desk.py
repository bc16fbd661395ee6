"""What surrounds a module about accounts: a real identity, a real store, a directory and a keeper on paper.

desk = AccountDesk(around, Person("anna"))          # around: DeliveryContext
desk.relay.entries["ben"] = answer_of(Person("ben"))
desk.keeper.sent                                    # what went to the own devices
"""

from __future__ import annotations

from typing import Any, cast

from byre.client.connection import DirectoryAnswer
from byre.client.context import Context, OwnIdentity, write_own
from byre.errors import EnvironmentFault
from byre.identity.records import AccountRecord, DeviceRecord
from byre.wire.content_bodies import Body
from byre.wire.ids import RunId
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import NOW_MS, RELAY, Device, Person


def own_of(person: Person, device: Device | None = None) -> OwnIdentity:
    """The identity of one device of a person: of the primary unless another is named."""
    device = device or person.primary
    return OwnIdentity(
        account_id=person.account_id,
        account_public=person.key.public,
        account_key=person.key if device is person.primary else None,
        device_key=device.key,
        certificate=device.certificate,
        device_list=person.device_list,
        binding=person.binding,
        mailbox=device.mailbox,
        introduction_token=device.token,  # type: ignore[arg-type]
        relay=RELAY,
        name=person.handle.title(),
        run_id=RunId(b"run id 8"),
    )


def record_of(device: Device) -> DeviceRecord:
    """What a device publishes of itself."""
    return DeviceRecord.issue(
        device.key,
        certificate=device.certificate,
        relay_url=RELAY,
        mailbox_id=device.mailbox.mailbox_id,
        introduction_token=device.token,
        now_ms=NOW_MS,
    )


def answer_of(person: Person, *devices: Device) -> DirectoryAnswer:
    """What an honest directory says of a person."""
    record = AccountRecord.issue(
        person.key,
        binding=person.binding,
        device_list=person.device_list,
        recovery_file=b"",
        fetch_key=b"",
        now_ms=NOW_MS,
    )
    return DirectoryAnswer(
        account_record=record.encoded,
        device_lists=(person.device_list.encoded,),
        device_records=tuple(record_of(device).encoded for device in devices or (person.primary,)),
        recovery_file=None,
    )


class DirectoryOnPaper:
    """A relay that knows `entries` by handle or account id (hex); `fault` is what it answers instead."""

    def __init__(self) -> None:
        self.entries: dict[str, DirectoryAnswer] = {}
        self.published: list[bytes] = []
        self.recovery_files: list[bytes | None] = []
        self.fault: Exception | None = None

    async def directory_get(
        self, *, handle: str = "", account_id: bytes = b"", fetch_key: bytes = b""
    ) -> DirectoryAnswer | None:
        self._check()
        return self.entries.get(handle or account_id.hex())

    async def directory_put_account(self, record: bytes, *, recovery_file: bytes | None = None) -> None:
        self._check()
        self.published.append(record)
        self.recovery_files.append(recovery_file)

    def _check(self) -> None:
        if self.fault is not None:
            raise self.fault


class KeeperOnPaper:
    """Own devices in own rooms, as a list of who is where."""

    def __init__(self) -> None:
        self.is_in_room = True
        self.in_device_room: set[bytes] = set()
        self.lacking: dict[bytes, list[bytes]] = {}
        self.sent: list[Body] = []
        self.sent_to: list[bytes] = []
        self.added: list[tuple[bytes, bytes]] = []
        self.handlers: dict[str, Any] = {}
        self.faults: dict[bytes, Exception] = {}

    async def has_device_room(self) -> bool:
        return self.is_in_room

    async def is_in_device_room(self, device_id: bytes) -> bool:
        return device_id in self.in_device_room

    async def add_to_device_room(self, device_id: bytes, key_package: bytes) -> None:
        self.in_device_room.add(device_id)

    async def rooms_lacking(self, device_id: bytes) -> list[bytes]:
        return self.lacking.get(device_id, [])

    async def add_own_device(self, group_id: bytes, key_package: bytes) -> None:
        self.added.append((group_id, key_package))
        if group_id in self.faults:
            raise self.faults[group_id]

    async def send_to_own_devices(self, body: Body, *, to: bytes | None = None) -> None:
        self.sent.append(body)
        if to is not None:
            self.sent_to.append(to)

    def on_device_content(self, kind: str, handler: Any) -> None:
        self.handlers[kind] = handler


class AccountDesk:
    """A `DeliveryContext` with a real own identity in its store, a directory and a keeper."""

    def __init__(self, around: DeliveryContext, person: Person, device: Device | None = None) -> None:
        self.around, self.person = around, person
        self.relay, self.keeper = DirectoryOnPaper(), KeeperOnPaper()
        around.own = own_of(person, device)  # type: ignore[assignment]
        around.clock._now_ms = NOW_MS
        around.network.relay = lambda url: self.relay  # type: ignore[method-assign]
        cast(Any, around).own_relay = self.relay
        around.store.now(lambda tx: write_own(tx, self.own, NOW_MS, is_published=True, is_linked=True))

    @property
    def context(self) -> Context:
        return self.around.context

    @property
    def own(self) -> OwnIdentity:
        return cast(OwnIdentity, self.around.own)

    def is_away(self) -> None:
        """The relay cannot be reached from now on."""
        self.relay.fault = EnvironmentFault("the relay cannot be reached", code="relay_unreachable")
