"""The attractor view with OpenGL, under a real or virtual screen: one smoke test a promise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.look import tokens
from tests.widgets.flat_exhibits import context_of, data_of, tape_of
from tests.widgets.views.test_attractor import brightness, knot, shown
from widgets.gl.probe import available
from widgets.views.attractor import AttractorView

pytestmark = pytest.mark.gl


@pytest.fixture
def view(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[AttractorView]:
    if not available():
        pytest.skip("no OpenGL here")
    monkeypatch.setenv("PHASESCOPE_STILL", "1")
    monkeypatch.setenv("PHASESCOPE_OPENGL", "1")
    made = AttractorView(tokens("dark"))
    qtbot.addWidget(made)
    made.bind(*shown(), {})
    made.resize(360, 280)
    with qtbot.waitExposed(made):
        made.show()
    data = data_of(orbit=tape_of(knot()))
    with qtbot.waitSignal(made._surface.drawn):
        made.show_picture(made.composer()(data, context_of(made)))
    yield made
    made.close()


def seen(view: AttractorView) -> NDArray[np.float64]:
    """Brightness of what is on the screen now."""
    image = view._surface.widget.grabFramebuffer()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return brightness(pixels[:, : image.width(), 2::-1])


def test_the_attractor_is_neither_blank_nor_clipped(view: AttractorView) -> None:
    assert view.opengl
    assert view._surface.failed == ""
    light = seen(view)
    assert (light > 60).mean() > 0.01
    border = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    assert border.max() <= 1


def test_the_shader_and_the_rasteriser_agree(view: AttractorView) -> None:
    size = (360, 280)
    view.apply_settings({"glow": "off"})  # the rasteriser draws no halos
    drawn = brightness(view.grab_image(size, 2))
    view.hide()
    painted = brightness(view.grab_image(size, 2))
    assert drawn.sum() == pytest.approx(painted.sum(), rel=0.2)
    # The same places are lit: blurred over a few pixels the two pictures are alike.
    one, other = (p[:280, :360].reshape(56, 5, 72, 5).mean(axis=(1, 3)) for p in (drawn, painted))
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.9


def test_floating_a_dock_does_not_blank_it(view: AttractorView, qtbot: QtBot) -> None:
    before = (seen(view) > 60).sum()
    other = QWidget()
    qtbot.addWidget(other)
    column = QVBoxLayout(other)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(view)
    other.resize(360, 280)
    other.show()
    # The context may be lost on the way; then another canvas takes over.
    qtbot.waitUntil(lambda: view._surface.failed == "" and view._surface.frames > 0)
    qtbot.wait(50)
    assert view.opengl
    assert view._surface.failed == ""
    assert (seen(view) > 60).sum() == pytest.approx(before, rel=0.1)
    view.setParent(None)


def test_a_driver_that_refuses_leads_to_the_picture_in_two_dimensions(
    view: AttractorView, qtbot: QtBot
) -> None:
    view._surface.frames = 0  # as where the very first drawing fails
    view._surface.broken.emit("the driver refused")
    qtbot.waitUntil(lambda: not view.opengl)
    qtbot.waitUntil(lambda: view._surface.widget.isVisible())
    assert (brightness(view.grab_image((360, 280), 1)) > 60).mean() > 0.01
