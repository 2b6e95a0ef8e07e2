"""Measures what exhibits claim and says whether it holds. Knows no window, prints nothing."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.errors import PhasescopeError
from engine.exhibit import Claim, Exhibit

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClaimResult:
    """What came of one claim.

    Attributes
    ----------
    exhibit, claim : str
        Key of the exhibit and name of the claim.
    measured, expected, tolerance : float
        Not a number where the measurement failed; `detail` then says why.
    passed : bool
    seconds : float
        What it took.
    source, label : str
        Where it is published, and how far the expected figure is to be trusted.
    sentence, detail : str
        The claim in words, and what the measurement has to say.
    """

    exhibit: str
    claim: str
    measured: float
    expected: float
    tolerance: float
    passed: bool
    seconds: float
    source: str
    label: str
    sentence: str = ""
    detail: str = ""

    def as_dict(self) -> dict[str, str | float | bool | None]:
        """For JSON, which has no "not a number": such a figure is None."""
        return {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in vars(self).items()
        }


def check(exhibit: str, claim: Claim, seed: int = 0) -> ClaimResult:
    """Measure one claim of the exhibit with that key on a fresh run."""
    began = time.perf_counter()
    measured = expected = tolerance = math.nan
    passed = False
    try:
        result = claim.measure(seed)
        measured, expected = float(result.measured), float(result.expected)
        tolerance, passed, detail = float(result.tolerance), bool(result.passed), result.detail
    except PhasescopeError as error:
        detail = str(error)
    except Exception as error:
        # One claim that cannot be measured is a failed claim, not the end of all others.
        log.exception("claim '%s' of '%s' could not be measured", claim.name, exhibit)
        detail = f"could not be measured: {type(error).__name__}: {error}"
    return ClaimResult(
        exhibit,
        claim.name,
        measured,
        expected,
        tolerance,
        passed,
        time.perf_counter() - began,
        claim.source,
        claim.label,
        claim.sentence,
        detail,
    )


def verify(
    keys: Iterable[str] | None = None,
    quick: bool = False,
    seed: int = 0,
    exhibits: Mapping[str, Exhibit] | None = None,
) -> Iterator[ClaimResult]:
    """Measure claims one after the other, yielding each result as it is there.

    Parameters
    ----------
    keys : iterable of str, optional
        Exhibits to check; all by default.
    quick : bool
        Only the claims that take at most a few seconds.
    seed : int
        Of the fresh runs.
    exhibits : mapping, optional
        Where the keys are looked up; the catalogue by default.

    Raises
    ------
    UnknownKeyError
        If a key names no exhibit; before anything is measured.
    """
    if exhibits is None:
        from engine.catalogue import catalogue

        exhibits = catalogue()
    chosen = [exhibits[key] for key in (exhibits if keys is None else keys)]
    return (
        check(exhibit.key, claim, seed)
        for exhibit in chosen
        for claim in exhibit.claims
        if claim.quick or not quick
    )
