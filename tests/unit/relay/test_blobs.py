"""Blobs through a kill at every step: each state that the disk passes through is copied, opened again and examined."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from byre.db import Connection
from byre.relay import blob_rows
from byre.relay.blob_files import SEALED_EXTRA, SLOT_BYTES, BlobFiles
from byre.relay.blobs import Blobs
from byre.relay.clock import ExpiryClock
from byre.relay.counters import Counters
from byre.relay.durable import Durable
from byre.relay.key_file import KeyFile
from byre.relay.lane import Lane
from byre.relay.refusal import Refusal
from byre.relay.tasks import Tasks
from byre.wire.frames import BLOB_CHUNK_BYTES, BlobMade, BlobNew
from tests.fakes.relay import TEST_LIMITS, RelayClock, seeded

MAILBOX, TOKEN, REQ = b"m" * 16, b"t" * 32, b"q" * 16
LANE = Lane(MAILBOX, bytes(32), {hashlib.sha256(TOKEN).digest(): (0, None)})
DATA = bytes(range(251)) * 6000  # two chunks
CHUNKS = (DATA[:BLOB_CHUNK_BYTES], DATA[BLOB_CHUNK_BYTES:])


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


class Scene:
    """Blobs over real files in a folder."""

    def __init__(self, path: Path, durable: Durable, files: BlobFiles, clock: RelayClock, seed: int) -> None:
        self.path, self.durable, self.files, self.clock = path, durable, files, clock
        self.counters = Counters()
        self.blobs = Blobs(
            durable=durable,
            files=files,
            lane_of=self._lane_of,
            limits=TEST_LIMITS,
            counters=self.counters,
            clock=clock,
            expiry=ExpiryClock(clock),
            random=seeded(seed),
            free_percent_after=lambda size: 100.0,
        )

    @classmethod
    async def open(cls, path: Path, clock: RelayClock, files: BlobFiles | None = None, *, seed: int = 7) -> Scene:
        keys_path = path / "relay.keys"
        keys = (
            KeyFile.restore(keys_path, keys_path.read_bytes())
            if keys_path.exists()
            else KeyFile.create(keys_path, seeded(1))
        )
        durable = await Durable.open(path, keys, Tasks(), erase_delay_s=0)
        scene = cls(path, durable, files or BlobFiles(path / "blobs", seeded(2)), clock, seed)
        await scene.blobs.start()
        return scene

    async def _lane_of(self, mailbox: bytes) -> Lane | None:
        return LANE if mailbox == MAILBOX else None

    async def close(self) -> None:
        await self.durable._tasks.stop()
        await self.durable.close()

    async def made(self, readers: int = 2) -> BlobMade:
        return await self.blobs.create(BlobNew(REQ, MAILBOX, TOKEN, len(DATA), 0, readers), None)

    async def put(self, made: BlobMade, index: int) -> None:
        blob = await self.blobs.open_for_writing(made.blob_id, made.write_capability)
        if index not in blob.chunks:
            await self.blobs.put_chunk(blob, index, sha256(CHUNKS[index]), CHUNKS[index])

    async def content(self, made: BlobMade, reader: int) -> bytes:
        blob = await self.blobs.open_for_reading(made.blob_id, made.read_capabilities[reader])
        return b"".join([await self.blobs.read_chunk(blob, index, len(chunk)) for index, chunk in enumerate(CHUNKS)])

    async def is_there(self, made: BlobMade) -> bool:
        try:
            await self.blobs.open_for_writing(made.blob_id, made.write_capability)
        except Refusal:
            return False
        return True

    def names(self) -> set[str]:
        return {path.name for path in self.path.glob("blobs/*")}


class Camera:
    """Copies the folder before and after everything that changes a file: what a kill at that instant would leave."""

    def __init__(self, path: Path, copies: Path) -> None:
        self._path, self._copies = path, copies
        self.count = 0
        self.facts: list[tuple[str, dict[str, Any]]] = []
        self.known: dict[str, Any] = {}

    def take(self, step: str) -> None:
        shutil.copytree(self._path, self._copies / str(self.count))
        self.facts.append((step, dict(self.known)))
        self.count += 1

    @contextmanager
    def around(self, step: str) -> Iterator[None]:
        self.take(f"before {step}")
        yield
        self.take(f"after {step}")


class SeenFiles(BlobFiles):
    """Blob files on camera; a write is also seen half done."""

    def __init__(self, folder: Path, camera: Camera) -> None:
        super().__init__(folder, seeded(2))
        self._camera = camera

    def write(self, blob_id: bytes, key: bytes, index: int, chunk: bytes) -> None:
        with self._camera.around("chunk written"):
            super().write(blob_id, key, index, chunk)
        path = self._folder / blob_id.hex()
        whole = path.read_bytes()
        middle, end = index * SLOT_BYTES + len(chunk) // 2, index * SLOT_BYTES + len(chunk) + SEALED_EXTRA
        path.write_bytes(whole[:middle] + bytes(end - middle if len(whole) > end else 0) + whole[end:])
        self._camera.take("chunk torn")
        path.write_bytes(whole)

    def delete(self, blob_id: bytes) -> None:
        with self._camera.around("file deleted"):
            super().delete(blob_id)


def watch(durable: Durable, camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("write", "erase"):
        real = getattr(durable, name)

        async def seen(work: Callable[[Connection], Any], real: Any = real, name: str = name) -> Any:
            camera.take(f"before {name}")
            result = await real(work)
            camera.take(f"after {name}")
            return result

        monkeypatch.setattr(durable, name, seen)


async def examine(path: Path, clock: RelayClock, step: str, known: dict[str, Any]) -> None:
    scene = await Scene.open(path, clock)
    try:
        made: BlobMade | None = known.get("made")
        rows = await scene.durable.read(blob_rows.survey)
        assert scene.names() <= {row.blob_id.hex() for row in rows}, step  # no file without a row
        assert scene.blobs.count_now() == len(rows)
        if made is None:
            return
        if known.get("is_erased"):
            assert (rows, scene.names()) == ([], set()), step
            return
        if not await scene.is_there(made):
            assert known.get("may_be_erased"), step
            return
        blob = await scene.blobs.open_for_writing(made.blob_id, made.write_capability)
        assert blob.chunks.keys() >= known.get("chunks", set()), step  # what was confirmed is there
        for index in range(len(CHUNKS)):
            await scene.put(made, index)  # the upload goes on
        for reader in (1,) if known.get("is_first_fetched") else (0, 1) if not known.get("may_be_fetched") else (1,):
            assert await scene.content(made, reader) == DATA, step
        if known.get("is_first_fetched"):
            with pytest.raises(Refusal):
                await scene.content(made, 0)
    finally:
        await scene.close()


async def test_one_request_twice_at_once_makes_one_blob(tmp_path: Path) -> None:
    scene = await Scene.open(tmp_path, RelayClock())
    made = await asyncio.gather(*(scene.made() for _ in range(4)))
    assert {each.blob_id for each in made} == {made[0].blob_id}
    assert scene.blobs.count_now() == 1
    await scene.close()


async def test_a_kill_at_any_step_loses_nothing_confirmed_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, folder, copies = RelayClock(), tmp_path / "relay", tmp_path / "copies"
    folder.mkdir()
    copies.mkdir()
    camera = Camera(folder, copies)
    scene = await Scene.open(folder, clock, SeenFiles(folder / "blobs", camera))
    watch(scene.durable, camera, monkeypatch)
    made = await scene.made()
    camera.known["made"] = made
    chunks: set[int] = set()
    for index in (1, 0):
        await scene.put(made, index)
        chunks = chunks | {index}
        camera.known["chunks"] = chunks
    camera.known["may_be_fetched"] = True
    await scene.blobs.finish(made.blob_id, made.read_capabilities[0])
    camera.known["is_first_fetched"] = True
    camera.known["may_be_erased"] = True
    await scene.blobs.finish(made.blob_id, made.read_capabilities[1])
    camera.known["is_erased"] = True
    camera.take("the end")
    await scene.close()
    assert camera.count > 15
    assert {step for step, _ in camera.facts} >= {"chunk torn", "before erase", "after erase", "before file deleted"}
    for number, (step, known) in enumerate(camera.facts):
        await examine(copies / str(number), clock, f"{number} {step}", known)


async def test_a_chunk_that_is_written_while_its_blob_is_erased_does_not_come_back(tmp_path: Path) -> None:
    scene = await Scene.open(tmp_path, RelayClock())
    try:
        made = await scene.made()
        blob = await scene.blobs.open_for_writing(made.blob_id, made.write_capability)
        outcomes = await asyncio.gather(
            scene.blobs.put_chunk(blob, 0, sha256(CHUNKS[0]), CHUNKS[0]),
            scene.blobs.finish(made.blob_id, made.write_capability),
            scene.blobs.put_chunk(blob, 1, sha256(CHUNKS[1]), CHUNKS[1]),
            return_exceptions=True,
        )
        assert outcomes[1] is None
        assert all(outcome is None or isinstance(outcome, Refusal) for outcome in outcomes)
        assert scene.names() == set()
        assert scene.blobs.count_now() == 0
    finally:
        await scene.close()


async def test_two_writers_of_one_chunk_make_one(tmp_path: Path) -> None:
    scene = await Scene.open(tmp_path, RelayClock())
    try:
        made = await scene.made()
        blob = await scene.blobs.open_for_writing(made.blob_id, made.write_capability)
        other = bytes(len(CHUNKS[0]))
        outcomes = await asyncio.gather(
            scene.blobs.put_chunk(blob, 0, sha256(CHUNKS[0]), CHUNKS[0]),
            scene.blobs.put_chunk(blob, 0, sha256(CHUNKS[0]), CHUNKS[0]),
            scene.blobs.put_chunk(blob, 0, sha256(other), other),
            return_exceptions=True,
        )
        assert outcomes[:2] == [None, None]
        assert isinstance(outcomes[2], Refusal)
        await scene.put(made, 1)
        assert await scene.content(made, 0) == DATA
    finally:
        await scene.close()


async def test_unknown_and_refused_cost_the_same_work(tmp_path: Path) -> None:
    scene = await Scene.open(tmp_path, RelayClock())
    try:
        made = await scene.made()
        await scene.put(made, 0)

        def work_of(blob_id: bytes, capability: bytes) -> Callable[[Connection], int]:
            def work(connection: Connection) -> int:
                counted = _Counted(connection)
                blob_rows.look(counted, blob_id, sha256(capability), 0)
                return counted.statements

            return work

        questions = [(made.blob_id, bytes(32)), (bytes(16), bytes(32)), (made.blob_id, made.write_capability)]
        counts = {await scene.durable.read(work_of(*question)) for question in questions}
        assert len(counts) == 1
    finally:
        await scene.close()


class _Counted:
    """A connection that counts its statements."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.statements = 0

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        self.statements += 1
        return self._connection.execute(sql, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


async def test_tables_in_memory_are_bounded(tmp_path: Path) -> None:
    scene = await Scene.open(tmp_path, RelayClock())
    scene.blobs._limits = replace(TEST_LIMITS, blobs_open=400)
    try:
        for number in range(400):
            await scene.blobs.create(BlobNew(number.to_bytes(16), MAILBOX, TOKEN, 1, 0, 1), None)
        with pytest.raises(Refusal) as caught:
            await scene.blobs.create(BlobNew(REQ, MAILBOX, TOKEN, 1, 0, 1), None)
        assert caught.value.code == "busy"
        assert len(scene.blobs._recent) == 256
        assert len(scene.blobs._locks) == 0
    finally:
        await scene.close()
