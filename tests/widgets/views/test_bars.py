"""Bars: as high as the numbers, coloured by their sign."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.exhibit import Channel
from engine.look import tokens
from engine.tape import Data
from tests.widgets.flat_exhibits import Shown, context_of
from widgets.views.bars import VIEW, Bars

EXPONENTS = Channel("exponents", "bars", axes=("number", "exponent"))
EXHIBIT = Shown({"exponents": EXPONENTS})
LORENZ = np.array([0.9056, 0.0, -14.5723])


@pytest.fixture
def view(qtbot: QtBot) -> Bars:
    shown = Bars(tokens("dark"))
    qtbot.addWidget(shown)
    shown.bind(EXHIBIT, EXPONENTS, {})
    shown.resize(360, 240)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def show(view: Bars, values: np.ndarray, **settings: object) -> None:
    picture = Bars.compose(Data(latest={"exponents": values}), context_of(view, **settings))
    assert picture is not None
    view.show_picture(picture)


def test_it_is_found_by_its_kind() -> None:
    assert VIEW is Bars


def test_every_bar_is_inside_and_stands_on_zero(view: Bars) -> None:
    show(view, LORENZ)
    window = view.plot.window
    assert window.bottom < -14.5723
    assert window.top > 0.9056
    assert window.left < 1 - 0.31
    assert window.right > 3 + 0.31


def test_a_bar_tells_its_number(view: Bars) -> None:
    show(view, LORENZ)
    view.hover((3.2, -5.0))
    assert "14.5723" in view.plot.readout.text()
    view.hover((3.9, -5.0))
    assert view.plot.readout.text() == ""


def test_the_sign_is_a_colour(view: Bars) -> None:
    look = tokens("dark")
    assert [view._colour(value, 14.6) for value in LORENZ] == [look.warm, look.muted, look.accent]


def test_none_is_said_and_then_forgotten(view: Bars) -> None:
    show(view, np.empty(0))
    assert view.plot.veil.isVisible()
    show(view, LORENZ)
    assert not view.plot.veil.isVisible()
