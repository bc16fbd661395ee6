"""A canary in everything that a person can type: no file of a profile, the relay or a temporary folder sings it."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Awaitable
from pathlib import Path

import pytest

from byre.demo.process import RpcError
from byre.demo.stage import eventually
from byre.demo.words import new_mark
from tests.end2end.conftest import Cast


def forms(word: str) -> set[bytes]:
    """The ways in which a text could lie in a file."""
    texts = {word, unicodedata.normalize("NFD", word), word.upper(), word[::-1]}
    encoded = {text.encode(coding) for text in texts for coding in ("utf-8", "utf-16-le", "utf-16-be")}
    plain = word.encode()
    spelled = {base64.b64encode(plain[at:])[:-4] for at in range(3)} | {
        plain.hex().encode(),
        json.dumps(word)[1:-1].encode(),
    }
    return {form for form in encoded | spelled if len(form) >= 8}


def singing(folder: Path, canaries: dict[str, str]) -> list[tuple[str, str]]:
    """Which canary is found in which file, in whatever form."""
    wanted = {name: forms(word) for name, word in canaries.items()}
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return [
        (name, str(path.relative_to(folder)))
        for path, content in files.items()
        for name, ways in wanted.items()
        if any(way in content for way in ways)
    ]


def test_a_canary_is_heard_in_every_form(tmp_path: Path) -> None:
    word = "카나리아 qwxzv"
    for number, form in enumerate(sorted(forms(word))):
        (tmp_path / f"file {number}").write_bytes(b"\0" * 100 + form + b"\0" * 100)
    assert len(singing(tmp_path, {"text": word})) == len(forms(word))
    assert singing(tmp_path, {"text": "another word"}) == []


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_no_file_sings(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cast.relay is not None
    temporary = cast.folder / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("BYRE_LOG", "DEBUG")
    kinds = ("text", "held", "title", "new title", "name", "new name", "device", "search", "passphrase", "backup text")
    canaries = {kind: f"{kind[:2]} 카나리아 {new_mark()}" for kind in kinds}
    anna, bela = await cast.account("anna"), await cast.account("bela")
    anna_rpc = anna.rpc
    await anna.call("account.rename", name=canaries["name"])
    await anna.call("account.rename", name=canaries["new name"])
    canaries["account passphrase"] = anna.passphrase
    pc = cast.phone("pc")
    pc.passphrase = canaries["passphrase"]
    await pc.start()
    offer = await pc.call("link.offer", relay=cast.relay.url, device_name=canaries["device"], passphrase=pc.passphrase)
    await anna.call("link.accept", uri=offer["uri"])
    await anna.call("link.confirm", code=(await pc.rpc.wait_for("link.code"))["code"])
    await pc.rpc.wait_for("link.ready")
    pc.device_id = (await pc.call("link.finish", accept=True))["device_id"]
    pc.handle, pc.account_id = anna.handle, anna.account_id
    await anna_rpc.wait_for("device.linked")
    room_id = await cast.room(anna, [pc, bela], title=canaries["title"])
    await anna.call("room.rename", room_id=room_id, title=canaries["new title"])
    await bela.stop()
    for device, kind in ((anna, "text"), (pc, "held")):
        await device.call("message.send", room_id=room_id, text=canaries[kind])

    async def pc_has_both() -> bool:
        return set(await pc.texts(room_id)) == {canaries["text"], canaries["held"]}

    await eventually("the PC shows both texts", pc_has_both)
    await pc.call("message.search", query=canaries["search"])
    canaries["proxy"] = new_mark()
    await pc.call("network.set", proxy=f"http://user:{canaries['proxy']}@127.0.0.1:9")
    await pc.call("network.set", proxy="")
    for kind in ("wrong passphrase", "wrong code", "bad link"):
        canaries[kind] = f"{kind} {new_mark()}"
    wrong = {"passphrase": canaries["wrong passphrase"], "new_passphrase": "never"}
    await refused(anna.call("account.change_passphrase", **wrong))
    await refused(anna.call("account.confirm_code", code=canaries["wrong code"]))
    await refused(anna.call("link.accept", uri=canaries["bad link"]))
    canaries["new code"] = (await anna.call("account.new_code"))["recovery_code"]
    backup = cast.folder / "backup.byre"
    canaries["backup code"] = (await pc.call("backup.export", path=str(backup)))["code"]
    assert singing(cast.folder, canaries) == []  # while everything runs and the relay holds two for bela
    await bela.start()
    await eventually("bela shows both texts", lambda: shows_two(bela, room_id))
    await pc.rpc.call("room.wipe", timeout_s=120, room_id=room_id)
    for device in (anna, bela, pc):
        await device.rpc.stop()
    assert backup.stat().st_size > 0
    assert singing(cast.folder, canaries) == []


async def refused(answer: Awaitable[object]) -> None:
    """What was typed was wrong; it is not kept either."""
    with pytest.raises(RpcError):
        await answer


async def shows_two(device: object, room_id: str) -> bool:
    """Whether a device shows two texts in the room."""
    return len(await device.texts(room_id)) == 2  # type: ignore[attr-defined]
