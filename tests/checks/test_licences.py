"""Every package that a bundle or a checkout brings along is named with its licence in packaging/THIRD_PARTY.md."""

from __future__ import annotations

import re

import pytest

from tests.checks.source import ROOT
from tests.checks.test_locks import pins

PAGE = ROOT / "packaging" / "THIRD_PARTY.md"
ROW = re.compile(r"^\| (?P<name>[a-z0-9][a-z0-9.-]*) \| (?P<licence>[^|]+) \|", re.MULTILINE)


def listed(page: str) -> dict[str, str]:
    """Package name -> licence, from the page's tables."""
    return {
        match["name"]: match["licence"].strip()
        for match in ROW.finditer(page)
        if match["name"] not in ("package", "file")
    }


def unlisted(page: str, locks: list[str]) -> list[str]:
    """Locked packages that the page does not name."""
    known = listed(page)
    return sorted({name for lock in locks for name in pins(lock)} - known.keys())


def test_every_distributed_package_is_listed_with_its_licence() -> None:
    locks = [(ROOT / "packaging" / "requirements" / f"{name}.txt").read_text() for name in ("run", "packaging", "uv")]
    assert unlisted(PAGE.read_text(), locks) == []


def test_no_listed_package_was_dropped_from_the_locks() -> None:
    locks = [(ROOT / "packaging" / "requirements" / f"{name}.txt").read_text() for name in ("run", "packaging", "uv")]
    locked = {name for lock in locks for name in pins(lock)}
    assert sorted(listed(PAGE.read_text()).keys() - locked) == []


def test_no_licence_forbids_distribution_under_ours() -> None:
    unfit = re.compile(r"(?<!OR )GPL-2\.0-only(?! WITH)|proprietary|SSPL|BUSL|CC-BY-NC", re.IGNORECASE)
    assert {name: text for name, text in listed(PAGE.read_text()).items() if unfit.search(text)} == {}


def test_the_full_texts_are_there() -> None:
    assert "GNU AFFERO GENERAL PUBLIC LICENSE\n                       Version 3" in (ROOT / "LICENSE").read_text()
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in (ROOT / "packaging" / "licences" / "LGPL-3.0.txt").read_text()
    assert "GNU GENERAL PUBLIC LICENSE" in (ROOT / "packaging" / "licences" / "GPL-3.0.txt").read_text()


@pytest.mark.parametrize("lock", ["newcomer==1.0 \\\n    --hash=sha256:" + "0" * 64])
def test_an_unlisted_package_is_seen(lock: str) -> None:
    assert unlisted(PAGE.read_text(), [lock]) == ["newcomer"]
