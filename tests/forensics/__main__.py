"""Profiles used and wiped at random, read by the examiner: `python -m tests.forensics [--stories N] [--seed S]`.

Exit status 1 at the first remnant; its seed is printed and tells the same story again.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.forensics.story import Remnant, Story


def main() -> int:
    """Tell stories until one ends badly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=20)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1, help="of the first story; each further one has the next number")
    options = parser.parse_args()
    for seed in range(options.seed, options.seed + options.stories):
        with tempfile.TemporaryDirectory() as folder:
            try:
                story = asyncio.run(Story(Path(folder), seed).tell(options.steps))
            except Remnant as remnant:
                print(f"seed {seed}: {remnant}")
                return 1
        print(f"seed {seed}: {len(story.gone)} gone, {len(story.living)} living, {story.looks} looks: clean")
    return 0


if __name__ == "__main__":
    sys.exit(main())
