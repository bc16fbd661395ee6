"""Rule 5: a whole story at DEBUG leaves no text, passphrase, code or handle in any log, nor in the relay's folder."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from byre.demo.stage import eventually
from byre.demo.words import new_mark
from tests.end2end.conftest import Cast


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_story_at_debug_leaves_no_secret_in_the_logs(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYRE_LOG", "DEBUG")
    title, text = f"title {new_mark()}", f"text {new_mark()}"
    anna, bela = await cast.account("anna"), await cast.account("bela")
    pc = await cast.linked("pc", anna)
    code = (await pc.rpc.wait_for("link.code"))["code"]
    room_id = await cast.room(anna, [pc, bela], title=title)
    for device in (anna, pc, bela):
        await device.call("message.send", room_id=room_id, text=f"{text} {device.name}")

    async def all_there() -> bool:
        return all([len(await device.texts(room_id)) >= 3 for device in (anna, pc, bela)])

    await eventually("everybody shows the texts", all_there)
    await pc.call("message.search", query=text.split()[1])
    await pc.rpc.call("room.wipe", timeout_s=120, room_id=room_id)
    for device in (anna, pc, bela):
        await device.rpc.stop()

    secret = [title, text, text.split()[1], title.split()[1], anna.passphrase, bela.passphrase, pc.passphrase]
    logs = {path: path.read_text(errors="replace") for path in cast.logs.iterdir()}
    assert any("DEBUG" in content for content in logs.values()), "nothing was logged at DEBUG"
    found = [(path.name, word) for path, content in logs.items() for word in secret if word in content]
    assert found == []
    assert [path.name for path, content in logs.items() if f" {code}" in content or "Traceback" in content] == []
    assert residue(cast.folder, [word.encode() for word in secret]) == []


async def test_a_relay_does_not_log_who_speaks_another_subprotocol(cast: Cast) -> None:
    assert cast.relay is not None
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{cast.relay.url}/s", protocols=("rly.999",))
    assert refused.value.status == 400
    (log,) = [path.read_text() for path in cast.logs.iterdir() if "relay" in path.name]
    assert "rly.999" not in log
    assert "127.0.0.1: " not in log


def residue(folder: Path, needles: list[bytes]) -> list[str]:
    """Files of the profiles and the relay that hold a needle in the clear."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files for needle in needles if needle in path.read_bytes()]
