"""Blobs against a model: random makers, writers, readers, restarts and hours, and what must be there is there."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.relay.refusal import Refusal
from byre.wire.frames import BLOB_CHUNK_BYTES, BlobMade, BlobNew
from tests.fakes.relay import RelayClock
from tests.unit.relay.test_blobs import MAILBOX, TOKEN, Scene, sha256

STEPS = 250
HOUR_S = 3600


@dataclass
class Model:
    """What a blob should be."""

    made: BlobMade
    data: bytes
    touched_s: float
    ends_s: float
    chunks: set[int] = field(default_factory=set)
    readers: set[bytes] = field(default_factory=set)

    @property
    def count(self) -> int:
        return -(-len(self.data) // BLOB_CHUNK_BYTES)

    def chunk(self, index: int) -> bytes:
        return self.data[index * BLOB_CHUNK_BYTES : (index + 1) * BLOB_CHUNK_BYTES]


@pytest.mark.parametrize("seed", [1, 2])
async def test_blobs_are_what_the_model_says(tmp_path: Path, seed: int) -> None:
    dice, clock = random.Random(seed), RelayClock()
    scene = await Scene.open(tmp_path, clock)
    models: list[Model] = []
    gone: list[Model] = []
    now_s = 0.0
    try:
        for step in range(STEPS):
            action = dice.choice(["make", "put", "put", "put", "read", "read", "fetch", "withdraw", "wait", "restart"])
            model = dice.choice(models) if models else None
            if action == "make" or model is None:
                size = dice.choice([1, 1000, BLOB_CHUNK_BYTES, BLOB_CHUNK_BYTES + dice.randrange(1, 9)])
                readers, hours = dice.randrange(1, 4), dice.choice([0, 1, 30, 100])
                frame = BlobNew(step.to_bytes(16), MAILBOX, TOKEN, size, hours * HOUR_S, readers)
                try:
                    made = await scene.blobs.create(frame, None)
                except Refusal as refusal:
                    assert refusal.code == "quota"  # noqa: PT017
                    continue
                ends_s = now_s + HOUR_S * (min(hours, 72) or 48)
                fresh = Model(made, dice.randbytes(size), now_s, ends_s)
                fresh.readers = set(made.read_capabilities)
                models.append(fresh)
            elif action == "put":
                index = dice.randrange(model.count)
                blob = await scene.blobs.open_for_writing(model.made.blob_id, model.made.write_capability)
                assert blob.chunks.keys() == model.chunks
                await scene.blobs.put_chunk(blob, index, sha256(model.chunk(index)), model.chunk(index))
                if index not in model.chunks:
                    model.touched_s = now_s
                model.chunks.add(index)
            elif action == "read":
                capability = dice.choice(sorted(model.readers))
                if len(model.chunks) < model.count:
                    await expect_refusal(scene, model, capability, "busy")
                else:
                    assert await content(scene, model, capability) == model.data
            elif action == "fetch":
                capability = dice.choice(sorted(model.readers))
                await scene.blobs.finish(model.made.blob_id, capability)
                model.readers.discard(capability)
                if model.readers:
                    await expect_refusal(scene, model, capability, "absent")
                else:
                    models.remove(model)
                    gone.append(model)
            elif action == "withdraw" and dice.random() < 0.3:
                await scene.blobs.finish(model.made.blob_id, model.made.write_capability)
                models.remove(model)
                gone.append(model)
            elif action == "wait":
                hours = dice.choice([1, 5, 20])
                clock.advance(hours * HOUR_S)
                now_s += hours * HOUR_S
                await scene.blobs.expire()
                for each in list(models):
                    is_idle = len(each.chunks) < each.count and now_s - each.touched_s >= 24 * HOUR_S
                    if now_s >= each.ends_s or is_idle:
                        models.remove(each)
                        gone.append(each)
            elif action == "restart":
                await scene.close()
                scene = await Scene.open(tmp_path, clock, seed=100 + step)
            assert scene.blobs.count_now() == len(models)
            assert scene.blobs.bytes_now() == sum(len(each.data) for each in models)
            assert scene.names() == {each.made.blob_id.hex() for each in models if each.chunks}
            if gone:
                old = dice.choice(gone)
                for capability in (old.made.write_capability, *old.made.read_capabilities):
                    await expect_refusal(scene, old, capability, "absent")
        assert len(gone) > 10
    finally:
        await scene.close()


async def content(scene: Scene, model: Model, capability: bytes) -> bytes:
    blob = await scene.blobs.open_for_reading(model.made.blob_id, capability)
    parts = [await scene.blobs.read_chunk(blob, index, len(model.chunk(index))) for index in range(model.count)]
    return b"".join(parts)


async def expect_refusal(scene: Scene, model: Model, capability: bytes, code: str) -> None:
    with pytest.raises((Refusal, EnvironmentFault)) as caught:
        await content(scene, model, capability)
    assert isinstance(caught.value, Refusal)
    assert caught.value.code == code
