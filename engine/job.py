"""Jobs: whatever may take longer than a frame, as a generator that the caller drives.

A job yields `Partial` results and returns its result. Closing the generator cancels it;
every yield is a progress step and, where that makes sense, a picture already worth
showing (coarse first, then finer). The window, the command line and a script drive the
same generators; nothing here knows about threads.

For developers: write a generator function, yield at least every 20 ms of work, put the
clean-up in ``finally``. That is all; cancel, progress and partial pictures then work
everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Partial(Generic[T]):
    """A step of a job.

    Attributes
    ----------
    result : T or None
        The result so far, complete in shape, or None where there is nothing to show yet.
    done, total : float
        How much of the work is done, in any unit; ``done / total`` is the progress.
    message : str
        What is being computed, in a few words.
    """

    result: T | None
    done: float
    total: float
    message: str = ""

    @property
    def fraction(self) -> float:
        """Progress between 0 and 1."""
        return min(1.0, self.done / self.total) if self.total > 0 else 1.0


Job = Generator[Partial[T], None, T]


def run(job: Job[T], progress: Callable[[Partial[T]], None] | None = None) -> T:
    """Drive a job to its end in the calling thread.

    Parameters
    ----------
    job : Job
        The generator.
    progress : callable, optional
        Called with every `Partial`.

    Returns
    -------
    T
        What the job returned.
    """
    while True:
        try:
            partial = next(job)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        if progress is not None:
            progress(partial)
