"""Jobs: driven to their end, watched, and closed."""

from __future__ import annotations

from engine.job import Job, Partial, run


def counting(ended: list[bool]) -> Job[int]:
    try:
        for i in range(3):
            yield Partial(i, i, 3.0)
        return 3
    finally:
        ended.append(True)


def test_running_a_job_returns_its_result_and_shows_every_step() -> None:
    seen: list[Partial[int]] = []
    assert run(counting([]), seen.append) == 3
    assert [partial.result for partial in seen] == [0, 1, 2]
    assert [partial.fraction for partial in seen] == [0.0, 1 / 3, 2 / 3]


def test_a_closed_job_cleans_up() -> None:
    ended: list[bool] = []
    job = counting(ended)
    next(job)
    job.close()
    assert ended == [True]


def test_progress_stays_between_nothing_and_all() -> None:
    assert Partial(None, 5.0, 4.0).fraction == 1.0
    assert Partial(None, 0.0, 0.0).fraction == 1.0
