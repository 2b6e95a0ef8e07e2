"""Sliders, boxes and chips: what is emitted when, and what is refused in words."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QMouseEvent, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from engine.exhibit import Parameter, Preset
from engine.look import Tokens
from widgets.parameters import ParameterPanel
from widgets.slider import NumberSlider

PARAMETERS = {
    p.name: p
    for p in (
        Parameter("sigma", 10.0, 0.0, 30.0, r"\sigma"),
        Parameter("rho", 28.0, 0.0, 200.0, r"\rho", help="how hard the layer is heated"),
        Parameter("rate", 0.01, 1e-5, 1.0, r"\eta", "log", unit="1/s"),
        Parameter("rule", 110, 0, 255, scale="integer", live=False),
        Parameter("coupling", "ring", scale="choice", choices=("ring", "all", "random")),
        Parameter("initial.x", 1.0, -20.0, 20.0, group="initial"),
        Parameter("run.label", "abc", scale="text", group="run"),
    )
}
PRESETS = (Preset("Classic", {"rho": 28.0}), Preset("One loop", {"rho": 160.0}, "a cycle"))
VALUES = {name: parameter.default for name, parameter in PARAMETERS.items()}


class Heard:
    """Everything a panel emitted, in order."""

    def __init__(self, panel: ParameterPanel) -> None:
        self.all: list[tuple[Any, ...]] = []
        panel.changing.connect(lambda n, v: self.all.append(("changing", n, v)))
        panel.changed.connect(lambda n, v: self.all.append(("changed", n, v)))
        panel.preset_chosen.connect(lambda p: self.all.append(("preset", p.title)))
        panel.reset_requested.connect(lambda n: self.all.append(("reset", n)))


@pytest.fixture
def panel(qtbot: QtBot, dark: Tokens) -> ParameterPanel:
    panel = ParameterPanel()
    qtbot.addWidget(panel)
    panel.set_theme(dark)
    panel.show_exhibit(PARAMETERS, VALUES, PRESETS)
    panel.resize(280, 800)
    panel.show()
    return panel


@pytest.fixture
def heard(panel: ParameterPanel) -> Heard:
    return Heard(panel)


def slider(panel: ParameterPanel, name: str) -> NumberSlider:
    found = panel.findChild(QSlider, f"parameter.{name}")
    assert isinstance(found, NumberSlider)
    return found


def box(panel: ParameterPanel, name: str) -> QLineEdit:
    found = panel.findChild(QLineEdit, f"parameter.{name}.value")
    assert found is not None
    return found


def type_into(edit: QLineEdit, text: str) -> None:
    edit.setFocus()
    edit.selectAll()
    QTest.keyClick(edit, Qt.Key.Key_Delete)
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)


def test_a_drag_says_every_move_and_once_that_it_is_over(
    panel: ParameterPanel, heard: Heard
) -> None:
    rho = slider(panel, "rho")
    QTest.mousePress(rho, Qt.MouseButton.LeftButton, pos=rho.point_of(28.0))
    for target in (40.0, 60.0, 100.0):
        QTest.mouseMove(rho, rho.point_of(target))
    assert [kind for kind, *_ in heard.all] == ["changing"] * 3
    QTest.mouseRelease(rho, Qt.MouseButton.LeftButton, pos=rho.point_of(100.0))
    kind, name, value = heard.all[-1]
    assert (kind, name) == ("changed", "rho")
    assert value == pytest.approx(100.0, abs=1.0)
    assert value == heard.all[-2][2]
    assert box(panel, "rho").text() == f"{value:g}"


def test_a_press_on_the_groove_jumps_there(panel: ParameterPanel, heard: Heard) -> None:
    rho = slider(panel, "rho")
    QTest.mouseClick(rho, Qt.MouseButton.LeftButton, pos=rho.point_of(150.0))
    assert [kind for kind, *_ in heard.all] == ["changing", "changed"]
    assert heard.all[-1][2] == pytest.approx(150.0, abs=1.0)


def test_a_press_on_the_handle_changes_nothing(panel: ParameterPanel, heard: Heard) -> None:
    rho = slider(panel, "rho")
    QTest.mouseClick(rho, Qt.MouseButton.LeftButton, pos=rho.point_of(28.0))
    assert heard.all == []
    assert rho.number() == 28.0


def test_shift_moves_ten_times_finer(panel: ParameterPanel, heard: Heard) -> None:
    rho = slider(panel, "rho")
    start = rho.point_of(100.0)
    panel.set_values({"rho": 100.0})
    QTest.mousePress(rho, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, start)
    move = QPoint(start.x() + 40, start.y())
    plain = (rho.scale.high - rho.scale.low) * 40 / (rho.width() - 16)
    # QTest sends moves without modifiers, so the event is made by hand.
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(move),
        rho.mapToGlobal(QPointF(move)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ShiftModifier,
    )
    QGuiApplication.sendEvent(rho, event)
    QTest.mouseRelease(rho, Qt.MouseButton.LeftButton, pos=move)
    assert heard.all[-1][2] - 100.0 == pytest.approx(plain / 10, rel=0.05)


def test_setting_the_slider_from_a_program_is_a_change(panel: ParameterPanel, heard: Heard) -> None:
    rule = slider(panel, "rule")
    rule.setValue(rule.scale.tick(30))
    assert heard.all == [("changed", "rule", 30)]


def test_a_log_slider_moves_by_ratios(panel: ParameterPanel, heard: Heard) -> None:
    rate = slider(panel, "rate")
    middle = QPoint(rate.width() // 2, rate.height() // 2)
    QTest.mouseClick(rate, Qt.MouseButton.LeftButton, pos=middle)
    # Halfway between 1e-5 and 1 on a logarithmic scale lies 10^-2.5.
    assert heard.all[-1][2] == pytest.approx(10**-2.5, rel=0.06)


def test_keys_move_and_settle(panel: ParameterPanel, heard: Heard) -> None:
    rho = slider(panel, "rho")
    rho.setFocus()
    QTest.keyClick(rho, Qt.Key.Key_Right)
    assert heard.all == [("changing", "rho", 30.0), ("changed", "rho", 30.0)]
    QTest.keyClick(rho, Qt.Key.Key_End)
    assert heard.all[-1] == ("changed", "rho", 200.0)
    QTest.keyClick(rho, Qt.Key.Key_Right)
    assert heard.all[-1] == ("changed", "rho", 200.0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("35", 35.0),
        ("8/3", 8 / 3),
        ("2*pi", 6.283185307179586),
        ("-1e2", -100.0),
        ("3,5", 3.5),
    ],
)
def test_a_box_takes_numbers_and_arithmetic(
    panel: ParameterPanel, heard: Heard, text: str, value: float
) -> None:
    type_into(box(panel, "rho"), text)
    assert heard.all == [("changed", "rho", pytest.approx(value, rel=1e-15))]


@pytest.mark.parametrize("text", ["abc", "1/0", "", "__import__('os')", "1e999", "2**", "nan"])
def test_a_box_refuses_in_words_and_keeps_the_last_good_value(
    panel: ParameterPanel, heard: Heard, text: str
) -> None:
    edit = box(panel, "rho")
    type_into(edit, text)
    row = panel.row("rho")
    assert heard.all == []
    assert edit.text() == "28"
    assert row.value() == 28.0
    assert row.error.isVisible()
    assert row.error.text().endswith("Still 28.")
    assert not row.error.text()[0].islower()
    type_into(edit, "29")
    assert not row.error.isVisible()


def test_a_whole_number_is_asked_for(panel: ParameterPanel, heard: Heard) -> None:
    type_into(box(panel, "rule"), "30.5")
    assert "whole number" in panel.row("rule").error.text()
    type_into(box(panel, "rule"), "30")
    assert heard.all == [("changed", "rule", 30)]


def test_a_value_beyond_the_range_pins_the_slider(panel: ParameterPanel, heard: Heard) -> None:
    type_into(box(panel, "rho"), "500")
    assert heard.all == [("changed", "rho", 500.0)]
    rho = slider(panel, "rho")
    assert rho.value() == rho.maximum()
    assert rho.number() == 500.0


def test_a_box_left_as_it_was_changes_nothing(panel: ParameterPanel, heard: Heard) -> None:
    panel.set_values({"rho": 8 / 3})
    edit = box(panel, "rho")
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert heard.all == []
    assert panel.row("rho").value() == 8 / 3


def test_arrow_keys_step_the_box_and_escape_takes_back(panel: ParameterPanel, heard: Heard) -> None:
    edit = box(panel, "rho")
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_Up)
    assert heard.all == [("changed", "rho", 30.0)]
    edit.selectAll()
    QTest.keyClicks(edit, "77")
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert edit.text() == "30"
    assert len(heard.all) == 1


def test_values_from_outside_are_shown_and_not_echoed(panel: ParameterPanel, heard: Heard) -> None:
    panel.set_values({"rho": 99.65, "coupling": "all", "rule": 90, "run.label": "new"})
    assert heard.all == []
    assert slider(panel, "rho").number() == 99.65
    assert box(panel, "rho").text() == "99.65"
    assert panel.row("coupling").value() == "all"
    assert panel.row("rule").value() == 90
    assert panel.row("run.label").value() == "new"


def test_a_choice_is_a_change(panel: ParameterPanel, heard: Heard) -> None:
    combo = panel.findChild(QComboBox, "parameter.coupling")
    assert combo is not None
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert heard.all == [("changed", "coupling", "all")]


def test_a_double_click_on_the_name_resets(panel: ParameterPanel, heard: Heard) -> None:
    QTest.mouseDClick(panel.row("rho").head, Qt.MouseButton.LeftButton)
    assert heard.all == [("reset", "rho")]


def test_the_menu_resets_and_copies(panel: ParameterPanel, heard: Heard) -> None:
    panel.set_values({"rho": 8 / 3})
    reset, copy = panel.row("rho").menu().actions()
    assert reset.text() == "Reset to 28"
    reset.trigger()
    assert heard.all == [("reset", "rho")]
    copy.trigger()
    assert float(QGuiApplication.clipboard().text()) == 8 / 3


def test_chips_say_which_preset_and_light_up_where_its_values_hold(
    panel: ParameterPanel, heard: Heard
) -> None:
    chips = {
        chip.text(): chip
        for chip in panel.findChildren(QPushButton)
        if chip.property("role") == "chip"
    }
    assert chips["Classic"].isChecked()
    assert not chips["One loop"].isChecked()
    QTest.mouseClick(chips["One loop"], Qt.MouseButton.LeftButton)
    assert heard.all == [("preset", "One loop")]
    panel.set_values({"rho": 160.0})
    assert chips["One loop"].isChecked()
    assert not chips["Classic"].isChecked()


def test_groups_fold_and_stay_as_they_were(panel: ParameterPanel) -> None:
    row = panel.row("initial.x")
    assert not row.isVisible()
    heading = next(
        button for button in panel.findChildren(QPushButton) if button.text() == "Initial state"
    )
    QTest.mouseClick(heading, Qt.MouseButton.LeftButton)
    assert row.isVisible()
    panel.show_exhibit(PARAMETERS, VALUES, ())
    assert panel.row("initial.x").isVisible()


@pytest.mark.parametrize("width", [280, 400])
def test_nothing_is_wider_than_the_panel(panel: ParameterPanel, qtbot: QtBot, width: int) -> None:
    panel.resize(width, 700)
    panel.show_exhibit(
        {
            "a": Parameter("a_parameter_with_a_very_long_name_indeed", 1.0, 0.0, 2.0, unit="mV/ms"),
            "b": Parameter(
                "b",
                "the first of several long choices",
                scale="choice",
                choices=("the first of several long choices", "another"),
            ),
        },
        {},
        PRESETS,
    )
    qtbot.waitUntil(lambda: panel.row("b").width() > 100)
    for name in ("a_parameter_with_a_very_long_name_indeed", "b"):
        row = panel.row(name)
        assert row.mapTo(panel, QPoint(row.width(), 0)).x() <= width


def test_everything_that_takes_keys_has_a_name_to_be_read_out(panel: ParameterPanel) -> None:
    for name in PARAMETERS:
        row = panel.row(name)
        for widget in (row.slider, row.box, row.choice, row.line):
            assert widget is None or widget.accessibleName()


def test_an_empty_panel_says_what_to_do(qtbot: QtBot) -> None:
    panel = ParameterPanel()
    qtbot.addWidget(panel)
    panel.show_exhibit({}, {}, ())
    assert any("Open an exhibit" in label.text() for label in panel.findChildren(QLabel))


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_a_focused_chip_is_pressed_by_keys_that_the_window_uses_too(
    panel: ParameterPanel, heard: Heard, key: Qt.Key
) -> None:
    stolen: list[Qt.Key] = []
    for used in (Qt.Key.Key_Space, Qt.Key.Key_Home):
        QShortcut(QKeySequence(used), panel, lambda used=used: stolen.append(used))
    chip = panel.findChild(QPushButton, "preset.One loop")
    assert chip is not None
    chip.setFocus()
    QTest.keyClick(chip, key)
    rho = slider(panel, "rho")
    rho.setFocus()
    QTest.keyClick(rho, Qt.Key.Key_Home)
    assert stolen == []
    assert heard.all[0] == ("preset", "One loop")
    assert heard.all[-1] == ("changed", "rho", 0.0)
