"""How long one message takes: `python -m tests.bench.messages [--quick]` prints one JSON object.

Encrypt and decrypt of 100 bytes in a group of two, our suite 3 and our hybrid suite 0xF0A2, beside mls-rs through
Python (suite 1) in the same run. They take turns in short rounds, so that a busy machine slows all alike. Medians of
single calls, in microseconds.

`floor_us` says what cannot be saved: the same primitives over as many bytes, called bare, in the same run.

    encrypt   one signature, two AEAD seals (content, sender data), five HMACs (three of them the ratchet's)
    decrypt   one verification, two AEAD openings, the same five HMACs

`above_floor_us` is the rest: parsing, ratchets as values, Python. Where a target is not reached, `why` tells the floor
from the rest, so that a slow clock cannot be taken for slow code, nor slow code for a slow clock.
"""

from __future__ import annotations

import hmac
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module, metadata
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "app"))

from byre.crypto.signature import SigningKey, verify
from byre.mls import Received, suite_by_id
from byre.mls.profile import HYBRID, X25519_CHACHA
from tests.bench.mls_contenders import RustMember
from tests.bench.timing import load
from tests.fakes.mls import Room

TEXT = bytes(range(100))
TARGET_US = {"encrypt": 70, "decrypt": 120}
PEER, PEER_MODULE = "agentvault-mls-rs-uniffi", "mls_rs_uniffi"
OURS = {"ours_suite_3": X25519_CHACHA, "ours_hybrid": HYBRID}
SIGNED_BYTES = 300  # FramedContentTBS of such a message: head, text and the group context
SENDER_DATA_BYTES = 12
HMACS = 5
PRIMITIVES = ("sign", "verify", "seal", "open", "hmac")

Round = Callable[[int], dict[str, list[float]]]


def ours(suite_id: int) -> Round:
    """Return a function that runs n messages of ours and returns the times in seconds."""
    room = Room.of("a", "b", suite_id=suite_id)
    state = {"a": room["a"], "b": room["b"]}
    random = room.random

    def run(count: int) -> dict[str, list[float]]:
        encrypting, decrypting = [], []
        for _ in range(count):
            start = time.perf_counter()
            state["a"], message = state["a"].encrypt(TEXT, random=random)
            middle = time.perf_counter()
            received = state["b"].process(message)
            end = time.perf_counter()
            assert isinstance(received, Received)
            state["b"] = received.group
            encrypting.append(middle - start)
            decrypting.append(end - middle)
        return {"encrypt": encrypting, "decrypt": decrypting}

    return run


def mls_rs() -> Round:
    """Return the same for mls-rs through its Python binding, bytes to bytes."""
    foreign = import_module(PEER_MODULE)
    a, b = RustMember(foreign, "a"), RustMember(foreign, "b")
    b.join(a.create_add([b.key_package()])[1])

    def run(count: int) -> dict[str, list[float]]:
        encrypting, decrypting = [], []
        for _ in range(count):
            start = time.perf_counter()
            message = a.encrypt(TEXT)
            middle = time.perf_counter()
            data = b.process(message).data
            end = time.perf_counter()
            assert data == TEXT
            encrypting.append(middle - start)
            decrypting.append(end - middle)
        return {"encrypt": encrypting, "decrypt": decrypting}

    return run


def primitives(suite_id: int) -> Round:
    """Return the times of the bare primitives of one message, each over the bytes that a message has there."""
    suite, key = suite_by_id(suite_id), SigningKey(bytes(32))
    secret, nonce, aead_key = bytes(suite.hash_length), bytes(12), bytes(suite.aead.key_length)
    signed, sealed = bytes(SIGNED_BYTES), TEXT + bytes(64)
    label, name = bytes(25), suite.hash_name

    def run(count: int) -> dict[str, list[float]]:
        times: dict[str, list[float]] = {each: [] for each in PRIMITIVES}
        clock = time.perf_counter
        for _ in range(count):
            marks = [clock()]
            signature = key.sign(signed)
            marks.append(clock())
            verify(key.public, signed, signature)
            marks.append(clock())
            ciphertext = suite.aead.seal(aead_key, nonce, label, sealed)
            short = suite.aead.seal(aead_key, nonce, label, bytes(SENDER_DATA_BYTES))
            marks.append(clock())
            suite.aead.open(aead_key, nonce, label, ciphertext)
            suite.aead.open(aead_key, nonce, label, short)
            marks.append(clock())
            for _ in range(HMACS):
                hmac.digest(secret, label, name)
            marks.append(clock())
            for each, (begin, end) in zip(PRIMITIVES, pairwise(marks), strict=True):
                times[each].append(end - begin)
        return times

    return run


def floor_of(parts: dict[str, float]) -> dict[str, float]:
    """Return what encrypting and decrypting cost at least."""
    return {
        **parts,
        "encrypt": round(parts["sign"] + parts["seal"] + parts["hmac"], 1),
        "decrypt": round(parts["verify"] + parts["open"] + parts["hmac"], 1),
    }


def judged(median: dict[str, float], floor: dict[str, float]) -> dict[str, object]:
    """Return, per verb, whether its target is reached, and if not why."""
    result: dict[str, object] = {}
    for verb, limit in TARGET_US.items():
        spent, least = median[f"{verb}_us"], floor[verb]
        entry: dict[str, object] = {"us": spent, "at_most": limit, "reached": spent <= limit}
        entry["above_floor_us"] = round(spent - least, 1)
        if spent > limit:
            entry["why"] = f"the bare primitives take {least} us on this machine now, all else {spent - least:.1f} us"
        result[verb] = entry
    return result


def measure(*, quick: bool) -> dict[str, object]:
    """Run all and return the report."""
    rounds: dict[str, Round] = {name: ours(suite_id) for name, suite_id in OURS.items()}
    rounds |= {f"floor_{name}": primitives(suite_id) for name, suite_id in OURS.items()}
    peer: dict[str, str] | None = None
    if find_spec(PEER_MODULE) is not None:
        rounds["mls_rs_suite_1"] = mls_rs()
        peer = {"name": PEER, "version": metadata.version(PEER)}
    repeats, count = (10, 50) if quick else (40, 100)
    times: dict[str, dict[str, list[float]]] = {name: {} for name in rounds}
    for each in rounds.values():
        each(count)  # warm up
    for _ in range(repeats):
        for name, each in rounds.items():
            for verb, seconds in each(count).items():
                times[name].setdefault(verb, []).extend(seconds)
    spent = {
        name: {verb: round(statistics.median(seconds) * 1e6, 1) for verb, seconds in by_verb.items()}
        for name, by_verb in times.items()
    }
    medians = {
        name: {f"{verb}_us": value for verb, value in by_verb.items()}
        for name, by_verb in spent.items()
        if not name.startswith("floor_")
    }
    floors = {name: floor_of(spent[f"floor_{name}"]) for name in OURS}
    report: dict[str, object] = {
        "bench": "messages",
        "plaintext_bytes": len(TEXT),
        "messages_each": repeats * count,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "load": load(),
        "peer": peer,
        "median": medians,
        "floor_us": floors,
        "target_us": TARGET_US,
        "judged": {name: judged(medians[name], floors[name]) for name in OURS},
        "reached": {
            name: {verb: medians[name][f"{verb}_us"] <= limit for verb, limit in TARGET_US.items()} for name in OURS
        },
    }
    if peer is not None:
        report["ratio_to_peer"] = {
            name: {
                verb: round(medians[name][f"{verb}_us"] / medians["mls_rs_suite_1"][f"{verb}_us"], 2)
                for verb in TARGET_US
            }
            for name in OURS
        }
    return report


def main(arguments: list[str]) -> int:
    """Print the report."""
    print(json.dumps(measure(quick="--quick" in arguments), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
