"""The story that `byre demo` plays: two people, a phone each, a PC that the first one links, two rooms, a wipe.

Every step compares what another process returned with what was sent; texts are random per run. The phones' and the
PC's only common ground is the relay, and its only ground is its own folder.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from pathlib import Path
from typing import Any

from byre.demo.process import Json, RelayProcess
from byre.demo.stage import Device, Stage, eventually
from byre.demo.steps import Step, Steps
from byre.demo.words import new_handle, new_mark, new_text

PC_NAME = "demo PC"
HELD = 5
QUIET_POLLS = 30
SEARCHED = "지난 회의자료"


class Story:
    """Plays all steps on a stage; what it finds besides lies in `latency_ms`, `relay`, `wipe` and `screenshots`."""

    def __init__(self, stage: Stage, steps: Steps, *, messages: int, screenshot_dir: Path | None) -> None:
        self._stage = stage
        self._steps = steps
        self._messages = messages
        self._screenshot_dir = screenshot_dir
        self.latency_ms: Json = {}
        self.relay: Json = {}
        self.wipe: Json = {}
        self.screenshots: list[str] = []

    async def play(self) -> None:
        """Play to the end.

        Raises:
            StepFailed: a step did not hold; the later ones were not tried.
        """
        async with self._steps.step("relay starts"):
            relay = await self._stage.open()
        haeun, minsu = await self._create_accounts(relay)
        pc = await self._link_pc(relay, haeun)
        direct = await self._open_direct_room(haeun, minsu, pc)
        await self._talk(direct, [haeun, minsu, pc])
        await self._measure(relay, direct, minsu, pc, haeun)
        await self._hold(relay, direct, minsu, pc)
        group = await self._open_group_room(haeun, minsu, pc)
        await self._search(group, minsu, pc)
        await self._read(direct, minsu, pc)
        await self._wipe(group, direct, pc)
        await self._count(relay)

    async def _create_accounts(self, relay: RelayProcess) -> tuple[Device, Device]:
        people = []
        for name, shown in (("haeun", "하은"), ("minsu", "Minsu")):
            async with self._steps.step(f"account of {name}") as step:
                phone = self._stage.phone(name)
                await phone.start()
                phone.handle = new_handle(name)
                created = await phone.call(
                    "account.create", handle=phone.handle, name=shown, relay=relay.url, passphrase=phone.passphrase
                )
                phone.account_id, phone.device_id = created["account_id"], created["device_id"]
                step.require(
                    len(phone.account_id) == 64 and bool(created["recovery_code"]), "the account is incomplete"
                )
                status = await phone.call("status")
                step.require((status["state"], status["role"]) == ("ready", "primary"), "the phone is not ready")
                await phone.wait_until_connected()
            people.append(phone)
        return people[0], people[1]

    async def _link_pc(self, relay: RelayProcess, phone: Device) -> Device:
        async with self._steps.step("PC starts"):
            pc = self._stage.pc("pc")
            await pc.start()
        async with self._steps.step("PC is linked by the phone") as step:
            offer = await pc.call("link.offer", relay=relay.url, device_name=PC_NAME, passphrase=pc.passphrase)
            asked = await phone.call("link.accept", uri=offer["uri"])
            step.require(asked["device_name"] == PC_NAME, "the phone was told another PC's name")
            shown = await pc.rpc.wait_for("link.code")
            step.require(shown["handle"].split("@")[0] == phone.handle, "the PC shows another handle beside the code")
            await self._screenshot(pc, "link-code")
            await phone.call("link.confirm", code=shown["code"])
            ready = await pc.rpc.wait_for("link.ready")
            step.require(ready["account_id"] == phone.account_id, "the PC was offered another account")
            pc.handle, pc.account_id = phone.handle, phone.account_id
            pc.device_id = (await pc.call("link.finish", accept=True))["device_id"]
            for device in (phone, pc):
                linked = await device.rpc.wait_for("device.linked")
                step.require((linked["device_id"], linked["name"]) == (pc.device_id, PC_NAME), "another PC was linked")
            devices = (await phone.call("device.list"))["devices"]
            roles = {d["device_id"]: d["role"] for d in devices}
            step.require(roles == {phone.device_id: "primary", pc.device_id: "linked"}, "the phone lists other devices")
            await pc.wait_until_connected()
        return pc

    async def _open_direct_room(self, haeun: Device, minsu: Device, pc: Device) -> str:
        async with self._steps.step("contact and 1:1 room") as step:
            contact = await pc.call("contact.add", handle=minsu.handle)
            step.require(contact["account_id"] == minsu.account_id, "the directory named another account")
            step.require(len(contact["safety_number"]) == 60, "the safety number has not 60 digits")
            room_id: str = (await pc.call("room.create", members=[minsu.handle]))["room_id"]
            asked = await minsu.rpc.wait_for("room.request", lambda p: p["room_id"] == room_id)
            step.require(asked["from"]["account_id"] == haeun.account_id, "another account asks")
            await minsu.call("room.accept", room_id=room_id)
            theirs = await minsu.call("contact.add", handle=haeun.handle)
            step.require(theirs["safety_number"] == contact["safety_number"], "the safety numbers differ")
            await self._all_in(step, room_id, [haeun, minsu, pc], "direct")
        return room_id

    async def _open_group_room(self, haeun: Device, minsu: Device, pc: Device) -> str:
        async with self._steps.step("group room") as step:
            title = f"마을 {new_mark()}"
            room_id: str = (await haeun.call("room.create", members=[minsu.handle], title=title))["room_id"]
            await self._all_in(step, room_id, [haeun, minsu, pc], "group")
            for device in (minsu, pc):
                rooms = (await device.call("room.list"))["rooms"]
                step.require(title in [room["title"] for room in rooms], f"{device.name} shows another title")
        await self._talk(room_id, [haeun, minsu, pc])
        return room_id

    async def _all_in(self, step: Step, room_id: str, devices: list[Device], kind: str) -> None:
        """Wait until every device lists the room with every other one in it."""
        wanted = {device.device_id for device in devices}
        for device in devices:

            async def complete(asked: Device = device) -> bool:
                rooms = (await asked.call("room.list"))["rooms"]
                if room_id not in [room["room_id"] for room in rooms]:
                    return False
                members = (await asked.call("room.members", room_id=room_id))["members"]
                return {d["device_id"] for member in members for d in member["devices"]} == wanted

            await eventually(f"{device.name} is in the {kind} room with all three devices", complete)
        rooms = (await devices[-1].call("room.list"))["rooms"]
        kinds = [room["kind"] for room in rooms if room["room_id"] == room_id]
        step.require(kinds == [kind], f"the room's kind is {kinds}")

    async def _talk(self, room_id: str, devices: list[Device]) -> None:
        async with self._steps.step("everybody writes, everybody reads the same") as step:
            sent = []
            for _ in range(3):
                for device in devices:
                    text = new_text()
                    sent.append(text)
                    await device.call("message.send", room_id=room_id, text=text)
            for device in devices:
                await self._shows(device, room_id, sent)
            step.facts["texts"] = len(sent)

    async def _shows(self, device: Device, room_id: str, sent: list[str]) -> None:
        """Wait until the device's own list of the room holds exactly `sent`, besides what was there before."""
        wanted = Counter(sent)

        async def all_there() -> bool:
            shown = Counter(await device.texts(room_id))
            return all(shown[text] == count for text, count in wanted.items())

        await eventually(f"{device.name} shows every text once", all_there)

    async def _measure(self, relay: RelayProcess, room_id: str, sender: Device, pc: Device, other: Device) -> None:
        async with self._steps.step("live: send to shown") as step:
            await pc.call("ui.open_room", room_id=room_id)
            await self._shown_once(sender, pc, room_id, new_text())  # warm
            await self._quiet(relay)
            before = await relay.counters()
            written = relay.disk_write_bytes()
            sent = [new_text() for _ in range(self._messages)]
            taken = [await self._shown_once(sender, pc, room_id, text) for text in sent]
            await self._quiet(relay)
            self.relay["disk_write_bytes_live"] = relay.disk_write_bytes() - written
            after = await relay.counters()
            for device in (pc, other):
                await self._shows(device, room_id, sent)
            taken.sort()
            self.latency_ms = {"messages": len(taken), "p50": _percentile(taken, 50), "p99": _percentile(taken, 99)}
            step.facts["latency_ms"] = self.latency_ms
            step.require(after["live"] - before["live"] >= 2 * len(sent), "the relay did not pass them live")
            step.require(after["stored"] == before["stored"], "the relay stored what it could pass live")
            step.require(self.relay["disk_write_bytes_live"] == 0, "the relay wrote to its disk while passing live")
            await self._screenshot(pc, "room-light", theme="light")
            await self._screenshot(pc, "room-dark", theme="dark")

    async def _shown_once(self, sender: Device, pc: Device, room_id: str, text: str) -> float:
        """Send one text and return the ms until the window has painted it."""
        since = len(pc.rpc.notices)
        start = time.monotonic_ns()
        message_id = (await sender.call("message.send", room_id=room_id, text=text))["message_id"]
        shown = await pc.rpc.wait_for("ui.shown", lambda p: p["message_id"] == message_id, since=since)
        return float(shown["at_ns"] - start) / 1e6

    async def _quiet(self, relay: RelayProcess) -> None:
        """Wait until the relay has had nothing new to do for a while (receipts, key packages, checkpoints)."""
        seen: list[tuple[int, ...]] = []

        async def is_quiet() -> bool:
            counters = await relay.counters()
            now = (counters["accepted"], counters["acked"], counters["stored"], relay.disk_write_bytes())
            seen.append(now)
            return len(seen) > QUIET_POLLS and set(seen[-QUIET_POLLS:]) == {now}

        await eventually("the relay comes to rest", is_quiet)

    async def _hold(self, relay: RelayProcess, room_id: str, away: Device, pc: Device) -> None:
        async with self._steps.step("held for who is away") as step:
            await away.stop()
            before = await relay.counters()
            sent = [new_text() for _ in range(HELD)]
            for text in sent:
                message_id = (await pc.call("message.send", room_id=room_id, text=text))["message_id"]
                await pc.rpc.wait_for("message.state", _is_state(message_id, "stored"))
            held = await relay.counters()
            step.require(held["stored"] - before["stored"] >= HELD, "the relay stored less than it was given")
            # what is held besides: the sealed bodies of the rooms' last commits, for 72 h
            kept = before["held_now"]
            step.require(held["held_now"] >= kept + HELD, "the relay holds less than it was given")
            step.facts["held"] = held["held_now"] - kept
        async with self._steps.step("back again: delivered and erased"):
            await away.start()
            await self._shows(away, room_id, sent)
            await pc.rpc.wait_for("message.state", _is_state(message_id, "delivered", "read"))

            async def erased() -> bool:
                return bool((await relay.counters())["held_now"] == kept)

            await eventually("the relay has erased what was acknowledged", erased)

    async def _search(self, room_id: str, sender: Device, pc: Device) -> None:
        async with self._steps.step("search on the PC") as step:
            mark = new_mark()
            text = f"{SEARCHED} {mark}"
            message_id = (await sender.call("message.send", room_id=room_id, text=text))["message_id"]
            await self._shows(pc, room_id, [text])
            for query in (mark, "회의자료", "의자"):
                found = (await pc.call("message.search", query=query, limit=20))["messages"]
                hits = [(m["message_id"], m["text"]) for m in found]
                step.require((message_id, text) in hits, "the search did not find the text")
            nothing = (await pc.call("message.search", query=new_mark()))["messages"]
            step.require(nothing == [], "the search found what nobody wrote")
            if self._screenshot_dir is not None:
                shown = await pc.call("ui.search", query="회의자료")
                step.require(shown["found"] >= 1, "the window does not show what the search finds")
                await self._screenshot(pc, "search")
                await pc.call("ui.show", page="chats")

    async def _read(self, room_id: str, reader: Device, pc: Device) -> None:
        async with self._steps.step("read receipt"):
            text = new_text()
            message_id = (await pc.call("message.send", room_id=room_id, text=text))["message_id"]
            await self._shows(reader, room_id, [text])
            await reader.call("message.read", room_id=room_id, up_to=message_id)
            await pc.rpc.wait_for("message.state", _is_state(message_id, "read"))

    async def _wipe(self, room_id: str, other_room: str, pc: Device) -> None:
        async with self._steps.step("wipe of the group room on the PC") as step:
            texts = await pc.texts(room_id)
            kept = await pc.texts(other_room)
            step.require(bool(texts), "there was nothing to wipe")
            self.wipe = await pc.rpc.call("room.wipe", timeout_s=180, room_id=room_id)
            step.require(self.wipe["remnants"] == [], f"remnants at {self.wipe['remnants']}")
            step.require(bool(self.wipe["signature"]), "the certificate is not signed")
            step.require(await pc.texts(room_id) == [], "the room still shows texts")
            for text in texts[-5:]:
                found = (await pc.call("message.search", query=text.split()[-1]))["messages"]
                step.require(found == [], "the search still finds a wiped text")
            step.require(await pc.texts(other_room) == kept, "the other room was touched")
            step.facts["wiped"] = len(texts)
            await self._screenshot(pc, "after-wipe")

    async def _count(self, relay: RelayProcess) -> None:
        async with self._steps.step("relay counters") as step:
            counters = await relay.counters()
            wanted = ("accepted", "live", "stored", "acked", "expired", "held_now")
            step.require(all(name in counters for name in wanted), "the relay does not tell all its counters")
            self.relay = {**{name: counters[name] for name in wanted}, **self.relay}
            step.require(counters["expired"] == 0, "something expired")

    async def _screenshot(self, pc: Device, name: str, **more: Any) -> None:
        if self._screenshot_dir is None:
            return
        path = self._screenshot_dir / f"{name}.png"
        await pc.call("ui.screenshot", path=str(path), **more)
        self.screenshots.append(str(path))


def _is_state(message_id: str, *states: str) -> Any:
    return lambda params: params["message_id"] == message_id and params["state"] in states


def _percentile(ordered: list[float], percent: int) -> float:
    """The nearest-rank percentile of sorted values, rounded to 0.01."""
    return round(ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)], 2)
