"""How long a series remembers itself: its correlation with its own past.

By Fourier transform, for all lags at once. The time in which it falls to 1/e and that of its
first zero are the simplest time scales of a series, and delays for embedding. What is not
linear it does not see: there is ``mutual_information``.

Memory: a few arrays twice as long as the series.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis._reconstruction import correlations, falls_below, positive, varied, whole
from engine.analysis.method import Curve, Method, Plot, Scalar, Subject
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
_WHAT = "An autocorrelation"
_FEWEST = 4
_SURE = 1.959963984540054  # standard deviations of 95 %


@dataclass(frozen=True, eq=False)
class Autocorrelation:
    """Correlations of a series with its past.

    Attributes
    ----------
    lags : array (k,)
        0, 1, 2 ...
    times : array (k,)
        The same in units of time.
    values : array (k,)
        1 at lag 0; sums over the pairs there are, divided by the length of the series, so
        that they are never beyond 1.
    noise : float
        Correlations of white noise are within plus or minus this 95 times in a hundred.
    first_zero, e_time : float
        Time until the first zero, and until it is 1/e, between the lags; not a number where
        that is beyond the last lag.
    """

    lags: NDArray[np.int64]
    times: Array
    values: Array
    noise: float
    first_zero: float
    e_time: float

    def scalars(self) -> tuple[Scalar, ...]:
        """The two times, and the correlation of neighbours."""
        return (
            Scalar("e_time", "Time until 1/e", self.e_time),
            Scalar("first_zero", "Time until the first zero", self.first_zero),
            Scalar("at_lag_1", "Correlation at lag 1", float(self.values[1])),
        )

    def plots(self) -> tuple[Plot, ...]:
        """Correlations over time, with 1/e and the band of white noise."""
        ends = self.times[[0, -1]]
        zero, level = np.zeros(2), np.full(2, self.noise)
        return (
            Plot(
                "Autocorrelation",
                "lag (time)",
                "autocorrelation",
                (
                    Curve(ends, zero, "white noise, 95 %", -level, level, reference=True),
                    Curve(ends, np.full(2, math.exp(-1.0)), "1/e", reference=True),
                    Curve(self.times, self.values, "autocorrelation"),
                ),
            ),
        )


def autocorrelation(series: object, step: float = 1.0, lags: int | None = None) -> Autocorrelation:
    """The autocorrelation of a series.

    Parameters
    ----------
    series : array-like (m,)
    step : float
        Time between two numbers.
    lags : int, optional
        The longest lag; a quarter of the series by default.

    Raises
    ------
    ParameterError
        If the series is too short, constant or not finite, or there are too many lags.

    References
    ----------
    G. E. P. Box and G. M. Jenkins, Time Series Analysis: Forecasting and Control (1970).
    """
    return run(autocorrelation_job(series, step, lags))


def autocorrelation_job(
    series: object, step: float = 1.0, lags: int | None = None
) -> Job[Autocorrelation]:
    """`autocorrelation` as a job; it is one transform."""
    numbers = varied(series, _WHAT, _FEWEST)
    step = positive(step, "step", "an autocorrelation")
    longest = max(1, len(numbers) // 4) if lags is None else lags
    longest = whole(longest, "longest lag", "an autocorrelation", 1, len(numbers) - 1)
    yield Partial(None, 0.0, 1.0, "autocorrelation")
    values = correlations(numbers, longest)
    return Autocorrelation(
        np.arange(longest + 1),
        np.asarray(step * np.arange(longest + 1), dtype=np.float64),
        values,
        _SURE / math.sqrt(len(numbers)),
        step * falls_below(values, 0.0),
        step * falls_below(values, math.exp(-1.0)),
    )


def _job(subject: Subject, options: Mapping[str, Value]) -> Job[Autocorrelation]:
    sampled = subject.sampled
    assert sampled is not None
    return autocorrelation_job(sampled.series, sampled.step, int(options["lags"]) or None)


def _automatic(subject: Subject) -> Mapping[str, Value]:
    return {"lags": max(1, len(subject.sampled.values) // 4)} if subject.sampled else {}


METHOD = Method(
    "Autocorrelation",
    "Spectra",
    "How much a value says, linearly, about the value some time later. Its decay to 1/e is the "
    "time a series remembers; its first zero a quarter of the period of a rhythm. Either serves "
    "as a delay for embedding.",
    "Lags up to a quarter of the series; beyond that few pairs are left. A trend looks like a "
    "long memory: take it away first. Chaos can be uncorrelated though it is determined, like "
    "the logistic map at r = 4: there mutual information sees what correlation does not. The "
    "band is that of white noise; correlations of a series with memory scatter more.",
    "series",
    _job,
    (Parameter("lags", 0, 0, 10000, scale="integer", help="The longest lag in points; 0 chooses"),),
    _automatic,
    (
        Reference(
            "G. E. P. Box and G. M. Jenkins",
            1970,
            "Time Series Analysis: Forecasting and Control",
            "Holden-Day, San Francisco",
        ),
    ),
)
