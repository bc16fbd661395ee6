"""`python -m tests.vectors FILE…`: run any file of the official formats.

Prints one JSON object {file: {passed, failed, refused, failures, refusals}} and exits 1 on a failure. An entry of a
suite or feature that we do not have counts as refused, with its reason; a file that is of no known kind or does not
read is a failure, never a traceback.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "app"))

from tests.vectors.files import run_file


def main(arguments: list[str]) -> int:
    """Run the named files; return the exit status."""
    if not arguments:
        print("usage: python -m tests.vectors FILE…", file=sys.stderr)
        return 2
    reports = {name: run_file(Path(name)) for name in arguments}
    print(json.dumps({name: report.as_json() for name, report in reports.items()}, indent=1))
    return 1 if any(report.failures for report in reports.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
