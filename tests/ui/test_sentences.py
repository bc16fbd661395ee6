"""Every stable error code that can reach the window has a sentence of its own, in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from byre.ui.look import Look
from byre.ui.sentences import error_sentence, failure_reason

APP = Path(__file__).resolve().parents[2] / "app" / "byre"
LINE_PROTOCOL = {"-32700", "-32600", "-32601"}
"""JSON-RPC's own numbers: about a line of the RPC, which the window does not speak."""
ENGINE_ROOMS = ("client/account", "client/contacts", "client/linking", "client/profile", "client/connection/route")
BELOW = {"invalid_key_package", "wrong_offer"}
"""Raised inside the handshake, told to the window as `link_failed`."""


def documented_codes() -> set[str]:
    """The codes of the RPC's error table."""
    text = (APP / "rpc" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (-\d+) \|", text, re.MULTILINE)
    assert len(rows) > 20, "the table was not found"
    return {code for code, number in rows if number not in LINE_PROTOCOL}


def raised_codes(prefixes: tuple[str, ...]) -> set[str]:
    """Codes given to errors in these modules."""
    found = set()
    for path in APP.rglob("*.py"):
        if not path.relative_to(APP).as_posix().startswith(prefixes):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant):
                found.add(str(node.value.value))
    return found


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_documented_code_has_its_sentence(look: Look, language: str) -> None:
    look.set_language(language)  # type: ignore[arg-type]
    unknown = error_sentence("never_heard_of").replace("never_heard_of", "")
    for code in sorted(documented_codes()):
        sentence = error_sentence(code)
        assert code not in sentence, f"{code} has no sentence"
        assert sentence != unknown
        assert len(sentence) > 8


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_the_doors_of_the_engine_raise_has_a_sentence(look: Look, language: str) -> None:
    look.set_language(language)  # type: ignore[arg-type]
    missing = {code for code in raised_codes(ENGINE_ROOMS) if code in error_sentence(code)}
    assert missing - BELOW == set()


def test_sentences_of_lost_keys_and_full_disks_promise_that_nothing_is_lost(look: Look) -> None:
    look.set_language("en")
    for code in ("key_unavailable", "key_missing", "db_damaged", "db_missing", "io_error", "key_file_damaged"):
        assert "Nothing was deleted" in error_sentence(code) or "nothing was deleted" in error_sentence(code), code
    assert "nothing was lost" in error_sentence("disk_full")


@pytest.mark.parametrize("code", ["", "x" * 500, "<b>", "\u202e", "%n"])
def test_unknown_codes_get_a_plain_sentence(look: Look, code: str) -> None:
    assert error_sentence(code)
    assert failure_reason(code)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_both_languages_differ(look: Look, language: str) -> None:
    look.set_language(language)  # type: ignore[arg-type]
    hangul = re.compile("[가-힣]")
    for code in documented_codes():
        assert bool(hangul.search(error_sentence(code))) is (language == "ko"), code
