"""Every screen beside its target picture: `python -m tests.ui.boards [--targets DIR] [--out DIR] [NAME…]`.

The window runs offscreen on the fake engine. For each scene `OUT/NAME.png` is what it paints; with the folder of the
target pictures (same names) also `OUT/NAME-board.png` (target, ours, difference) and one JSON line that tells how much
differs and where. Scenes without a target are pictures only. The scenes are in `scenes.py` and
`more_scenes.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from tests.ui.more_scenes import MORE_SCENES
from tests.ui.scenes import SCENES, Opened, Scene, open_scene

ALL = (*SCENES, *MORE_SCENES)

NOTICEABLE = 40
"""Of 255, in the brightest channel: below it are differences of anti-aliasing."""
BAND = 20


def picture_of(opened: Opened) -> QImage:
    """What the window paints, at one pixel per pixel."""
    window = opened.window
    image = QImage(window.size(), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    window.render(painter, QPoint(0, 0))
    painter.end()
    return image


def difference(target: QImage, ours: QImage) -> tuple[QImage, float, list[str]]:
    """(picture, part of the pixels that differ noticeably, horizontal bands in which they lie)."""
    made = ours.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(made)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
    painter.drawImage(0, 0, target.convertToFormat(QImage.Format.Format_RGB32))
    painter.end()
    grey = made.convertToFormat(QImage.Format.Format_Grayscale8)
    marks = bytes(1 if value > NOTICEABLE else 0 for value in range(256))
    width, height, stride = grey.width(), grey.height(), grey.bytesPerLine()
    raw = bytes(grey.constBits())
    rows = [raw[y * stride : y * stride + width].translate(marks) for y in range(height)]
    total = sum(row.count(1) for row in rows)
    bands = []
    for y in range(0, height, BAND):
        chunk = rows[y : y + BAND]
        count = sum(row.count(1) for row in chunk)
        if count > 30:
            left = min(row.find(1) for row in chunk if 1 in row)
            right = max(row.rfind(1) for row in chunk)
            bands.append(f"y {y}-{y + BAND}: x {left}-{right}, {count} px")
    return made, total / (width * height), bands


def board(target: QImage, ours: QImage, apart: QImage) -> QImage:
    """The three beside each other."""
    width, height, gap = ours.width(), max(target.height(), ours.height()), 16
    made = QImage(3 * width + 2 * gap, height, QImage.Format.Format_RGB32)
    made.fill(Qt.GlobalColor.gray)
    painter = QPainter(made)
    for at, image in enumerate((target, ours, apart)):
        painter.drawImage(at * (width + gap), 0, image)
    painter.end()
    return made


async def make(scene: Scene, out: Path, targets: Path | None) -> dict[str, object]:
    """Paint one scene, and compare."""
    opened = await open_scene(scene)
    try:
        ours = picture_of(opened)
    finally:
        await opened.close()
    ours.save(str(out / f"{scene.name}.png"))
    told: dict[str, object] = {"scene": scene.name, "size": [ours.width(), ours.height()]}
    path = targets / f"{scene.target or scene.name}.png" if targets is not None else None
    if path is not None and path.is_file():
        target = QImage(str(path))
        area = QRect(*scene.part) if scene.part else ours.rect()
        target, ours = target.copy(area), ours.copy(area)
        apart, part, bands = difference(target, ours)
        board(target, ours, apart).save(str(out / f"{scene.name}-board.png"))
        told |= {"differs_percent": round(100 * part, 2), "bands": bands}
    return told


async def run(names: list[str], out: Path, targets: Path | None) -> None:
    for scene in ALL:
        if not names or scene.name in names:
            print(json.dumps(await make(scene, out, targets), ensure_ascii=False), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--targets", type=Path, help="folder of the target pictures")
    parser.add_argument("--out", type=Path, default=Path("boards"))
    given = parser.parse_args()
    unknown = set(given.names) - {scene.name for scene in ALL}
    if unknown:
        sys.exit(f"no such scene: {', '.join(sorted(unknown))}")
    given.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    application.setQuitOnLastWindowClosed(False)
    asyncio.run(run(given.names, given.out, given.targets))


if __name__ == "__main__":
    main()
