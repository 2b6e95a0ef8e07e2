"""The host: settings are merged, pictures are the newest, failures do not spread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.host import Host, Report
from app.scheduler import Scheduler
from engine.tape import Data
from tests.app.toys import EXHIBIT


def until(condition: Callable[[], Any], seconds: float = 5.0) -> Any:
    """What `condition` returns once it is true."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.002)
    return answer


@pytest.fixture
def host() -> Iterator[Host]:
    scheduler = Scheduler()
    yield Host(scheduler)
    assert scheduler.close()


def compose(data: Data, context: object) -> tuple[object, int, float]:
    rows = data.tapes["count"].rows
    return context, len(rows), float(rows[-1, 1])


def test_a_paused_exhibit_follows_its_sliders(host: Host) -> None:
    host.open(EXHIBIT, {"gain": 2.0}, 0)
    host.watch("view", compose, "first")
    assert until(lambda: host.take("view")) == ("first", 1, 0.0)
    host.step()
    assert until(lambda: host.take("view")) == ("first", 2, 2.0)
    host.set({"gain": 3.0}, {"view": "second"})
    assert until(lambda: host.take("view")) == ("second", 1, 0.0)
    host.step()
    assert until(lambda: host.take("view")) == ("second", 2, 3.0)


def test_an_unfinished_picture_is_composed_again_while_paused(host: Host) -> None:
    made: list[SimpleNamespace] = []

    def in_two_goes(data: Data, context: object) -> SimpleNamespace | None:
        if len(made) == 2:
            return None
        made.append(SimpleNamespace(unfinished=not made))
        return made[-1]

    host.open(EXHIBIT, {}, 0)
    host.watch("view", in_two_goes, "context")
    assert until(lambda: host.take("view")).unfinished
    assert not until(lambda: host.take("view")).unfinished
    assert host.read(lambda data: len(made)).result(5) == 2


def test_running_appends_every_row_once(host: Host) -> None:
    host.open(EXHIBIT, {}, 0)
    host.set_speed(500.0)
    host.set_running(True)
    until(lambda: (rows := host.snapshot("count").result(5)) is not None and rows[-1, 0] >= 100)
    host.set_running(False)
    rows = host.snapshot("count").result(5)
    assert np.array_equal(rows[:, 0], np.arange(len(rows)))


def test_a_finished_process_idles(host: Host) -> None:
    host.open(EXHIBIT, {}, 0)
    host.set_speed(1e6)
    host.set_running(True)
    report: Report = until(lambda: (r := host.reports.take()) and r.finished and r)
    assert report.time >= 10_000


def test_a_process_that_fails_is_reported_and_another_can_be_opened(host: Host) -> None:
    host.open(EXHIBIT, {}, 0)
    host.watch("view", compose, None)
    until(lambda: host.take("view"))
    host.set({"gain": -1.0})
    report: Report = until(lambda: (r := host.reports.take()) and r.error and r)
    assert report.error == "'counter' stopped: RuntimeError: the gain is negative"
    host.open(EXHIBIT, {}, 0)
    assert until(lambda: host.take("view")) == (None, 1, 0.0)


def test_a_refused_value_is_reported_in_its_own_words(host: Host) -> None:
    host.open(EXHIBIT, {}, 0)
    host.set({"mode": "z"})
    report: Report = until(lambda: (r := host.reports.take()) and r.error and r)
    assert "must be one of a, b, got 'z'" in report.error


def test_a_slow_reader_gets_the_newest_picture_not_a_queue(host: Host) -> None:
    host.open(EXHIBIT, {}, 0)
    host.watch("view", compose, None)
    until(lambda: host.read(lambda data: "count" in data.tapes).result(5))
    for gain in range(50):
        host.set({"gain": float(gain)})
    host.step()
    until(lambda: host.read(lambda data: data.tapes["count"].rows[-1, 1] == 49.0).result(5))
    seen = []
    until(lambda: seen[-1:] == [(None, 2, 49.0)] or seen.append(host.take("view")))
    assert len([picture for picture in seen if picture is not None]) <= 2
