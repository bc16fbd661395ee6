"""Every method of the RPC with a call on the engine: (method, params, call, the engine's answer, the result)."""

from __future__ import annotations

from typing import Any

from byre.client.views import (
    AccountId,
    ContactView,
    Created,
    DeviceId,
    DeviceView,
    LinkOffer,
    LinkRequest,
    MemberView,
    MessageId,
    MessageKind,
    MessageState,
    MessageView,
    NetworkView,
    ProfileState,
    Role,
    RoomId,
    RoomKind,
    RoomState,
    RoomView,
    SalvageView,
    Sender,
    SignedListView,
    Status,
    Trust,
    WipeCertificate,
    WipeOrder,
    WipeReceipt,
)

ACCOUNT, DEVICE, ROOM, MESSAGE = "aa" * 32, "bb" * 16, "cc" * 16, "dd" * 16
SENDER = Sender(AccountId(ACCOUNT), "cow", DeviceId(DEVICE))


def a_message(position: int = 1, kind: MessageKind = MessageKind.TEXT) -> MessageView:
    message_id = MessageId(f"{position:032x}")
    return MessageView(message_id, RoomId(ROOM), SENDER, "음매", 5, MessageState.RECEIVED, position, kind=kind)


SHOWN_MESSAGE = {
    "message_id": f"{2:032x}",
    "room_id": ROOM,
    "sender": {"account_id": ACCOUNT, "handle": "cow", "name": "", "device_id": DEVICE},
    "text": "음매",
    "sent_at": 5,
    "state": "received",
}
PHONE = DeviceView(DeviceId(DEVICE), "", Role.PRIMARY)
OX = ContactView(AccountId(ACCOUNT), "ox", "Ox", Trust.CHANGED, "1" * 60, "key", "2" * 60)
SHOWN_OX = {"account_id": ACCOUNT, "handle": "ox", "name": "Ox", "safety_number": "1" * 60}
ORDER = WipeOrder("ee", RoomId(ROOM), DeviceId(DEVICE), 9)
SHOWN_ORDER = {"wipe_id": "ee", "room_id": ROOM, "device_id": DEVICE, "due_at": 9}
CERTIFICATE = WipeCertificate("ee", 1, {"messages": 2}, {"pages": 3}, (), 4, "A", ("flash",), (), "ff", "{}", 3, 2)
SHOWN_CERTIFICATE = {
    "wipe_id": "ee",
    "counts": {"messages": 2},
    "scanned": {"pages": 3},
    "remnants": [],
    "generation": 4,
    "key_mode": "A",
    "limits": ["flash"],
    "exports": [],
    "signature": "ff",
}
CASES: list[tuple[str, dict[str, Any], str, Any, Any]] = [
    (
        "account.create",
        {"handle": "cow", "name": "소", "relay": "http://127.0.0.1:1"},
        "account.create",
        Created(AccountId(ACCOUNT), DeviceId(DEVICE), "CODE"),
        {"account_id": ACCOUNT, "device_id": DEVICE, "recovery_code": "CODE"},
    ),
    (
        "account.restore",
        {"code": "CODE", "handle": "cow", "relay": "http://127.0.0.1:1", "passphrase": "p"},
        "account.restore",
        Created(AccountId(ACCOUNT), DeviceId(DEVICE), ""),
        {"account_id": ACCOUNT, "device_id": DEVICE},
    ),
    ("account.rename", {"name": "소"}, "account.rename", None, {}),
    (
        "account.change_passphrase",
        {"passphrase": "old", "new_passphrase": "new"},
        "account.change_lock",
        "B",
        {"key_mode": "B"},
    ),
    ("account.erase", {}, "account.erase", None, {}),
    (
        "status",
        {},
        "account.status",
        Status(ProfileState.NEW, None, False, is_removed=True),
        {"state": "new", "role": None, "connected": False, "removed": True},
    ),
    ("unlock", {"passphrase": "p"}, "account.unlock", None, {}),
    (
        "status",
        {},
        "account.status",
        Status(ProfileState.READY, Role.LINKED, True),
        {"state": "ready", "role": "linked", "connected": True},
    ),
    (
        "link.offer",
        {"relay": "http://x", "device_name": "PC"},
        "linking.offer",
        LinkOffer("byre://x", 1),
        {"uri": "byre://x"},
    ),
    (
        "link.accept",
        {"uri": "byre://x"},
        "linking.accept",
        LinkRequest("PC", "linux"),
        {"device_name": "PC", "platform": "linux"},
    ),
    ("link.confirm", {"code": "123456"}, "linking.confirm", None, {}),
    ("link.finish", {"accept": True}, "linking.finish", DEVICE, {"device_id": DEVICE}),
    ("link.finish", {"accept": False}, "linking.finish", None, {"device_id": None}),
    ("link.cancel", {}, "linking.cancel", None, {}),
    (
        "contact.add",
        {"handle": "ox"},
        "contacts.add",
        ContactView(AccountId(ACCOUNT), "ox", "", Trust.UNVERIFIED, "1" * 60),
        {"account_id": ACCOUNT, "handle": "ox", "safety_number": "1" * 60},
    ),
    ("room.create", {"members": ["ox"]}, "rooms.create", ROOM, {"room_id": ROOM}),
    (
        "room.list",
        {},
        "rooms.list",
        [RoomView(RoomId(ROOM), "t", RoomKind.GROUP, RoomState.ACTIVE, Trust.UNVERIFIED, 2, 3, 4)],
        {"rooms": [{"room_id": ROOM, "title": "t", "kind": "group", "unread": 2}]},
    ),
    (
        "room.get",
        {"room_id": ROOM},
        "rooms.get",
        RoomView(
            *(RoomId(ROOM), "t", RoomKind.DIRECT, RoomState.ACTIVE, Trust.UNVERIFIED, 2, 3, 4),
            peer_account_id=AccountId(ACCOUNT),
            retention_s=60,
            may_set_retention=True,
        ),
        {
            "room_id": ROOM,
            "title": "t",
            "kind": "direct",
            "unread": 2,
            "state": "active",
            "members": 3,
            "retention": 60,
            "may_set_retention": True,
            "last_activity": 4,
            "peer": ACCOUNT,
        },
    ),
    (
        "message.around",
        {"room_id": ROOM, "message_id": MESSAGE, "limit": 2},
        "messages.around",
        [a_message(2), a_message(1, MessageKind.SYSTEM)],
        {"messages": [SHOWN_MESSAGE]},
    ),
    ("message.at", {"room_id": ROOM, "time": 7}, "messages.first_since", a_message(2), {"message_id": f"{2:032x}"}),
    ("message.at", {"room_id": ROOM, "time": 7}, "messages.first_since", None, {"message_id": None}),
    (
        "room.members",
        {"room_id": ROOM},
        "rooms.members",
        [
            MemberView(
                AccountId(ACCOUNT), "ox", "Ox", (DeviceView(DeviceId(DEVICE), "", Role.PRIMARY),), Trust.UNVERIFIED
            )
        ],
        {"members": [{"account_id": ACCOUNT, "handle": "ox", "name": "Ox", "devices": [{"device_id": DEVICE}]}]},
    ),
    ("room.accept", {"room_id": ROOM}, "rooms.accept", None, {}),
    ("room.add", {"room_id": ROOM, "members": ["ox"]}, "rooms.add", None, {}),
    ("room.remove", {"room_id": ROOM, "account_id": ACCOUNT}, "rooms.remove", None, {}),
    ("room.rename", {"room_id": ROOM, "title": "외양간"}, "rooms.rename", None, {}),
    ("room.set_role", {"room_id": ROOM, "account_id": ACCOUNT, "role": "admin"}, "rooms.set_role", None, {}),
    ("room.set_retention", {"room_id": ROOM, "seconds": 0}, "rooms.set_retention", None, {}),
    ("room.leave", {"room_id": ROOM}, "rooms.leave", None, {}),
    (
        "room.wipe",
        {"room_id": ROOM},
        "wipes.wipe",
        WipeCertificate("ee", 1, {"messages": 2}, {"pages": 3}, (), 4, "A", ("flash",), (), "ff", "{}"),
        {
            "wipe_id": "ee",
            "counts": {"messages": 2},
            "scanned": {"pages": 3},
            "remnants": [],
            "generation": 4,
            "key_mode": "A",
            "limits": ["flash"],
            "exports": [],
            "signature": "ff",
        },
    ),
    ("room.wipe", {"room_id": ROOM, "others": True}, "wipes.wipe", CERTIFICATE, SHOWN_CERTIFICATE),
    (
        "wipe.list",
        {},
        "wipes.certificates",
        [CERTIFICATE],
        {"wipes": [{"wipe_id": "ee", "created_at": 1, "asked": 3, "erased": 2, "certificate": "{}"}]},
    ),
    (
        "wipe.reports",
        {"wipe_id": MESSAGE},
        "wipes.reports",
        [WipeReceipt(AccountId(ACCOUNT), "ox", DeviceId(DEVICE), "", "asked", 5, "")],
        {
            "reports": [
                {
                    "account_id": ACCOUNT,
                    "handle": "ox",
                    "device_id": DEVICE,
                    "device_name": "",
                    "state": "asked",
                    "at": 5,
                    "certificate": None,
                }
            ]
        },
    ),
    ("wipe.pending", {}, "wipes.pending", [ORDER], {"orders": [SHOWN_ORDER]}),
    ("wipe.undo", {"wipe_id": MESSAGE}, "wipes.undo", None, {}),
    ("message.send", {"room_id": ROOM, "text": "음매"}, "messages.send", MESSAGE, {"message_id": MESSAGE}),
    ("message.read", {"room_id": ROOM, "up_to": MESSAGE}, "messages.mark_read", None, {}),
    (
        "device.list",
        {},
        "devices.list",
        [DeviceView(DeviceId(DEVICE), "PC", Role.LINKED, True)],
        {"devices": [{"device_id": DEVICE, "name": "PC", "role": "linked", "current": True}]},
    ),
    ("device.remove", {"device_id": DEVICE}, "devices.remove", None, {}),
    (
        "contact.list",
        {},
        "contacts.list",
        [OX],
        {"contacts": [{**SHOWN_OX, "trust": "changed", "change": "key", "changed_safety_number": "2" * 60}]},
    ),
    (
        "contact.get",
        {"account_id": ACCOUNT},
        "contacts.get",
        ContactView(AccountId(ACCOUNT), "ox", "Ox", Trust.VERIFIED, "1" * 60),
        {**SHOWN_OX, "trust": "verified", "change": None, "changed_safety_number": None},
    ),
    ("contact.verify", {"account_id": ACCOUNT}, "contacts.mark_verified", None, {}),
    ("contact.accept_key", {"account_id": ACCOUNT}, "contacts.accept_changed_key", None, {}),
    (
        "account.fork",
        {},
        "account.forked_lists",
        [SignedListView(2, 5, (DeviceId(DEVICE),), True)],
        {"lists": [{"version": 2, "issued_at": 5, "devices": [DEVICE], "ours": True}]},
    ),
    ("account.accept_fork", {}, "account.accept_fork", None, {}),
    (
        "network.get",
        {},
        "network.get",
        NetworkView("socks5h://127.0.0.1:9050", "PEM", {"relay.example": "00" * 32}),
        {"proxy": "socks5h://127.0.0.1:9050", "has_ca": True, "pins": {"relay.example": "00" * 32}},
    ),
    ("backup.export", {"path": "/tmp/b"}, "backups.export", "CODE", {"code": "CODE"}),
    (
        "profile.salvage",
        {"passphrase": "p"},
        "backups.salvage",
        SalvageView(3, 4, 2, 1),
        {"from_database": 3, "from_snapshot": 4, "lost_messages": 2, "lost_pages": 1, "was_whole": False},
    ),
    ("account.new_code", {}, "recovery_code.propose", "CODE", {"recovery_code": "CODE"}),
    ("account.confirm_code", {"code": "CODE"}, "recovery_code.confirm", True, {"in_force": True}),
    ("key.ask", {"relay": "http://x"}, "key_recovery.ask_phone", LinkOffer("byre://key#", 1), {"uri": "byre://key#"}),
    (
        "key.recover",
        {"code": "CODE", "relay": "http://x", "handle": "cow", "passphrase": "p"},
        "key_recovery.with_code",
        None,
        {},
    ),
    ("key.cancel", {}, "key_recovery.cancel", True, {}),
    ("profile.set_aside", {}, "backups.set_aside", None, {}),
    ("network.set", {"proxy": "", "ca_file": "", "pins": {}}, "network.put", None, {}),
    ("network.reconnect", {}, "engine.reconnect", None, {}),
]
