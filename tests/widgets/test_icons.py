"""Every icon is drawn with one stroke weight, and in the colour that was asked for."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication

from engine.look import Tokens
from widgets import icons

DRAWN = [name for name in icons.names() if name != "phasescope"]
NEEDED = [
    "play",
    "pause",
    "step",
    "reset",
    "speed",
    "search",
    "star",
    "star-filled",
    "sliders",
    "camera",
    "table",
    "undo",
    "redo",
    "close",
    "float",
    "dock",
    "more",
    "copy",
    "check",
    "warning",
    "info",
    "sun",
    "moon",
    "folder",
    "save",
    "back",
    "forward",
    "home",
    "plus",
    "orbit",
    "phasescope",
]


def inked(image: QImage) -> list[QColor]:
    colours = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return [colour for colour in colours if colour.alpha() > 250]


@pytest.mark.parametrize("name", NEEDED)
def test_the_icons_the_window_needs_are_there(name: str) -> None:
    assert name in icons.names()


@pytest.mark.parametrize("name", DRAWN)
def test_an_icon_has_the_one_stroke_weight_and_no_colour_of_its_own(name: str) -> None:
    text = icons.source(name)
    assert 'viewBox="0 0 24 24"' in text
    assert re.findall(r'stroke-width="([^"]+)"', text) == ["1.75"]
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', text)) <= {"none", "currentColor"}


@pytest.mark.parametrize("name", DRAWN)
def test_an_icon_is_drawn_in_its_colour_and_touches_no_edge(name: str, qapp: QApplication) -> None:
    image = icons.pixmap(name, "#12ab56", 24, 4.0).toImage()
    ink = inked(image)
    assert len(ink) > 60
    wanted = QColor("#12ab56").getRgb()[:3]
    assert all(
        abs(a - b) <= 2
        for colour in ink  # premultiplied alpha rounds
        for a, b in zip(colour.getRgb()[:3], wanted, strict=True)
    )
    last = image.width() - 1
    edge = [image.pixelColor(i, j) for i in range(last + 1) for j in (0, last)]
    assert not any(colour.alpha() for colour in edge)


def test_an_icon_is_faded_where_disabled(qapp: QApplication, dark: Tokens) -> None:
    icon = icons.icon("star-filled", dark, "accent")
    normal = icon.pixmap(QSize(24, 24), QIcon.Mode.Normal).toImage()
    disabled = icon.pixmap(QSize(24, 24), QIcon.Mode.Disabled).toImage()
    assert normal.pixelColor(12, 12).name() == dark.accent.lower()
    assert disabled.pixelColor(12, 12).name() != dark.accent.lower()


def test_an_unknown_icon_is_named(dark: Tokens) -> None:
    with pytest.raises(KeyError, match="no icon 'nothing'"):
        icons.icon("nothing", dark)


def test_the_application_has_an_icon_for_every_size(qapp: QApplication) -> None:
    icon = icons.application_icon()
    for size in (16, 48, 256):
        assert len(inked(icon.pixmap(size, size).toImage())) > size * size / 2
