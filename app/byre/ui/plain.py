"""Foreign text made safe to show: one line, no controls, no bidi tricks, bounded. No toolkit.

Peers choose handles, names, titles and message texts. What leaves this module is still only text: nothing parses
it, and a name cannot reorder or overflow what stands beside it.
"""

from __future__ import annotations

import unicodedata

NAME_LIMIT = 64
PREVIEW_LIMIT = 240
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_KEEP = frozenset("\u200c\u200d")  # joiners that scripts and emoji need
_BREAKS = dict.fromkeys((0x0A, 0x0B, 0x0C, 0x2029), "\u2028")
_SIGNS = dict.fromkeys((0x00, 0x202D, 0x202E, *range(0xD800, 0xE000)), "\ufffd")  # NUL, overrides, lone surrogates
_DRAWN = {**_BREAKS, **_SIGNS, 0x0D: " "}
FSI, PDI = "\u2068", "\u2069"


def one_line(text: str, limit: int = PREVIEW_LIMIT) -> str:
    """`text` on one line without control and bidi characters, at most `limit` characters and an ellipsis."""
    cut = text[: limit * 4]
    kept: list[str] = []
    for char in cut:
        category = unicodedata.category(char)
        is_tag = char >= "\U000e0020"  # flags of regions are spelled with tag characters
        if char in _BIDI or (category in ("Cf", "Co", "Cs", "Cn") and char not in _KEEP and not is_tag):
            continue
        kept.append(" " if category in ("Cc", "Zl", "Zp") else char)
    line = " ".join("".join(kept).split())
    return line[:limit].rstrip() + "…" if len(line) > limit or len(text) > len(cut) else line


def shown_name(name: str, fallback: str = "") -> str:
    """A name to show: one line, bounded, never empty while there is a fallback."""
    return one_line(name, NAME_LIMIT) or one_line(fallback, NAME_LIMIT)


def shown_address(handle: str, host: str, limit: int = 90) -> str:
    """`handle@host` on one line; `host` is that of one's own relay, whose handles come without it."""
    return one_line(f"{handle}@{host}" if host and handle and "@" not in handle else handle, limit)


def isolated(text: str) -> str:
    """`text` between isolates, so that its direction does not leak into our sentence."""
    return f"{FSI}{text}{PDI}"


def drawable(text: str) -> str:
    """A message's text for a text layout, of the same length: breaks as U+2028, and made visible what is none or lies.

    An override of direction writes a name of a file backwards; it has no use in a message that embeddings have not.
    """
    return text.translate(_DRAWN)


def utf16_length(text: str) -> int:
    """Length in UTF-16 units, the unit of every position in Qt."""
    return len(text) + sum(1 for c in text if c > "\uffff")


def utf16_slice(text: str, start: int, end: int) -> str:
    """The part of `text` between two UTF-16 positions."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[2 * start : 2 * end].decode("utf-16-le", "ignore")


def initials(name: str) -> str:
    """One or two letters for an avatar: a three-syllable Korean name gives its given name."""
    name = name.strip()
    if not name:
        return "?"
    if len(name) == 3 and all("가" <= c <= "힣" for c in name):
        return name[1:]
    if "가" <= name[0] <= "힣" and len(name) <= 2:
        return name
    words = name.split()
    return "".join(w[0] for w in words[:2]).upper() if words[0][0].isascii() else "".join(w[0] for w in words[:2])
