"""The loop of `byre rpc`, driven through real pipes as a script would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from byre.client.events import (
    ConnectionChanged,
    DeviceLinked,
    DeviceRevoked,
    KeyChanged,
    LinkCodeShown,
    LinkEnded,
    LinkReady,
    MessageReceived,
    MessageSent,
    MessageStateChanged,
    OwnListForked,
    RoomChanged,
    RoomRequested,
    WipeOrdered,
    WipeReported,
)
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
    SearchHitView,
    Sender,
    SignedListView,
    Status,
    Trust,
    WipeCertificate,
    WipeOrder,
    WipeReceipt,
)
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.rpc.methods import METHODS
from tests.unit.rpc.session import rpc
from tests.unit.rpc.stub import StubEngine

ACCOUNT, DEVICE, ROOM, MESSAGE = "aa" * 32, "bb" * 16, "cc" * 16, "dd" * 16
SENDER = Sender(AccountId(ACCOUNT), "cow", DeviceId(DEVICE))


def a_message(position: int = 1, kind: MessageKind = MessageKind.TEXT) -> MessageView:
    message_id = MessageId(f"{position:032x}")
    return MessageView(message_id, RoomId(ROOM), SENDER, "음매", 5, MessageState.RECEIVED, position, kind=kind)


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
        SalvageView(3, 4),
        {"from_database": 3, "from_snapshot": 4},
    ),
    ("profile.set_aside", {}, "backups.set_aside", None, {}),
    ("network.set", {"proxy": "", "ca_file": "", "pins": {}}, "network.put", None, {}),
    ("network.reconnect", {}, "engine.reconnect", None, {}),
]


@pytest.mark.parametrize(("method", "params", "call", "answer", "result"), CASES)
async def test_each_method_calls_the_engine_and_shows_its_answer(
    method: str, params: dict[str, Any], call: str, answer: Any, result: Any
) -> None:
    engine = StubEngine()
    engine.answers[call] = answer
    async with rpc(engine) as session:
        assert await session.request(method, **params) == result
    assert [name for name, _, _ in engine.calls] == [call]


def test_every_method_is_tried_above_or_below() -> None:
    tried = {case[0] for case in CASES} | {"message.list", "message.search", "backup.import", *ERASING}
    assert tried == {method.name for method in METHODS}


async def test_a_list_of_messages_passes_over_events_and_still_fills_the_limit() -> None:
    engine = StubEngine()
    rows = [a_message(n, MessageKind.SYSTEM if n % 2 else MessageKind.TEXT) for n in range(20)]

    def page(call: Any) -> list[MessageView]:
        _, limit, before = call[1]
        older = [row for row in rows if before is None or row.message_id < before]
        return older[-limit:]

    engine.answers["messages.list"] = page
    async with rpc(engine) as session:
        answer = await session.request("message.list", room_id=ROOM, limit=4)
    assert [int(message["message_id"], 16) for message in answer["messages"]] == [18, 16, 14, 12]
    assert answer["messages"][0]["sender"] == {
        "account_id": ACCOUNT,
        "handle": "cow",
        "name": "",
        "device_id": DEVICE,
    }


async def test_authorities_come_from_a_file_that_can_be_read(tmp_path: Path) -> None:
    engine = StubEngine()
    (tmp_path / "ca.pem").write_text("PEM")
    (tmp_path / "junk").write_bytes(b"\xff")
    async with rpc(engine) as session:
        assert await session.request("network.set", ca_file=str(tmp_path / "ca.pem")) == {}
        for name in ("junk", "missing", "."):
            answer = await session.request("network.set", ca_file=str(tmp_path / name))
            assert answer["data"] == {"code": "bad_certificate"}
        answer = await session.request("network.set", pins={"relay.example": 7})
        assert answer["data"] == {"code": "bad_params"}
    assert engine.calls == [("network.put", (), {"proxy": None, "ca_pem": "PEM", "pins": None})]


async def test_a_wrong_safety_number_verifies_nobody() -> None:
    engine = StubEngine()
    engine.answers["contacts.check_qr"] = False
    async with rpc(engine) as session:
        answer = await session.request("contact.verify", account_id=ACCOUNT, safety_number="1" * 60)
    assert answer["data"] == {"code": "safety_mismatch"}
    assert [name for name, _, _ in engine.calls] == ["contacts.check_qr"]


async def test_a_search_answers_newest_first() -> None:
    engine = StubEngine()
    engine.answers["messages.find"] = [SearchHitView(a_message(n), ((0, 2),), "…회의", ((1, 3),)) for n in (3, 1)]
    async with rpc(engine) as session:
        answer = await session.request("message.search", query="회의")
        filters = {"sender": ACCOUNT, "since": 1, "until": 9, "has_file": True, "before": "ab" * 16}
        await session.request("message.search", query=" ", **filters)
    assert [int(message["message_id"], 16) for message in answer["messages"]] == [3, 1]
    first = answer["messages"][0]
    assert (first["highlights"], first["snippet"], first["snippet_highlights"]) == ([[0, 2]], "…회의", [[1, 3]])
    nothing = {"room_id": None, "sender": None, "since": None, "until": None, "has_file": False, "before": None}
    assert engine.calls[0] == ("messages.find", ("회의",), {**nothing, "limit": 50})
    assert engine.calls[1][2] == {**nothing, **filters, "limit": 50}


ERASING = {"contact.wipe", "wipe.before", "message.delete", "profile.panic"}


async def test_what_is_erased_here_alone() -> None:
    engine = StubEngine()
    engine.answers["erasures.wipe_contact"] = engine.answers["erasures.wipe_before"] = CERTIFICATE
    async with rpc(engine) as session:
        assert (await session.request("contact.wipe", account_id=ACCOUNT))["remnants"] == []
        assert (await session.request("wipe.before", time=77))["remnants"] == []
        assert await session.request("message.delete", message_id="ab" * 16) == {}
        assert await session.request("profile.panic") == {}
    assert [(name, positional) for name, positional, _ in engine.calls] == [
        ("erasures.wipe_contact", (ACCOUNT,)),
        ("erasures.wipe_before", (77,)),
        ("erasures.delete_message", ("ab" * 16,)),
        ("account.panic", ()),
    ]


@pytest.mark.parametrize(
    ("event", "method", "params"),
    [
        (MessageReceived(a_message()), "message.received", {"text": "음매", "state": "received"}),
        (
            MessageStateChanged(MessageId(MESSAGE), RoomId(ROOM), MessageState.READ, 0),
            "message.state",
            {"message_id": MESSAGE, "state": "read"},
        ),
        (
            RoomRequested(RoomId(ROOM), SENDER),
            "room.request",
            {"room_id": ROOM, "from": {"account_id": ACCOUNT, "handle": "cow", "name": ""}},
        ),
        (RoomChanged(RoomId(ROOM)), "room.changed", {"room_id": ROOM}),
        (LinkCodeShown("123456", "cow", "h"), "link.code", {"code": "123456", "handle": "cow"}),
        (LinkReady("cow", "h", AccountId(ACCOUNT)), "link.ready", {"handle": "cow", "account_id": ACCOUNT}),
        (LinkEnded("offer_expired"), "link.ended", {"code": "offer_expired"}),
        (DeviceLinked(DeviceId(DEVICE), "PC"), "device.linked", {"device_id": DEVICE, "name": "PC"}),
        (DeviceRevoked(DeviceId(DEVICE)), "device.revoked", {"device_id": DEVICE}),
        (ConnectionChanged(True), "connection.changed", {"connected": True}),
        (
            KeyChanged(AccountId(ACCOUNT), "ox", "key"),
            "contact.key_changed",
            {"account_id": ACCOUNT, "handle": "ox", "reason": "key"},
        ),
        (OwnListForked(3), "account.forked", {"version": 3}),
        (WipeOrdered(ORDER), "wipe.ordered", SHOWN_ORDER),
        (WipeReported("ee", 1, 2), "wipe.reported", {"wipe_id": "ee", "erased": 1, "asked": 2}),
        (
            ConnectionChanged(False, 7, "proxy_unreachable"),
            "connection.changed",
            {"connected": False, "next_try_at": 7, "reason": "proxy_unreachable"},
        ),
    ],
)
async def test_events_become_notifications(event: Any, method: str, params: dict[str, Any]) -> None:
    engine = StubEngine()
    async with rpc(engine) as session:
        engine.events.publish(event)
        notice = await session.read()
    assert notice["method"] == method
    assert "id" not in notice
    assert {key: notice["params"][key] for key in params} == params


async def test_events_for_windows_only_stay_silent() -> None:
    engine = StubEngine()
    async with rpc(engine) as session:
        engine.events.publish(MessageSent(a_message()))
        engine.events.publish(MessageReceived(a_message(kind=MessageKind.SYSTEM)))
        engine.events.publish(ConnectionChanged(False))
        assert (await session.read())["method"] == "connection.changed"


@pytest.mark.parametrize(
    ("error", "number", "code"),
    [
        (UsageError("Not now.", code="wrong_state"), -32000, "wrong_state"),
        (UsageError("Hm."), -32602, "bad_params"),
        (PeerError("Forged.", code="bad_signature"), -32001, "bad_signature"),
        (EnvironmentFault("Off.", code="relay_unreachable"), -32002, "relay_unreachable"),
    ],
)
async def test_errors_show_sentence_number_and_code_and_nothing_else(error: Exception, number: int, code: str) -> None:
    engine = StubEngine()
    engine.answers["contacts.add"] = error
    async with rpc(engine) as session:
        answer = await session.request("contact.add", handle="ox")
    assert (answer["code"], answer["data"]) == (number, {"code": code})


@pytest.mark.logs_errors
async def test_a_bug_shows_neither_its_message_nor_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    engine = StubEngine()
    engine.answers["contacts.add"] = ZeroDivisionError("secret")
    async with rpc(engine) as session:
        answer = await session.request("contact.add", handle="ox")
    assert (answer["code"], answer["data"]) == (-32603, {"code": "internal"})
    assert "secret" not in json.dumps(answer) + caplog.text
