"""The engine thread: newest request wins, cancel closes, failures are sentences."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from app.scheduler import Mailbox, Outcome, Scheduler
from engine.errors import ParameterError
from engine.job import Job, Partial


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    scheduler = Scheduler()
    yield scheduler
    assert scheduler.close()


def test_a_job_delivers_its_partials_and_its_result_on_the_engine_thread(
    scheduler: Scheduler,
) -> None:
    outcomes: list[Outcome] = []
    threads: set[str] = set()
    done = threading.Event()

    def job() -> Job[int]:
        threads.add(threading.current_thread().name)
        yield Partial(1, 1, 2)
        return 2

    def deliver(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if outcome.finished:
            done.set()

    scheduler.submit("sum", job, deliver)
    assert done.wait(5)
    assert threads == {"engine"}
    assert [outcome.partial.result for outcome in outcomes if outcome.partial] == [1, 2]
    assert [outcome.finished for outcome in outcomes] == [False, True]


def test_a_newer_request_closes_the_older_one(scheduler: Scheduler) -> None:
    closed, first_step, done = threading.Event(), threading.Event(), threading.Event()

    def endless() -> Job[int]:
        try:
            while True:
                first_step.set()
                yield Partial(None, 0, 1)
        finally:
            closed.set()

    def short() -> Job[int]:
        yield Partial(None, 0, 1)
        return 7

    results: list[int] = []

    def deliver(outcome: Outcome) -> None:
        if outcome.finished and outcome.partial:
            results.append(outcome.partial.result)
            done.set()

    scheduler.submit("view", endless, deliver)
    assert first_step.wait(5)
    scheduler.submit("view", short, deliver)
    assert done.wait(5)
    assert closed.is_set()
    assert results == [7]


def test_cancel_and_close_run_the_jobs_clean_up() -> None:
    scheduler = Scheduler()
    cleaned: list[str] = []
    started = [threading.Event(), threading.Event()]

    def endless(name: str, event: threading.Event) -> Job[int]:
        try:
            while True:
                event.set()
                yield Partial(None, 0, 1)
        finally:
            cleaned.append(name)

    scheduler.submit("a", lambda: endless("a", started[0]), lambda outcome: None)
    scheduler.submit("b", lambda: endless("b", started[1]), lambda outcome: None)
    assert all(event.wait(5) for event in started)
    scheduler.cancel("a")
    scheduler.call(lambda: None).result(5)
    assert cleaned == ["a"]
    assert scheduler.close()
    assert cleaned == ["a", "b"]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ParameterError("the step must be positive, got -1"), "the step must be positive, got -1"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
    ],
)
def test_a_job_that_fails_says_so_and_the_thread_lives_on(
    scheduler: Scheduler, error: Exception, sentence: str
) -> None:
    done = threading.Event()
    outcomes: list[Outcome] = []

    def job() -> Job[int]:
        yield Partial(None, 0, 1)
        raise error

    def deliver(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if outcome.finished:
            done.set()

    scheduler.submit("bad", job, deliver)
    assert done.wait(5)
    assert outcomes[-1].error == sentence
    assert scheduler.call(lambda: 42).result(5) == 42


def test_long_jobs_take_turns(scheduler: Scheduler) -> None:
    order: list[str] = []
    done = threading.Event()

    def job(name: str) -> Job[str]:
        for _ in range(3):
            order.append(name)
            yield Partial(None, 0, 1)
        return name

    def both() -> None:
        for name in "ab":
            scheduler.submit(
                name,
                lambda name=name: job(name),
                lambda outcome: done.set() if len(order) >= 6 else None,
            )

    scheduler.call(both).result(5)
    assert done.wait(5)
    assert order == ["a", "b"] * 3


def test_a_mailbox_keeps_the_newest_only() -> None:
    box: Mailbox[int] = Mailbox()
    assert box.take() is None
    box.put(1)
    box.put(2)
    assert box.full
    assert box.take() == 2
    assert not box.full


@pytest.mark.parametrize("fails", [False, True])
def test_the_last_job_leaves_it_idle_before_its_outcome_is_told(
    scheduler: Scheduler, fails: bool
) -> None:
    told: list[str] = []
    done = threading.Event()

    def job() -> Job[int]:
        yield Partial(1, 1, 2)
        if fails:
            raise ParameterError("no")
        return 2

    def deliver(outcome: Outcome) -> None:
        told.append(scheduler.busy_with)
        if outcome.finished:
            done.set()

    scheduler.submit("sum", job, deliver)
    assert done.wait(5)
    assert told == ["sum", ""]
