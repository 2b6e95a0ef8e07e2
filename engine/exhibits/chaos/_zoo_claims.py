"""What the collection claims, measured on fresh runs. No exhibit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from engine.analysis import reference
from engine.analysis.reference import Row
from engine.exhibit import Claim, Measurement
from engine.systems import systems

SPROTT = "J. C. Sprott, Chaos and Time-Series Analysis, Oxford University Press 2003, appendix A"
GILPIN = "W. Gilpin, arXiv:2110.05266 (2021), whose catalogue stores such figures"
LONG = {"lorenz": 2000.0, "rossler": 30_000.0}
"""Time units; Rössler's orbits part so slowly that a short run is one in twenty off."""
QUICK = 6
"""Systems that the quick claim draws from the table."""
LATER = 17.0
"""Time after the transient at which a fresh run differs from the stored one."""


@cache
def _spectrum(key: str) -> tuple[float, float, float, float]:
    """Largest exponent, sum, mean divergence and Kaplan-Yorke dimension of a fresh run."""
    from engine.analysis.lyapunov_spectrum import lyapunov_spectrum

    found = lyapunov_spectrum(systems()[key], duration=LONG[key])
    return (
        float(found.exponents[0]),
        float(found.exponents.sum()),
        found.divergence,
        found.kaplan_yorke,
    )


def _near(measured: float, expected: float, tolerance: float, detail: str = "") -> Measurement:
    return Measurement(measured, expected, tolerance, abs(measured - expected) <= tolerance, detail)


def _lorenz(seed: int) -> Measurement:
    return _near(_spectrum("lorenz")[0], 0.906, 0.03 * 0.906)


def _rossler(seed: int) -> Measurement:
    return _near(_spectrum("rossler")[0], 0.071, 0.05 * 0.071)


def _dimension(seed: int) -> Measurement:
    return _near(_spectrum("lorenz")[3], 2.06, 0.02)


def _sums(seed: int) -> Measurement:
    worst = max(
        abs(total - divergence) / abs(divergence)
        for _, total, divergence, _ in map(_spectrum, ("lorenz", "rossler"))
    )
    return _near(worst, 0.0, 0.02, "largest relative gap of Lorenz and Rössler")


def candidates() -> dict[str, Row]:
    """Rows of chaotic flows and maps whose figures hold together, by key."""
    found = {}
    known = systems()
    for key, row in reference.read().items():
        if key not in known or not row.sound or row.rests or len(row.exponents) < 1:
            continue
        error = row.stderr[0] if math.isfinite(row.stderr[0]) else math.inf
        if "for good" in row.method or not row.exponents[0] > 5.0 * error:
            continue
        system = known[key]
        if system.kind in ("flow", "map") and not system.hybrid and "chaotic" in system.tags:
            found[key] = row
    return found or _published()


def _published() -> dict[str, Row]:
    """Published exponents at default values, where there is no table of our own."""
    found = {}
    for key, system in systems().items():
        plain = system.kind in ("flow", "map") and not system.hybrid
        for known in system.known:
            at = any(system.parameters[name].default != v for name, v in known.values.items())
            if known.quantity == "lyapunov-largest" and plain and known.value > 0.0 and not at:
                duration = 100_000.0 if system.kind == "map" else 300_000.0 * system.run.step
                found[key] = Row("", exponents=(known.value,), stderr=(0.0,), duration=duration)
    return found


def repeated(keys: Sequence[str], rows: dict[str, Row], share: float) -> Measurement:
    """Measure these systems anew and count those whose exponent is not as stored."""
    from engine.analysis.lyapunov_spectrum import lyapunov_spectrum

    wrong: list[str] = []
    for key in keys:
        row, system = rows[key], systems()[key]
        later = system.run.transient + LATER
        if system.kind == "map":
            later = math.ceil(later)
        duration = share * row.duration
        if system.kind == "map":
            duration = float(math.ceil(duration))
        found = lyapunov_spectrum(system, duration, transient=later, count=1)
        largest, error = float(found.exponents[0]), float(found.stderr[0])
        stored = row.exponents[0]
        # A short run is as uncertain as it says it is.
        allowed = max(0.1 * stored, 3.0 * math.hypot(error, row.stderr[0]))
        if not (largest > 0.0 and abs(largest - stored) <= allowed):
            wrong.append(f"{key} {largest:.4g} instead of {stored:.4g}")
    detail = "; ".join(wrong) or f"{len(keys)} systems: {', '.join(sorted(keys)[:12])}"
    return _near(float(len(wrong)), 0.0, 0.0, detail)


def _sample(seed: int) -> Measurement:
    rows = candidates()
    small = sorted(key for key in rows if systems()[key].dimension <= 4)
    if not small:
        return Measurement(math.nan, 0.0, 0.0, False, "the table of reference figures is empty")
    chosen = np.random.default_rng(seed).choice(small, min(QUICK, len(small)), replace=False)
    return repeated([str(key) for key in chosen], rows, 0.5)


def _all(seed: int) -> Measurement:
    rows = candidates()
    if not rows:
        return Measurement(math.nan, 0.0, 0.0, False, "the table of reference figures is empty")
    return repeated(sorted(rows), rows, 1.0)


CLAIMS = (
    Claim("lorenz-exponent", "The largest exponent of Lorenz' system is 0.906", SPROTT, _lorenz),
    Claim(
        "rossler-exponent", "The largest exponent of Rössler's system is 0.071", SPROTT, _rossler
    ),
    Claim(
        "lorenz-dimension",
        "The Kaplan-Yorke dimension of Lorenz' attractor is 2.06",
        SPROTT,
        _dimension,
    ),
    Claim(
        "sums",
        "The exponents of a flow add up to its mean divergence",
        "Liouville's formula",
        _sums,
        label="exact",
    ),
    Claim(
        "sample",
        "Chaotic systems drawn from the catalogue stay bounded, with a largest exponent within "
        "10 % of the stored one",
        GILPIN,
        _sample,
        label="estimate",
    ),
    Claim(
        "all",
        "Every chaotic flow and map of the catalogue stays bounded, with a largest exponent "
        "within 10 % of the stored one",
        GILPIN,
        _all,
        quick=False,
        label="estimate",
    ),
)
