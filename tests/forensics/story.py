"""A profile used at random, wiped at random, and read by the examiner after each time that it was written anew.

Everything that is written carries a mark of its own, so that both questions have an exact answer: what went is nowhere,
what stays is there. The same seed tells the same story.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from byre.store import KeptEnvelopeRow, ProfileVault, Store, WipeScope
from byre.store.forensics_profile import databases_of, scan_profile
from tests.fakes.key_store import FakeKeyStore
from tests.forensics.opening import everything_readable
from tests.unit.store.profile import NOW, room, seeded, sign, text, vault_at

PASSPHRASE = "pass"
_FIRST_SYLLABLE, _LAST_SYLLABLE = 0xAC00, 0xD7A3
_TERM_BEGINS = 6
"""The index stores a word without the letters that it shares with the one before: the rest of a mark is its own."""


class Remnant(AssertionError):
    """The examiner has read what should be gone, or has not found what should be there."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that was written: its mark, where and when."""

    mark: str
    kind: str
    room: int
    at: int


class Story:
    """One profile in `folder`. `tell` lives it through."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder / "profile"
        self._image = folder / "image"
        self._dice = random.Random(seed)
        self.key_store = FakeKeyStore() if self._dice.random() < 0.5 else None
        self._seed, self._number, self._openings = seed, 0, 0
        self.living: dict[str, Told] = {}
        self.gone: list[str] = []
        self.looks = 0

    async def tell(self, steps: int) -> Story:
        """`steps` random steps and a last wipe; raises Remnant."""
        vault = vault_at(self.folder, self.key_store, seed=f"story {self._seed}")
        await vault.create(PASSPHRASE)
        store = await self._opened(vault)
        for number in range(1, 5):
            await store.write(lambda tx, number=number: tx.rooms.add(room(number, title=f"방 {number}")))  # type: ignore[misc]
        deeds = (self._talk, self._talk, self._talk, self._draft, self._envelope, self._move_on, self._delete)
        for _ in range(steps):
            chance = self._dice.random()
            if chance < 0.06:
                await self._wipe(vault, store)
            elif chance < 0.1:
                await store.snapshots.take()
            elif chance < 0.14:
                await store.close()
                store = await self._opened(vault)
            else:
                await self._dice.choice(deeds)(store)
        await self._wipe(vault, store)
        await store.close()
        self._plant(vault)
        return self

    async def _opened(self, vault: ProfileVault) -> Store:
        self._openings += 1
        randomness = seeded(f"store {self._seed} {self._openings}")
        return await Store.open(vault, certify=sign, clock_ms=lambda: NOW, random=randomness)

    async def _talk(self, store: Store) -> None:
        messages = []
        for _ in range(self._dice.randrange(1, 25)):
            told = self._new("message")
            own = self._dice.random() < 0.3
            body = self._words(told.mark)
            messages.append(text(self._number, body, in_room=told.room, at=told.at, own=own))
        await store.write(lambda tx: [tx.messages.add(message) for message in messages])

    async def _draft(self, store: Store) -> None:
        number = self._dice.randrange(1, 5)
        for old in [told for told in self.living.values() if told.kind == "draft" and told.room == number]:
            self._forget(old)
        told = self._new("draft", number)
        body = self._words(told.mark)
        await store.write(lambda tx: tx.drafts.put(told.room, body, NOW + told.at))

    async def _envelope(self, store: Store) -> None:
        told = self._new("envelope")
        group, sealed = bytes([told.room]) * 32, self._words(told.mark).encode()
        row = KeptEnvelopeRow(0, b"m" * 16, told.mark.encode(), "future_epoch", group, 9, sealed, NOW + told.at)
        await store.write(lambda tx: tx.inbox.keep(row))

    async def _move_on(self, store: Store) -> None:
        """States and read marks: rows that grow and shrink, cells that move."""
        state = self._dice.choice(("relayed", "stored", "delivered", "read"))
        number, share = self._dice.randrange(1, 5), self._dice.randrange(1, 40)
        await store.write(
            lambda tx: [tx.messages.set_state(row.id, state) for row in tx.messages.page(number, share) if row.is_own]
        )

    async def _delete(self, store: Store) -> None:
        messages = [told for told in self.living.values() if told.kind == "message"]
        for told in self._dice.sample(messages, min(len(messages), self._dice.randrange(1, 4))):
            found = await store.read(lambda tx, mark=told.mark: tx.search.find(mark, 1))  # type: ignore[misc]
            if len(found) != 1:
                raise Remnant(f"{told.mark} is not found")
            await store.write(lambda tx, at=found[0].message.id: tx.erasures.erase([at]))  # type: ignore[misc]
            self._forget(told)
        await store.fold()
        await store.snapshots.drop()

    async def _wipe(self, vault: ProfileVault, store: Store) -> None:
        shutil.rmtree(self._image, ignore_errors=True)
        shutil.copytree(self.folder, self._image)
        before_ms = self._dice.randrange(0, 2000)
        rooms = self._dice.sample(range(1, 5), self._dice.randrange(1, 4))
        kind = self._dice.choice(("rooms", "rooms", "before", "rotation"))
        if kind == "rooms":
            await store.wipe(rooms)
        elif kind == "before":
            await store.wipe(WipeScope.before(NOW + before_ms))
        else:
            await store.rotate()
        for told in list(self.living.values()):
            if (kind == "rooms" and told.room in rooms) or (kind == "before" and told.at < before_ms):
                self._forget(told)
        self._look(vault, kind)

    def _look(self, vault: ProfileVault, kind: str) -> None:
        """The examiner has the passphrase and the key store of now; also for the image from before."""
        self.looks += 1
        entries = {} if self.key_store is None else self.key_store.entries
        image = everything_readable(self.folder, PASSPHRASE, entries)
        for mark in self.gone:
            for form in (mark[_TERM_BEGINS:].encode(), mark.encode("utf-16-le")):
                if form in image:
                    raise Remnant(f"{mark} can be read after {kind}")
        for mark in self.living:
            if mark.encode() not in image:
                raise Remnant(f"{mark} is lost after {kind}")
        if self.key_store is not None:
            old = everything_readable(self._image, PASSPHRASE, entries)
            if any(mark.encode() in old for mark in (*self.gone, *self.living)):
                raise Remnant(f"the image from before {kind} can be read")
        places = scan_profile(self.folder, vault.generation, databases_of(vault)).places()
        if places:
            raise Remnant(f"the scanner names {places} after {kind}")

    def _plant(self, vault: ProfileVault) -> None:
        """A file that holds what went: named by the scanner wherever it lies, and read by the examiner."""
        mark = self._new("file").mark
        name = self._dice.choice(("thumb.png", "cache/attachment.bin", "store.0.db", "key.0", "draft.tmp", "노트"))
        encoding = self._dice.choice(("utf-8", "utf-16-le"))
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(self._dice.randrange(0, 5000)) + mark.encode(encoding) * 2)
        scan = scan_profile(self.folder, vault.generation, databases_of(vault), texts=[mark])
        if not {f"{name} (plaintext)"} < set(scan.places()):
            raise Remnant(f"{name} is not named: {scan.places()}")
        path.unlink()

    def _new(self, kind: str, number: int = 0) -> Told:
        self._number += 1
        told = Told(f"m{self._dice.getrandbits(64):016x}", kind, number or self._dice.randrange(1, 5), 0)
        told = Told(told.mark, kind, told.room, self._dice.randrange(0, 2000))
        if kind != "file":
            self.living[told.mark] = told
        return told

    def _forget(self, told: Told) -> None:
        del self.living[told.mark]
        self.gone.append(told.mark)

    def _words(self, mark: str) -> str:
        """A text around a mark: mostly short, sometimes over several pages."""
        length = self._dice.choice((0, 5, 20, 60, 200, 3000)) * self._dice.randrange(1, 4)
        syllables = (chr(self._dice.randrange(_FIRST_SYLLABLE, _LAST_SYLLABLE)) for _ in range(length))
        other = "".join(character + (" " if self._dice.random() < 0.3 else "") for character in syllables)
        return f"{other} {mark}" if self._dice.random() < 0.5 else f"{mark} {other}"
