"""The RPC to the letter: names, keys, forms and orders as bots rely on them, through the lines of `byre rpc` alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from byre.rpc.methods import METHODS
from tests.fakes.world import Client, World
from tests.protocol.rpc_steps import RpcCaller, rpc_of

NAMED = (
    *("account.create", "account.restore", "link.offer", "link.accept", "link.confirm", "link.finish", "link.cancel"),
    *(
        "contact.add",
        "room.create",
        "room.list",
        "room.members",
        "room.accept",
        "room.add",
        "room.remove",
        "room.leave",
    ),
    *("room.wipe", "message.send", "message.list", "message.search", "message.read", "device.list", "device.remove"),
    *("status", "unlock"),
)
CERTIFICATE = "wipe_id counts scanned remnants generation key_mode limits exports signature"


def has_keys(value: Any, names: str, *more: str) -> Any:
    """The value, which must have these keys; `more` may be there besides."""
    assert set(names.split()) <= set(value) <= {*names.split(), *more}, value
    return value


def is_id(text: Any, size_bytes: int) -> bool:
    return isinstance(text, str) and re.fullmatch(rf"[0-9a-f]{{{2 * size_bytes}}}", text) is not None


def is_message(value: Any, now_ms: int, *more: str) -> bool:
    has_keys(value, "message_id room_id sender text sent_at state", *more)
    has_keys(value["sender"], "account_id handle device_id", "name")
    assert is_id(value["message_id"], 16)
    assert is_id(value["sender"]["account_id"], 32)
    assert is_id(value["sender"]["device_id"], 16)
    return abs(value["sent_at"] - now_ms) < 24 * 3600 * 1000


class Letters:
    """Three accounts, one of them with a PC, behind RPC callers."""

    def __init__(self, world: World, stack: AsyncExitStack) -> None:
        self.world, self._stack = world, stack
        self.clients: dict[str, Client] = {}
        self.callers: dict[str, RpcCaller] = {}

    async def open(self, name: str) -> RpcCaller:
        self.clients[name] = await self.world.client(name)
        self.callers[name] = await self._stack.enter_async_context(rpc_of(self.clients[name]))
        return self.callers[name]

    async def account(self, name: str) -> RpcCaller:
        caller = await self.open(name)
        assert await caller("status") == {"state": "new", "role": None, "connected": False}
        assert await caller("room.list") == "wrong_state"
        made = await caller("account.create", handle=name, name=name.title(), relay=self.world.relay.url)
        has_keys(made, "account_id device_id recovery_code")
        assert is_id(made["account_id"], 32)
        assert is_id(made["device_id"], 16)
        return caller

    async def link(self, phone: RpcCaller, name: str) -> RpcCaller:
        pc = await self.open(name)
        offer = has_keys(await pc("link.offer", relay=self.world.relay.url, device_name=name), "uri")
        has_keys(await phone("link.accept", uri=offer["uri"]), "device_name platform")
        code = has_keys(await pc.notice("link.code"), "code handle")
        assert re.fullmatch(r"\d{6}", code["code"])
        wrong = f"{(int(code['code']) + 1) % 1_000_000:06}"
        assert await phone("link.confirm", code=wrong) == "code_mismatch"
        assert await phone("link.confirm", code=code["code"]) == {}
        has_keys(await pc.notice("link.ready"), "handle account_id")
        assert await pc("status") == {"state": "new", "role": None, "connected": False}
        device = has_keys(await pc("link.finish", accept=True), "device_id")
        for each in (phone, pc):
            linked = has_keys(await each.notice("device.linked"), "device_id name")
            assert linked == {"device_id": device["device_id"], "name": name}
        assert await pc("status") == {"state": "ready", "role": "linked", "connected": True}
        return pc


def states(caller: RpcCaller, message_id: str) -> list[str]:
    """The states of a message as they were told, in order."""
    return [p["state"] for name, p in caller.notices if name == "message.state" and p["message_id"] == message_id]


async def walked(caller: RpcCaller, message_id: str, *last: str) -> Sequence[str]:
    await caller.notice("message.state", message_id=message_id, state=last[-1])
    seen = states(caller, message_id)
    order = ["queued", "relayed", "stored", "delivered", "read"]
    assert seen == sorted(set(seen), key=order.index), seen  # forward, each once
    assert set(last) <= set(seen), seen
    return seen


def test_every_method_that_is_promised_is_there() -> None:
    assert set(NAMED) <= {method.name for method in METHODS}


async def test_a_conversation_by_its_letters(tmp_path: Path) -> None:
    async with World(tmp_path) as world, AsyncExitStack() as stack:
        letters = Letters(world, stack)
        anna, ben, carl = [await letters.account(name) for name in ("anna", "ben", "carl")]
        taken = await (await letters.open("other"))("account.create", handle="anna", name="A", relay=world.relay.url)
        assert taken == "handle_taken"
        assert await anna("status") == {"state": "ready", "role": "primary", "connected": True}
        pc = await letters.link(anna, "anna-pc")
        contact = has_keys(await anna("contact.add", handle="ben"), "account_id handle safety_number")
        assert re.fullmatch(r"\d{60}", contact["safety_number"])

        room = has_keys(await anna("room.create", members=["ben"]), "room_id")["room_id"]
        asked = has_keys(await ben.notice("room.request", room_id=room), "room_id from")
        has_keys(asked["from"], "account_id handle", "name")
        assert await ben("room.accept", room_id=room) == {}
        await pc.notice("room.changed", room_id=room)
        (shown,) = [each for each in (await ben("room.list"))["rooms"] if each["room_id"] == room]
        assert has_keys(shown, "room_id title kind unread")["kind"] == "direct"

        now_ms = world.clock.now_ms()
        sent = [
            has_keys(await anna("message.send", room_id=room, text=f"line {n} 외양간"), "message_id")["message_id"]
            for n in range(5)
        ]
        for caller in (ben, pc):  # the own other device hears it, too
            heard = await caller.notice("message.received", message_id=sent[-1])
            assert is_message(heard, now_ms)
        assert "message.received" not in [name for name, _ in anna.notices]
        await walked(anna, sent[0], "delivered")
        assert await ben("message.read", room_id=room, up_to=sent[-1]) == {}
        await walked(anna, sent[-1], "read")

        page = (await ben("message.list", room_id=room, limit=2))["messages"]
        older = (await ben("message.list", room_id=room, limit=9, before=page[-1]["message_id"]))["messages"]
        assert [each["message_id"] for each in page + older] == sent[::-1]
        assert all(is_message(each, now_ms) for each in page + older)
        found = (await pc("message.search", query="외양", room_id=room, limit=3))["messages"]
        assert [each["message_id"] for each in found] == sent[:1:-1]
        assert all(is_message(each, now_ms, "highlights", "snippet", "snippet_highlights") for each in found)

        group = (await anna("room.create", members=["ben", "carl"], title="셋"))["room_id"]
        for caller in (ben, carl):
            await caller.notice("room.changed", room_id=group)
        members = (await anna("room.members", room_id=group))["members"]
        assert sorted(len(has_keys(each, "account_id handle devices", "name")["devices"]) for each in members) == [
            1,
            1,
            2,
        ]
        has_keys(members[0]["devices"][0], "device_id")
        for caller in (ben, carl):  # whom they do not know may invite, and hears of nothing before they accept
            await caller.notice("room.request", room_id=group)
            assert await caller("room.accept", room_id=group) == {}
        await world.stop(letters.clients["carl"])
        both = (await anna("message.send", room_id=group, text="to both"))["message_id"]
        await ben.notice("message.received", message_id=both)
        await ben("message.read", room_id=group, up_to=both)
        await walked(anna, both, "stored")  # ben has read it, carl is away: the least advanced counts
        assert states(anna, both)[-1] == "stored"

        devices = (await anna("device.list"))["devices"]
        assert [(has_keys(each, "device_id name role current")["role"], each["current"]) for each in devices] == [
            ("primary", True),
            ("linked", False),
        ]
        certificate = has_keys(await pc("room.wipe", room_id=room), CERTIFICATE)
        assert certificate["counts"]["messages"] == 5
        assert certificate["remnants"] == []
        assert await pc("message.list", room_id=room, limit=5) == {"messages": []}
        assert await anna("room.leave", room_id=group) == {}
        assert await anna("device.remove", device_id=devices[1]["device_id"]) == {}
        assert await pc.notice("device.revoked") == {"device_id": devices[1]["device_id"]}


REFUSALS: tuple[tuple[str, dict[str, Any], str | None], ...] = (
    ("room.members", {"room_id": "00" * 32}, "no_such_room"),
    ("message.send", {"room_id": "00" * 32, "text": "x"}, "no_such_room"),
    ("message.list", {"room_id": "AA" * 32, "limit": 1}, "bad_params"),
    ("message.list", {"room_id": "00" * 32, "limit": 0}, "bad_params"),
    ("message.search", {"query": "x", "until": 2**53 - 1, "since": 2**53 - 1}, None),
    ("device.remove", {"device_id": "00" * 16}, "no_such_device"),
    ("contact.add", {"handle": "nobody"}, "no_such_handle"),
    ("account.create", {"handle": "b", "name": "B", "relay": "http://127.0.0.1:1"}, "bad_handle"),
    ("account.create", {"handle": "ben", "name": "B", "relay": "http://127.0.0.1:1"}, "wrong_state"),
    ("link.offer", {"relay": "http://127.0.0.1:1", "device_name": "PC"}, "wrong_state"),
    ("link.accept", {"uri": "byre://link#"}, "bad_link"),
    ("link.confirm", {"code": "123456"}, "wrong_state"),
    ("link.finish", {"accept": True}, "wrong_state"),
    ("link.cancel", {}, None),
    ("unlock", {}, None),
)


async def test_refusals_have_their_codes(tmp_path: Path) -> None:
    async with World(tmp_path) as world, AsyncExitStack() as stack:
        anna = await Letters(world, stack).account("anna")
        for method, params, code in REFUSALS:
            answer = await anna(method, **params)
            assert answer == code if code is not None else isinstance(answer, dict), (method, params, answer)
