"""Views are fed by the stage: what they say before the first picture, and when it is there."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar

import pytest
from pytestqt.qtbot import QtBot

from app.document import Document
from app.host import Host
from app.scheduler import Scheduler
from app.stage import Stage
from engine.catalogue import catalogue
from engine.exhibit import Channel, Exhibit, Parameter, Process, Values
from engine.look import tokens
from tests.app.toys import CounterProcess
from widgets.views.curves import Curves
from widgets.views.orbit_diagram import OrbitDiagram

TOKENS = tokens("dark")


class Slow(Exhibit):
    """Begins only when it is let: like one whose kernels are being compiled."""

    key = "slow"
    title = "Slow counter"
    family = "toys"
    kind = "map"
    summary = "Counts, later."
    parameters: ClassVar[Mapping[str, Parameter]] = MappingProxyType(
        {"gain": Parameter("gain", 1.0, 0.0, 10.0)}
    )
    channels: ClassVar[Mapping[str, Channel]] = MappingProxyType(
        {
            "count": Channel("count", "scalar", names=("count",)),
            "never": Channel("never", "scalar", names=("never",)),
        }
    )

    def __init__(self) -> None:
        self.may_begin = threading.Event()

    def start(self, values: Values, seed: int = 0) -> Process:
        assert self.may_begin.wait(60.0)
        return CounterProcess({"gain": 1.0})


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[tuple[Stage, Host]]:
    scheduler = Scheduler()
    host = Host(scheduler)
    document = Document(catalogue())
    document.open("logistic")
    stage = Stage(document, host, scheduler, TOKENS)
    yield stage, host
    stage.close()
    assert scheduler.close(60.0)


def test_a_view_says_that_its_run_is_prepared_until_the_first_picture(
    stage: tuple[Stage, Host], qtbot: QtBot
) -> None:
    stage_, host = stage
    exhibit = Slow()
    views = {name: Curves(TOKENS) for name in exhibit.channels}
    for name, view in views.items():
        qtbot.addWidget(view)
        view.bind(exhibit, exhibit.channels[name], {})
        view.show()
    host.open(exhibit, {}, 0)
    stage_.await_run()
    for name, view in views.items():
        stage_.add(name, view)
    assert not any(view.plot.veil.isVisible() for view in views.values())
    qtbot.waitUntil(lambda: all(view.plot.veil.isVisible() for view in views.values()))
    assert {view.plot.veil.text() for view in views.values()} == {"Preparing Slow counter"}
    assert not stage_.pictured
    exhibit.may_begin.set()
    qtbot.waitUntil(lambda: not any(view.plot.veil.isVisible() for view in views.values()))
    # The one without rows has nothing to show, and waits for nothing either.
    qtbot.waitUntil(lambda: stage_.pictured == {"count"})
    for name in views:
        stage_.remove(name)
    assert not stage_.pictured


def test_a_view_with_a_job_of_its_own_is_pictured_by_its_first_result(
    stage: tuple[Stage, Host], qtbot: QtBot
) -> None:
    stage_, _ = stage
    exhibit = catalogue()["logistic"]
    view = OrbitDiagram(TOKENS)
    qtbot.addWidget(view)
    view.bind(exhibit, exhibit.channels["orbit"], {})
    view.show()
    stage_.add("diagram", view)
    assert "diagram" not in stage_.pictured
    qtbot.waitUntil(lambda: "diagram" in stage_.pictured, timeout=60_000)
    assert not view.plot.veil.isVisible()
