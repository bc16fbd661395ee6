"""QR codes without a window: made with segno, read with zxing-cpp. Both are loaded when first needed."""

from __future__ import annotations

import stat
from pathlib import Path

from PySide6.QtGui import QColor, QImage, QImageReader, QPainter

from byre.errors import PeerError
from byre.ui.tokens import LIGHT

FREE_MODULES = 4
MAX_SIDE = 6_000
MAX_BYTES = 40_000_000
PICTURES = frozenset({"bmp", "gif", "jpeg", "png", "webp"})
"""What a camera or a screenshot writes. A drawing (SVG) may take for ever to draw, and the window waits for it."""


def qr_matrix(text: str) -> tuple[bytes, ...]:
    """The modules of a code, row by row, 1 for dark."""
    import segno

    return tuple(bytes(row) for row in segno.make(text, error="m", micro=False).matrix)


def qr_image(text: str, module_px: int = 5) -> QImage:
    """A code dark on white with its free border."""
    matrix = qr_matrix(text)
    side = (len(matrix) + 2 * FREE_MODULES) * module_px
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.qr_light))
    dark = QColor(LIGHT.qr_dark)
    for y, row in enumerate(matrix):
        for x, bit in enumerate(row):
            if bit:
                for dy in range(module_px):
                    for dx in range(module_px):
                        image.setPixelColor(
                            (x + FREE_MODULES) * module_px + dx, (y + FREE_MODULES) * module_px + dy, dark
                        )
    return image


def read_qr(image: QImage) -> str:
    """The text of the one QR code in a picture.

    Raises:
        PeerError: `no_qr` when there is none, more than one, or it holds no text; `bad_picture` when it is no picture.
    """
    import zxingcpp

    if image.isNull() or image.width() > MAX_SIDE or image.height() > MAX_SIDE:
        raise PeerError("The picture cannot be read.", code="bad_picture")
    grey = _on_white(image).convertToFormat(QImage.Format.Format_Grayscale8)
    width, height, stride = grey.width(), grey.height(), grey.bytesPerLine()
    raw = bytes(grey.constBits())[: stride * height]
    rows = memoryview(b"".join(raw[y * stride : y * stride + width] for y in range(height)))
    view = rows.cast("B", (height, width))
    try:
        found = zxingcpp.read_barcodes(view, formats=zxingcpp.BarcodeFormat.QRCode)  # type: ignore[arg-type]
    except Exception:
        raise PeerError("The picture cannot be read.", code="no_qr") from None
    texts = {str(code.text) for code in found if code.valid and code.text}
    if len(texts) != 1:
        raise PeerError("There is not exactly one QR code in the picture.", code="no_qr")
    return texts.pop()


def read_qr_file(path: Path) -> str:
    """The text of the one QR code in a picture file.

    Raises:
        PeerError: `bad_picture` when it cannot be read, is no picture or too large; `no_qr` when it holds no code.
    """
    try:
        facts = path.stat()
        if facts.st_size > MAX_BYTES:
            raise PeerError("The picture is too large.", code="bad_picture")
        if not stat.S_ISREG(facts.st_mode):  # reading a pipe waits for whoever writes to it
            raise PeerError("The picture cannot be read.", code="bad_picture")
    except (OSError, ValueError):
        raise PeerError("The picture cannot be read.", code="bad_picture") from None
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    if reader.format().toStdString() not in PICTURES:
        raise PeerError("The picture cannot be read.", code="bad_picture")
    size = reader.size()
    if size.isValid() and (size.width() > MAX_SIDE or size.height() > MAX_SIDE):
        raise PeerError("The picture is too large.", code="bad_picture")
    return read_qr(reader.read())


def _on_white(image: QImage) -> QImage:
    """The picture as it looks on paper: what is transparent would count as dark."""
    if not image.hasAlphaChannel():
        return image
    paper = QImage(image.size(), QImage.Format.Format_RGB32)
    paper.fill(QColor(LIGHT.qr_light))
    painter = QPainter(paper)
    painter.drawImage(0, 0, image)
    painter.end()
    return paper
