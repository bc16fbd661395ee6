"""`byre --selftest`: what this installation can do, each check with the value that it computed.

It runs what a broken installation breaks: native libraries, package data, plugins; the frozen program also looks
whether every file that it was built of is there. Nothing is read from or written to the user's profile, key store or
network; files go into a throw-away folder. Exit status 0 only if every check held.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from byre import __version__

SQLITE_MAGIC = b"SQLite format 3\0"
TEXT = "외양간 selftest"
FILES = "files.txt"
"""In the frozen program's folder: size and name of each file that belongs there (packaging/byre.spec)."""
LINK = "byre://link#" + "A" * 200


class CheckFailed(Exception):
    """A check computed another value than it must; the sentence shows it."""


def run_selftest() -> int:
    """Run all checks and print one line for each. Returns 0 only if all held."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    checks: tuple[tuple[str, Callable[[Path], str]], ...] = (
        ("crypto", check_crypto),
        ("mls", check_mls),
        ("store", check_store),
        ("qr", check_qr),
        ("window", check_window),
    )
    frozen_folder = getattr(sys, "_MEIPASS", None)
    if frozen_folder is not None:
        checks = (("files", lambda _: check_files(Path(frozen_folder))), *checks)
    _say(f"byre {__version__}, Python {sys.version.split()[0]}, {sys.platform}")
    held = True
    for name, check in checks:
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="byre-selftest-") as folder:
            try:
                line = f"ok    {name}: {check(Path(folder))}"
            except Exception as error:  # whatever is broken in an installation is this check's finding
                held = False
                line = f"FAIL  {name}: {type(error).__name__}: {error}"
        _say(f"{line}  [{(time.monotonic() - start) * 1000:.0f} ms]")
    _say("all checks held" if held else "NOT all checks held")
    return 0 if held else 1


def check_files(bundle: Path) -> str:
    """Every file that the frozen program was built of, in its size: also what this machine has another copy of."""
    listed = [line.split(" ", 1) for line in (bundle / FILES).read_text(encoding="utf-8").splitlines()]
    _require(len(listed) > 0, "the list of files is empty")
    for size, name in listed:
        path = bundle / name
        _require(path.is_file(), f"{name} is missing")
        _require(path.stat().st_size == int(size), f"{name} has {path.stat().st_size} bytes, not {size}")
    return f"{len(listed)} files of {sum(int(size) for size, _ in listed)} bytes are there"


def check_crypto(_: Path) -> str:
    """A known hash and signature, and the hybrid HPKE there and back."""
    from byre.crypto.hashes import sha256
    from byre.crypto.hpke import MLKEM768_X25519, suite_of
    from byre.crypto.random import system_random
    from byre.crypto.signature import SigningKey, verify

    digest = sha256(b"abc").hex()
    _require(digest.startswith("ba7816bf8f01cfea"), f"SHA-256(abc) = {digest}")
    key = SigningKey(bytes(32))  # RFC 8032 has no vector for it; the public key of the zero seed is well known
    _require(key.public.hex().startswith("3b6a27bcceb6a42d"), f"Ed25519 public key = {key.public.hex()}")
    signature = key.sign(b"byre")
    verify(key.public, b"byre", signature)
    suite = suite_of(MLKEM768_X25519, "sha384", 2)
    private, public = suite.derive_key_pair(system_random(32))
    enc, sealed = suite.seal(public, b"info", b"", TEXT.encode())
    opened = suite.open(private, enc, b"info", b"", sealed)
    _require(opened == TEXT.encode(), "the hybrid HPKE opened something else")
    return f"SHA-256(abc) {digest[:8]}, Ed25519 {signature.hex()[:8]}, ML-KEM-768+X25519 enc {len(enc)} bytes, opened"


def check_mls(_: Path) -> str:
    """A group of two in the hybrid suite: create, add, join, one message."""
    from byre.crypto.random import system_random
    from byre.crypto.signature import SigningKey
    from byre.mls import HYBRID, AddProposal, Credential, Group, generate_key_package, suite_by_id

    now_s = int(time.time())
    suite = suite_by_id(HYBRID)
    first, second = SigningKey.generate(system_random), SigningKey.generate(system_random)
    group = Group.create(
        suite,
        group_id=b"selftest",
        signature_key=first,
        credential=Credential(b"first"),
        leaf_extensions=(),
        extensions=(),
        random=system_random,
        not_before_s=now_s - 3600,
        not_after_s=now_s + 3600,
    )
    bundle = generate_key_package(
        suite,
        signature_key=second,
        credential=Credential(b"second"),
        leaf_extensions=(),
        random=system_random,
        not_before_s=now_s - 3600,
        not_after_s=now_s + 3600,
    )
    pending = group.commit(
        [AddProposal(bundle.key_package)], validate=lambda leaf, context: None, now_s=now_s, random=system_random
    )
    joined = Group.join(
        pending.welcomes[0].message,
        bundle=bundle,
        signature_key=second,
        validate=lambda leaf, context: None,
        now_s=now_s,
    )
    message = pending.group.encrypt(TEXT.encode(), random=system_random)[1]
    received = joined.process(message, validate=lambda leaf, context: None, now_s=now_s)
    data = getattr(received, "data", b"")
    _require(data == TEXT.encode(), "the second member read something else")
    return (
        f"suite {HYBRID:#06x}, epoch {joined.epoch}, {len(joined.members)} members, message {len(message)} bytes, read"
    )


def check_store(folder: Path) -> str:
    """A vault in mode C: made, locked, unlocked; its database is no plain SQLite and finds Hangul inside a word."""
    from byre.crypto.random import system_random
    from byre.store.bigrams import index_text
    from byre.store.schema import open_database
    from byre.store.search_query import match_expression
    from byre.store.vault import ProfileVault

    vault = ProfileVault(folder / "profile", random=system_random)
    asyncio.run(vault.create(TEXT))
    vault.lock()
    asyncio.run(vault.unlock(TEXT))
    connection = open_database(vault.database_path, vault.database_key)
    try:
        (version,) = connection.execute("PRAGMA cipher_version").fetchone() or ("none",)
        connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5(body)")
        connection.execute("INSERT INTO words (body) VALUES (?)", (index_text(TEXT, room=1, author=1, has_file=False),))
        query = match_expression(TEXT[1:3])
        (hits,) = connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (query,)).fetchone() or (0,)
    finally:
        connection.close()
    head = vault.database_path.read_bytes()[: len(SQLITE_MAGIC)]
    _require(len(head) == len(SQLITE_MAGIC) and head != SQLITE_MAGIC, "the database is not encrypted")
    _require(hits == 1, f"{TEXT[1:3]} was found {hits} times")
    return f"SQLCipher {version}, first bytes {head.hex()[:8]}, unlocked by passphrase, {TEXT[1:3]} found {hits} time"


def check_qr(_: Path) -> str:
    """A link drawn as a QR code and read back."""
    from byre.ui.qr import qr_image, read_qr

    image = qr_image(LINK)
    text = read_qr(image)
    _require(text == LINK, "another text was read")
    return f"{len(LINK)} characters in {image.width()}x{image.height()} px, read back"


def check_window(folder: Path) -> str:
    """The window on a fresh profile: opened, painted, closed."""
    from byre.client.api import EngineApi
    from byre.client.engine import open_engine
    from byre.ui.app import Automation, WindowOptions, run_window

    picture = folder / "window.png"
    shown: dict[str, object] = {}

    async def open_profile() -> EngineApi:
        return await open_engine(folder / "profile", key_store=None)

    async def look(_: EngineApi, automation: Automation) -> None:
        try:
            shown.update(await automation.methods["ui.screenshot"]({"path": str(picture)}))
            shown.update(await automation.methods["ui.state"]({}))
        finally:
            await automation.methods["ui.close"]({})

    status = run_window(open_profile, WindowOptions(role_hint="linked", width=1280, height=820), attach=look)
    size_bytes = picture.stat().st_size if picture.exists() else 0
    _require(status == 0 and size_bytes > 0, f"exit status {status}, picture of {size_bytes} bytes")
    return f"{shown.get('width')}x{shown.get('height')} px, page {shown.get('page')}, picture {size_bytes} bytes"


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise CheckFailed(sentence)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
