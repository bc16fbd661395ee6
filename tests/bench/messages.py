"""How long one message takes: `python -m tests.bench.messages [--quick]` prints one JSON object.

Encrypt and decrypt of 100 bytes in a group of two, our suite 3 and our hybrid suite 0xF0A2, beside mls-rs through
Python (suite 1) in the same run. They take turns in short rounds, so that a busy machine slows all alike. Medians of
single calls, in microseconds. `floor_us` is what the signature alone costs here, more than half of a message.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "app"))

from byre.crypto.signature import SigningKey, verify
from byre.mls import Received
from byre.mls.profile import HYBRID, X25519_CHACHA
from tests.fakes.mls import Room

TEXT = bytes(range(100))
TARGET_US = {"encrypt": 70, "decrypt": 120}

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
    from tests.interop.mls_rs import ForeignMember

    a, b = ForeignMember("a"), ForeignMember("b")
    a.create()
    b.join(a.add(b.key_package())[1])

    def run(count: int) -> dict[str, list[float]]:
        encrypting, decrypting = [], []
        for _ in range(count):
            start = time.perf_counter()
            message = a.encrypt(TEXT)
            middle = time.perf_counter()
            data = b.process(message, "a").data
            end = time.perf_counter()
            assert data == TEXT
            encrypting.append(middle - start)
            decrypting.append(end - middle)
        return {"encrypt": encrypting, "decrypt": decrypting}

    return run


def primitives() -> Round:
    """Return the same for one signature and one verification."""
    key = SigningKey(bytes(32))

    def run(count: int) -> dict[str, list[float]]:
        signing, verifying = [], []
        for _ in range(count):
            start = time.perf_counter()
            signature = key.sign(TEXT)
            middle = time.perf_counter()
            verify(key.public, TEXT, signature)
            signing.append(middle - start)
            verifying.append(time.perf_counter() - middle)
        return {"encrypt": signing, "decrypt": verifying}

    return run


def measure(*, quick: bool) -> dict[str, object]:
    """Run all and return the report."""
    rounds: dict[str, Round] = {
        "ours_suite_3": ours(X25519_CHACHA),
        "ours_hybrid": ours(HYBRID),
        "floor": primitives(),
    }
    peer: dict[str, str] | None = None
    try:
        rounds["mls_rs_suite_1"] = mls_rs()
        peer = {"name": "agentvault-mls-rs-uniffi", "version": metadata.version("agentvault-mls-rs-uniffi")}
    except ImportError:
        pass
    repeats, count = (10, 50) if quick else (40, 100)
    times: dict[str, dict[str, list[float]]] = {name: {"encrypt": [], "decrypt": []} for name in rounds}
    for each in rounds.values():
        each(count)  # warm up
    for _ in range(repeats):
        for name, each in rounds.items():
            for verb, seconds in each(count).items():
                times[name][verb] += seconds
    medians = {
        name: {f"{verb}_us": round(statistics.median(seconds) * 1e6, 1) for verb, seconds in by_verb.items()}
        for name, by_verb in times.items()
    }
    report: dict[str, object] = {
        "bench": "messages",
        "plaintext_bytes": len(TEXT),
        "messages_each": repeats * count,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "peer": peer,
        "median": {name: value for name, value in medians.items() if name != "floor"},
        "floor_us": {"sign": medians["floor"]["encrypt_us"], "verify": medians["floor"]["decrypt_us"]},
        "target_us": TARGET_US,
        "reached": {
            name: {verb: medians[name][f"{verb}_us"] <= limit for verb, limit in TARGET_US.items()}
            for name in ("ours_suite_3", "ours_hybrid")
        },
    }
    if peer is not None:
        report["ratio_to_peer"] = {
            name: {
                verb: round(medians[name][f"{verb}_us"] / medians["mls_rs_suite_1"][f"{verb}_us"], 2)
                for verb in TARGET_US
            }
            for name in ("ours_suite_3", "ours_hybrid")
        }
    return report


def main(arguments: list[str]) -> int:
    """Print the report."""
    print(json.dumps(measure(quick="--quick" in arguments), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
