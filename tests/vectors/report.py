"""What came of running a file of vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from byre.errors import PeerError
from tests.vectors.fields import check_types

Entry = dict[str, Any]
Runner = Callable[[Entry], None]

UNSUPPORTED_CODES = (
    "unsupported_suite",
    "unsupported_proposal",
    "unsupported_version",
    "unsupported_credential",
    "unsupported_sender",
)


class Refused(Exception):
    """A case is of something that we do not have, and say so: an unknown suite, ReInit, branch."""


@dataclass
class FileReport:
    """Counts of one file; a refusal and a failure name their case and reason."""

    passed: int = 0
    failures: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return the report as `python -m tests.vectors` prints it."""
        return {
            "passed": self.passed,
            "failed": len(self.failures),
            "refused": len(self.refusals),
            "failures": self.failures,
            "refusals": self.refusals,
        }


def run_cases(entries: Iterable[Entry], runner: Runner) -> FileReport:
    """Run every entry; what is unsupported is refused, any other exception is a failure."""
    report = FileReport()
    for number, entry in enumerate(entries):
        try:
            if not isinstance(entry, dict) or not entry:
                raise AssertionError("no entry of any format")
            check_types(entry)
            runner(entry)
        except Refused as refusal:
            report.refusals.append(f"case {number}: {refusal}")
        except PeerError as error:
            kept = report.refusals if error.code in UNSUPPORTED_CODES else report.failures
            kept.append(f"case {number}: {error.sentence} ({error.code})")
        except Exception as error:  # any exception at all fails the case, and the others still run
            report.failures.append(f"case {number}: {type(error).__name__}: {error}")
        else:
            report.passed += 1
    return report


def expect(actual: object, expected: object, what: str) -> None:
    """Fail the case unless the two are equal."""
    if actual != expected:
        raise AssertionError(f"{what} differs")
