"""Our own icons: line drawings on a 24 grid, one stroke weight, coloured by the theme.

An icon is one file in ``assets/icons`` whose strokes say ``currentColor``; `icon` puts a
token in that place and draws it once per size, so that it is crisp at every screen scale.
This module knows nothing of what a button does.

For developers: a new icon is one more SVG file, stroke width 1.75, round caps and joins,
drawn between 3 and 21. Its name is the file's name.
"""

from __future__ import annotations

from functools import cache as remembered
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from engine.look import ASSETS, Tokens
from widgets import cache
from widgets.theme import colour_of, mix

FOLDER = ASSETS / "icons"
# Device pixels: 16 and 20 at scales 1, 1.5, 2 and 3; others are scaled down from these.
SIZES = (16, 20, 24, 32, 48)


@remembered
def names() -> tuple[str, ...]:
    """The names of all icons, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.svg")))


@remembered
def source(name: str) -> str:
    """The SVG text of an icon, uncoloured.

    Raises
    ------
    KeyError
        If there is no such icon.
    """
    path = FOLDER / f"{name}.svg"
    if name not in names():
        raise KeyError(f"there is no icon '{name}' in {FOLDER}; it has {', '.join(names())}")
    return path.read_text(encoding="utf-8")


def svg(name: str, colour: str) -> bytes:
    """The SVG of an icon drawn in `colour` (``#RRGGBB``)."""
    return source(name).replace("currentColor", colour).encode()


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """An icon as a pixmap of `size` logical pixels for a screen of scale `ratio`."""
    image = drawn(QSvgRenderer(QByteArray(svg(name, colour))), max(1, round(size * ratio)))
    image.setDevicePixelRatio(ratio)
    return image


def drawn(renderer: QSvgRenderer, size: int) -> QPixmap:
    """A drawing as a square pixmap of `size` device pixels."""
    image = QPixmap(size, size)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


def icon(name: str, tokens: Tokens, colour: str = "text") -> QIcon:
    """An icon in a colour of the theme.

    Parameters
    ----------
    name : str
        The file's name in ``assets/icons`` without its ending.
    tokens : Tokens
        The theme.
    colour : str
        A token (``text``, ``muted``, ``accent``, ...) or ``#RRGGBB``. The disabled state
        is the same colour faded towards the panel.

    Raises
    ------
    KeyError
        If there is no such icon.
    """
    normal = colour_of(tokens, colour)
    result = QIcon()
    for mode, shade in (
        (QIcon.Mode.Normal, normal),
        (QIcon.Mode.Disabled, mix(normal, tokens.panel, 0.6)),
    ):
        renderer = QSvgRenderer(QByteArray(svg(name, shade)))
        for size in SIZES:
            result.addPixmap(drawn(renderer, size), mode)
    return result


def application_icon() -> QIcon:
    """The icon of the application: a small butterfly attractor."""
    renderer = QSvgRenderer(str(FOLDER / "phasescope.svg"))
    result = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        result.addPixmap(drawn(renderer, size))
    return result


def recoloured_file(name: str, colour: str, folder: Path) -> Path:
    """Write an icon in `colour` into `folder` and return its path, for style sheets.

    A style sheet takes pictures only as files. The colour is in the file's name, so a file
    that is right is never written again.
    """
    path = folder / f"{name}-{QColor(colour).name()[1:]}.svg"
    text = svg(name, colour)
    if not path.exists() or path.read_bytes() != text:
        cache.write(path, text)
    return path
