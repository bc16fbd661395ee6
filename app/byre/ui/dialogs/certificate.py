"""The wipe certificate: this device's own claim. It names no room, no title, no content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.events import WipeReported
from byre.client.views import WipeCertificate
from byre.ui import tokens, when
from byre.ui.dialogs.sheet import Sheet
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import one_line
from byre.ui.widgets.buttons import Button, IconButton
from byre.ui.widgets.cards import Box, Line
from byre.ui.widgets.labels import Icon, PlainLabel

COUNTS = ("messages", "index_entries", "outbox", "past_epochs")
SCANNED = ("pages", "wal_frames", "files", "needles")
MOST_LIMITS = 12
"""A certificate of this app has seven; what another one claims may not fill the screen."""


def _ranked(numbers: Mapping[str, int], first: Sequence[str], most: int = 4) -> list[tuple[str, int]]:
    """The numbers to show: the known ones first, at most `most`."""
    names = [n for n in first if n in numbers] + [n for n in numbers if n not in first]
    return [(name, numbers[name]) for name in names[:most]]


def count_words(name: str) -> str:
    """What a count of the certificate counts."""
    return {
        "rooms": tr("Rooms"),
        "messages": tr("Messages"),
        "attachments": tr("Attachments and their keys"),
        "index_entries": tr("Search index entries"),
        "outbox": tr("Waiting to be sent"),
        "receipts": tr("Receipts"),
        "envelopes": tr("Kept sealed envelopes"),
        "past_epochs": tr("Secrets of past epochs"),
        "pages": tr("Pages of the new store"),
        "wal_frames": tr("Frames of the write-ahead log"),
        "files": tr("Files of the profile folder"),
        "raw_bytes": tr("Bytes of the profile folder"),
        "drafts": tr("Drafts"),
        "needles": tr("Samples looked for"),
    }.get(name, one_line(name.replace("_", " "), 40))


def counted(number: int) -> str:
    """So many of them."""
    return tr("{count}", count=f"{number:,}")


def found_words(looked_for: int, found: int) -> str:
    """How many samples were looked for, and how many of them were found."""
    return tr("{count} → {found} found", count=f"{looked_for:,}", found=f"{found:,}")


def limit_words(name: str) -> str:
    """One thing that is not promised."""
    return {
        "copied_before": tr("A disk and key that somebody copied before"),
        "images_taken_with_the_key": tr("A disk and key that somebody copied before"),
        "before_and_after_images": tr("Images of the disk from before and after"),
        "flash_and_filesystem_copies": tr("Old cells of flash memory; they hold only ciphertext under a dead key"),
        "hibernation": tr("A hibernation image, and backups that hold the key"),
        "backups_and_snapshots": tr("Backups and snapshots that hold the key"),
        "exports": tr("Files that were exported before"),
        "other_devices": tr("Other people's devices and altered apps"),
        "process_memory": tr("Memory of this app until it is restarted"),
        "memory_until_restart": tr("Memory of this app until it is restarted"),
        "key_store_login_password": tr("A key store that lies in a file is only as good as the login password"),
        "key_copy_pending": tr("An older copy of the key at the phone or relay, until it is replaced"),
        "own_claim": tr("This is this device's own claim, no proof to others"),
    }.get(name, one_line(name.replace("_", " "), 60))


def key_mode_words(mode: str) -> str:
    """How the store's key is kept."""
    return {
        "A": tr("Key store of the system"),
        "B": tr("Passphrase and key store"),
        "C": tr("Passphrase only"),
    }.get(mode, one_line(mode, 20))


class CertificateSheet(Sheet):
    """720x724. `export(json)`; `again` when something was left, where the same can be done once more."""

    export = Signal(str)
    again = Signal()

    def __init__(self, look: Look, window: QWidget, certificate: WipeCertificate, *, is_new: bool = False) -> None:
        super().__init__(look, window, width=720, height=724)
        self._certificate, self._is_new = certificate, is_new
        self._asked, self._erased = certificate.devices_asked, certificate.devices_erased
        self.fill(self._fill)
        save = QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self)
        save.activated.connect(lambda: self.export.emit(certificate.certificate_json))

    def _fill(self) -> None:
        look, clean = self.look, not self._certificate.remnants
        self.setAccessibleName(tr("Wipe certificate"))
        self.body.setContentsMargins(32, 28, 16, 20)
        self._head(clean)
        self.body.addSpacing(20)
        self._column = QVBoxLayout()  # the cross above stands in the corner, outside of its padding
        self._column.setContentsMargins(0, 0, 16, 0)
        self._column.setSpacing(0)
        self.body.addLayout(self._column, 1)
        self._hero(clean)
        self._column.addSpacing(20)
        self._tables()
        self._column.addSpacing(14)
        self._column.addWidget(Line(look))
        self._column.addSpacing(12)
        self._elsewhere()
        self._column.addSpacing(12)
        self._limits()
        self._foot(clean)

    def reported(self, event: WipeReported) -> None:
        """Another device has answered."""
        if event.wipe_id == self._certificate.wipe_id:
            self._asked, self._erased = event.asked, event.erased
            self._show_devices()

    def focus_first(self) -> None:
        """Export is what one comes for."""
        self.export_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _head(self, clean: bool) -> None:
        look, certificate = self.look, self._certificate
        row = QHBoxLayout()
        row.setSpacing(16)
        icon, colour, tile = ("shield-check", "ok", "ok_soft") if clean else ("triangle-alert", "danger", "danger_soft")
        row.addWidget(Icon(look, icon, colour, 24, 2, tile=48, tile_colour=tile, tile_radius=24))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(PlainLabel(look, tokens.DISPLAY, text=tr("Wipe certificate")))
        number = "-".join(certificate.wipe_id[i : i + 4] for i in range(0, 12, 4))
        made = f"{when.full(certificate.created_at, look.language)} · {tr('number {number}', number=number)}"
        words.addWidget(PlainLabel(look, tokens.LABEL, "text2", weight=400, tabular=True, wrap=True, text=made))
        row.addLayout(words, 1)
        close = IconButton(look, "x", lambda: tr("Close"))
        close.clicked.connect(self.close_sheet)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)

    def _hero(self, clean: bool) -> None:
        look, remnants = self.look, self._certificate.remnants
        box = Box(look, "ok_soft" if clean else "danger_soft", radius=16)
        box.setMinimumHeight(88)
        row = QHBoxLayout(box)
        row.setContentsMargins(24, 12, 24, 12)
        row.setSpacing(16)
        row.addWidget(PlainLabel(look, tokens.NUM, "ok" if clean else "danger", text=str(len(remnants))))
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addStretch(1)
        words.addWidget(PlainLabel(look, tokens.TITLE, weight=700, text=tr("Remnants %n", len(remnants))))
        if clean:
            about = tr("The new store and the whole profile folder were read and searched; nothing was found.")
        else:
            about = tr("Found in: {places}", places=one_line(", ".join(remnants), 200))
        words.addWidget(PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, text=about))
        words.addStretch(1)
        row.addLayout(words, 1)
        if not clean and self._is_new:
            again = Button(look, lambda: tr("Erase again"), "danger", height=36)
            again.clicked.connect(self._again)
            row.addWidget(again)
        self._column.addWidget(box)

    def _tables(self) -> None:
        look, certificate = self.look, self._certificate
        narrow = self._inner_width() < 480  # the tables stand below each other
        row = QVBoxLayout() if narrow else QHBoxLayout()
        row.setSpacing(16)
        counts = [(count_words(k), counted(v)) for k, v in _ranked(certificate.counts, COUNTS)]
        counts.append((tr("Old store and key"), tr("generation {number}", number=certificate.generation)))
        left = len(certificate.remnants)
        scanned = [
            (count_words(k), found_words(v, left) if k == "needles" else f"{v:,}")
            for k, v in _ranked(certificate.scanned, SCANNED)
        ]
        scanned.append((tr("Key kept in"), key_mode_words(certificate.key_mode)))
        row.addLayout(self._table(tr("Erased"), counts), 19)
        row.addWidget(Line(look, vertical=not narrow))
        row.addLayout(self._table(tr("Checked"), scanned), 20)
        self._column.addLayout(row)

    def _table(self, title: str, rows: Sequence[tuple[str, str]]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(PlainLabel(self.look, tokens.LABEL, weight=600, text=title))
        column.addSpacing(2)
        for name, value in rows:
            line = QHBoxLayout()
            line.addWidget(PlainLabel(self.look, tokens.LABEL, "text2", weight=400, wrap=True, text=name), 1)
            right = Qt.AlignmentFlag.AlignRight
            line.addWidget(PlainLabel(self.look, tokens.LABEL, weight=600, tabular=True, align=right, text=value))
            column.addLayout(line)
        column.addStretch(1)
        return column

    def _elsewhere(self) -> None:
        look = self.look
        self._column.addWidget(PlainLabel(look, tokens.LABEL, weight=600, text=tr("Other places")))
        self._column.addSpacing(6)
        self._devices_icon = Icon(look, "clock", "text2", 16, 2)
        self._devices = PlainLabel(look, tokens.LABEL, wrap=True)
        self._show_devices()
        held = tr("Held copies die when my devices fetch them, at the latest when they expire")
        rows = (
            (tr("Other devices"), self._devices_icon, self._devices),
            (tr("Relay"), Icon(look, "clock", "text2", 16, 2), PlainLabel(look, tokens.LABEL, wrap=True, text=held)),
        )
        for name, icon, value in rows:
            line = QHBoxLayout()
            line.setSpacing(10)
            line.setContentsMargins(0, 4, 0, 4)
            line.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
            caption = PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, text=name)
            caption.setFixedWidth(124 if self._inner_width() > 400 else 84)
            line.addWidget(caption, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(value, 1)
            self._column.addLayout(line)

    def _show_devices(self) -> None:
        """What the other devices have answered so far; answers come while one reads, and move no focus."""
        asked, erased = self._asked, self._erased
        if not asked:
            icon, colour, words = "clock", "text2", tr("No other device was asked")
        elif erased >= asked:
            icon, colour = "check", "ok"
            words = tr("All %n other devices have answered that they erased it", asked)
        else:
            icon, colour = "clock", "warn"
            words = tr("{erased} of %n other devices have erased it so far", asked, erased=erased)
        self._devices_icon.set_icon(icon, colour)
        self._devices.set_text(words)

    def _limits(self) -> None:
        look = self.look
        box = Box(look, "field")
        column = QVBoxLayout(box)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        column.addWidget(PlainLabel(look, tokens.LABEL, weight=600, text=tr("Not promised")))
        column.addSpacing(2)
        names = [name for name in self._certificate.limits if name != "own_claim"][:MOST_LIMITS]
        for words in dict.fromkeys(limit_words(name) for name in (*names, "own_claim")):
            line = QHBoxLayout()
            line.setContentsMargins(2, 0, 0, 0)
            line.setSpacing(10)
            dot = Box(look, "text2", radius=2)
            dot.setFixedSize(4, 4)
            line.addWidget(dot)
            line.addWidget(PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, text=words), 1)
            column.addLayout(line)
        self._column.addWidget(box)

    def _foot(self, clean: bool) -> None:
        look, signature = self.look, self._certificate.signature
        self._column.addStretch(1)
        self._column.addSpacing(14)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Icon(look, "key-round", "text2", 16))
        signed = tr("Signed with this device's key") + f" · ed25519 {signature[:4]}…{signature[-4:]}"
        row.addWidget(PlainLabel(look, tokens.META, "text2", text=signed), 1)
        close = Button(look, lambda: tr("Close"), "secondary", width=80)
        close.clicked.connect(self.close_sheet)
        self.export_button = Button(look, lambda: tr("Export…"), "primary", icon="download", width=136)
        self.export_button.clicked.connect(lambda: self.export.emit(self._certificate.certificate_json))
        row.addWidget(close)
        row.addSpacing(4)
        row.addWidget(self.export_button)
        self._column.addLayout(row)

    def _again(self) -> None:
        self.again.emit()
        self.close_sheet()
