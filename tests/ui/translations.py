"""Keeps `resources/translations` in step with the sentences in `app/byre/ui`.

`python -m tests.ui.translations` updates the .ts files (translations are kept, vanished sentences leave) and compiles
the .qm files with Qt's own lrelease, which comes with PySide6-Essentials. `python -m tests.ui.translations --missing`
lists what has no Korean yet. `qt_ko.ts`, kept by hand, has the words of Qt's file dialog that Qt has not in Korean.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "app" / "byre" / "ui"
FOLDER = ROOT / "resources" / "translations"
LANGUAGES = ("ko", "en")
PLURAL_FORMS = {"ko": 1, "en": 2}


def sentences() -> dict[str, bool]:
    """Every sentence given to `tr`, and whether it has plural forms."""
    found: dict[str, bool] = {}
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr" and node.args:
                first = node.args[0]
                assert isinstance(first, ast.Constant), f"{path}:{node.lineno}: tr() needs a literal"
                assert isinstance(first.value, str)
                plural = len(node.args) > 1 or any(k.arg == "n" for k in node.keywords)
                found[first.value] = found.get(first.value, False) or plural
    return found


def read(language: str) -> dict[str, list[str]]:
    """The translations of a .ts file: source -> forms."""
    path = FOLDER / f"byre_{language}.ts"
    if not path.exists():
        return {}
    forms: dict[str, list[str]] = {}
    for message in ET.parse(path).getroot().iter("message"):
        source = message.findtext("source") or ""
        translation = message.find("translation")
        if translation is None:
            continue
        numerus = [form.text or "" for form in translation.findall("numerusform")]
        forms[source] = numerus or [translation.text or ""]
    return forms


def english(source: str, plural: bool) -> list[str]:
    """English forms: the source as it is printed, and its singular where the noun after %n tells it."""
    if not plural:
        return [printed(source)]
    singular = {
        "%n members": "%n member",
        "%n devices": "%n device",
        "%n people": "%n person",
        "%n messages": "%n message",
        "%n devices of yours": "%n device of yours",
        "%n tries left": "%n try left",
        "Primary device and %n PCs": "Primary device and %n PC",
        "%n devices are told to erase it": "%n device is told to erase it",
        "%n envelopes wait there; they die when your devices fetch them": (
            "%n envelope waits there; it dies when your devices fetch it"
        ),
        "%n of your messages wait there": "%n of your messages waits there",
        "All %n verified": "Verified",
        "After %n minutes": "After %n minute",
        "%n days": "%n day",
        "Last %n days": "Last day",
        "Erase here after %n days": "Erase here after %n day",
        "Older than %n days": "Older than %n day",
        "%n messages could not be read": "%n message could not be read",
        "%n damaged pages could not be read": "%n damaged page could not be read",
        "%n messages were read from the damaged file": "%n message was read from the damaged file",
        "%n seconds": "%n second",
        "%n minutes": "%n minute",
        "%n hours": "%n hour",
        "%n weeks": "%n week",
        "%n other devices of yours are told, too": "%n other device of yours is told, too",
        "All %n other devices have answered that they erased it": "The other device has answered that it erased it",
        "{erased} of %n other devices have erased it so far": "The other device has not erased it yet",
        "In %n minutes it is erased on all your devices. Undo it if that was not you.": (
            "In a minute it is erased on all your devices. Undo it if that was not you."
        ),
        "A device of everybody has it. %n have not read it.": "A device of everybody has it. %n has not read it.",
    }
    return [printed(singular.get(source, source)), printed(source)]


def printed(words: str) -> str:
    """With apostrophes as they are printed; the source has those of a keyboard."""
    return re.sub(r"(?<=[\w}])'(?=s\b|\s)", "’", words)


def write(language: str, forms: dict[str, list[str]], wanted: dict[str, bool]) -> None:
    """Write a .ts file with exactly the wanted sentences."""
    root = ET.Element("TS", version="2.1", language={"ko": "ko_KR", "en": "en_US"}[language], sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = "byre"
    for source, plural in sorted(wanted.items()):
        message = ET.SubElement(context, "message", **({"numerus": "yes"} if plural else {}))
        ET.SubElement(message, "source").text = source
        translation = ET.SubElement(message, "translation")
        known = forms.get(source, [])
        count = PLURAL_FORMS[language] if plural else 1
        if len(known) != count or not all(known):
            translation.set("type", "unfinished")
            known = [""] * count
        if plural:
            for form in known:
                ET.SubElement(translation, "numerusform").text = form
        else:
            translation.text = known[0]
    ET.indent(root)
    text = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n' + ET.tostring(root, encoding="unicode") + "\n"
    (FOLDER / f"byre_{language}.ts").write_text(text, encoding="utf-8")


def lrelease() -> Path:
    """Qt's own compiler for catalogues."""
    import PySide6

    name = "lrelease.exe" if sys.platform == "win32" else "lrelease"
    return Path(PySide6.__path__[0]) / name


def compiled(language: str, folder: Path, catalogue: str = "byre") -> bytes:
    """The .qm of a language, freshly made in `folder`."""
    target = folder / f"{catalogue}_{language}.qm"
    source = FOLDER / f"{catalogue}_{language}.ts"
    subprocess.run([str(lrelease()), "-silent", str(source), "-qm", str(target)], check=True, capture_output=True)
    return target.read_bytes()


def missing() -> Iterator[str]:
    """Sentences without Korean."""
    known = read("ko")
    for source in sentences():
        if not all(known.get(source, [""])):
            yield source


def main() -> None:
    """Update and compile, or list what is missing."""
    wanted = sentences()
    if "--missing" in sys.argv:
        for source in missing():
            print(repr(source))
        return
    write("ko", read("ko"), wanted)
    write("en", {source: english(source, plural) for source, plural in wanted.items()}, wanted)
    for language in LANGUAGES:
        compiled(language, FOLDER)
    compiled("ko", FOLDER, "qt")


if __name__ == "__main__":
    main()
