"""The run bar says what is pressed; the status line stands still while numbers run."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressBar, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from engine.look import Tokens
from widgets.status_line import count_text, field_text
from widgets.transport import StatusLine, Transport


@pytest.fixture
def bar(qtbot: QtBot, dark: Tokens) -> Transport:
    bar = Transport()
    qtbot.addWidget(bar)
    bar.set_theme(dark)
    bar.set_pace("time units", 0.1, 100.0, 2.0)
    bar.show()
    return bar


@pytest.fixture
def status(qtbot: QtBot, dark: Tokens) -> StatusLine:
    status = StatusLine()
    qtbot.addWidget(status)
    status.set_theme(dark)
    status.resize(1200, 30)
    status.show()
    return status


def button(bar: Transport, name: str) -> QToolButton:
    found = bar.findChild(QToolButton, f"transport.{name}")
    assert found is not None
    return found


def test_run_is_a_switch(bar: Transport) -> None:
    heard: list[bool] = []
    bar.run_toggled.connect(heard.append)
    QTest.mouseClick(button(bar, "run"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(button(bar, "run"), Qt.MouseButton.LeftButton)
    assert heard == [True, False]


def test_being_told_that_it_runs_emits_nothing(bar: Transport) -> None:
    heard: list[bool] = []
    bar.run_toggled.connect(heard.append)
    bar.set_running(True)
    assert heard == []
    assert button(bar, "run").isChecked()
    assert button(bar, "run").accessibleName() == "Pause"


def test_step_and_reset(bar: Transport) -> None:
    heard: list[str] = []
    bar.step_clicked.connect(lambda: heard.append("step"))
    bar.reset_clicked.connect(lambda: heard.append("reset"))
    QTest.mouseClick(button(bar, "step"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(button(bar, "reset"), Qt.MouseButton.LeftButton)
    assert heard == ["step", "reset"]


def test_speed_is_logarithmic_and_says_its_unit(bar: Transport) -> None:
    changing: list[float] = []
    changed: list[float] = []
    bar.speed_changing.connect(changing.append)
    bar.speed_changed.connect(changed.append)
    assert bar.reading.text() == "2 time units/s"
    speed = bar.findChild(QSlider, "transport.speed")
    assert speed is not None
    middle = QPoint(speed.width() // 2, speed.height() // 2)
    QTest.mouseClick(speed, Qt.MouseButton.LeftButton, pos=middle)
    # The middle of 0.1 to 100 on a logarithmic slider is the root of 10.
    assert changed == changing
    assert changed[0] == pytest.approx(10**0.5, rel=0.05)


def test_another_pace_emits_nothing_and_keeps_its_place(bar: Transport) -> None:
    heard: list[float] = []
    bar.speed_changed.connect(heard.append)
    bar.set_pace("iterations", 1.0, 10_000.0, 60.0)
    assert heard == []
    assert bar.reading.text() == "60 iterations/s"
    width = bar.reading.width()
    bar.set_speed(8888.0)
    assert bar.reading.width() == width
    assert bar.reading.fontMetrics().horizontalAdvance(bar.reading.text()) <= width


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("method", "rk4", "RK4"),
        ("method", "dop853", "DOP853"),
        ("step", 0.005, "step 0.005"),
        ("error", 3e-9, "local error 3e-9"),
        ("rate", 12e6, "12.0 M steps/s"),
        ("rate", 0, "0 steps/s"),
        ("device", "cpu", "CPU"),
        ("error", None, ""),
        ("error", float("nan"), "local error unknown"),
    ],
)
def test_facts_in_words(name: str, value: Any, text: str) -> None:
    assert field_text(name, value) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (950, "950"),
        (12_000, "12.0 k"),
        (1_250_000, "1.25 M"),
        (960_100_000, "960 M"),
        (3.4e9, "3.40 G"),
        (999_999, "1.00 M"),
    ],
)
def test_counts_in_three_figures(number: float, text: str) -> None:
    assert count_text(number) == text


def test_fields_stand_still_and_hold_what_they_must(status: StatusLine) -> None:
    status.update_status(
        {"method": "rk4", "step": 0.005, "error": 3e-9, "rate": 12e6, "device": "cpu"}
    )
    status.layout().activate()
    before = {name: label.geometry() for name, label in status.fields.items()}
    status.update_status(
        {
            "method": "rk4",
            "step": 0.00123,
            "error": 8.8e-12,
            "rate": 888e6,
            "device": "cuda",
            "message": "left the region",
            "computing": "map",
        }
    )
    status.layout().activate()
    assert {name: label.geometry() for name, label in status.fields.items()} == before
    for label in status.fields.values():
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()


def test_a_narrow_line_gives_up_fields_and_not_its_message(
    status: StatusLine, qtbot: QtBot
) -> None:
    status.resize(360, 30)
    status.update_status({"method": "rk4", "device": "cpu", "message": "left the region"})
    assert not status.fields["device"].isVisible()
    assert status.fields["method"].isVisible()
    qtbot.waitUntil(lambda: status.message.shown() == "left the region")
    status.resize(1200, 30)
    assert status.fields["device"].isVisible()


def test_a_fact_not_named_stays(status: StatusLine) -> None:
    status.update_status({"method": "rk4", "rate": 5e6})
    status.update_status({"rate": 6e6})
    assert status.fields["method"].text() == "RK4"
    status.clear()
    assert {label.text() for label in status.fields.values()} == {""}


def test_a_warning_stands_in_the_warm_colour(status: StatusLine, dark: Tokens) -> None:
    status.update_status({"message": "left the region |x| > 1e6 at t = 3.2"})
    assert status.mark.isVisible()
    assert status.message.text() == "left the region |x| > 1e6 at t = 3.2"
    status.update_status({"message": ""})
    assert not status.mark.isVisible()


def test_progress_shows_what_is_computed(status: StatusLine) -> None:
    progress = status.findChild(QProgressBar, "status.progress")
    assert progress is not None
    assert not progress.isVisible()
    status.update_status({"computing": ("orbit diagram", 0.4)})
    assert progress.isVisible()
    assert progress.value() == 0.4 * progress.maximum()
    assert status.computing.text() == "orbit diagram"
    status.update_status({"computing": None})
    assert not progress.isVisible()
