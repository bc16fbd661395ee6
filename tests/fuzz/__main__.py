"""`python -m tests.fuzz [--runs N] [--seconds S] [TARGET…]`: coverage-guided fuzzing of every decoder by atheris.

Without a target all of them run in one process, the first two bytes of an input choosing; `--list` names them. It
begins with the targets' good samples and with corpus.json, inputs by target that reached new code once. What breaks a
target is written to build/fuzz/ (ignored): put it into corpus.json without its first two bytes, and the suite tries it
for ever.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "app"), str(ROOT)]
ROOMS = ("byre.mls", "byre.wire", "byre.identity", "byre.store", "byre.rpc", "byre.relay", "byre.system", "byre.client")
CORPUS = Path(__file__).with_name("corpus.json")
LONGEST = 16_384


def main(arguments: list[str]) -> int:
    """Fuzz; atheris ends the process itself."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--runs", type=int, default=-1, help="inputs to try; -1: no end")
    parser.add_argument("--seconds", type=int, default=0, help="how long to try; 0: no end")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="name the targets and stop")
    parser.add_argument("targets", nargs="*")
    asked = parser.parse_args(arguments)
    try:
        import atheris
    except ImportError:
        print(
            "byre: atheris has no build for this Python; the Hypothesis targets in tests/fuzz stand in", file=sys.stderr
        )
        return 3
    with atheris.instrument_imports(include=list(ROOMS)):
        from tests.fuzz.targets import all_targets
    known = all_targets()
    if asked.list:
        print("\n".join(sorted(known)))
        return 0
    names = asked.targets or sorted(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"byre: no target {unknown[0]!r}; see --list", file=sys.stderr)
        return 2
    targets = [known[name] for name in names]

    def one_input(data: bytes) -> None:
        targets[int.from_bytes(data[:2]) % len(targets)].run(data[2:])

    finds = ROOT / "build" / "fuzz"
    finds.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="byre-fuzz.") as corpus:
        for number, target in enumerate(targets):
            odd = [bytes.fromhex(text) for text in json.loads(CORPUS.read_text()).get(names[number], ())]
            for place, sample in enumerate([*target.samples, *odd]):
                Path(corpus, f"{number}-{place}").write_bytes(number.to_bytes(2) + sample)
        options = [f"-runs={asked.runs}", f"-max_total_time={asked.seconds}", f"-max_len={LONGEST}", "-timeout=20"]
        options += ["-rss_limit_mb=3072", "-print_final_stats=1", f"-artifact_prefix={finds}/", f"-seed={asked.seed}"]
        atheris.Setup([sys.argv[0], *options, corpus], one_input)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
