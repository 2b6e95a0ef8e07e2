"""Any measure of a series beside the same measure of its surrogates.

A method of analysis is applied to a series and, with the very same options, to many of its
surrogates. Where the series stands among them tells whether a number says more than what
surrogates share with it: values, spectrum or both.

Memory: that of the method, and of the surrogates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.analysis.method import Bars, Curve, Method, Plot, Sampled, Scalar, Subject, measured
from engine.analysis.surrogates import KINDS, OPTIONS, Kind, surrogates_job
from engine.errors import ParameterError
from engine.exhibit import Parameter, Reference, Value
from engine.job import Job, Partial, run

Array = NDArray[np.float64]
Measure = Callable[[Array], float]
_TITLE = "Control by surrogates"
_DEFAULT = "permutation-complexity"
_BARS = 20


@dataclass(frozen=True, eq=False)
class SurrogateControl:
    """Numbers of a series among those of its surrogates.

    Attributes
    ----------
    names, titles : tuple of k str
        Of the numbers.
    values : array (k,)
        Those of the series.
    controls : array (count, k)
        Those of the surrogates; not a number where the method refused one.
    probabilities : array (k,)
        Two-sided: how likely a surrogate is to lie as far out on one side, times two. At
        least 2 / (count + 1).
    deviations : array (k,)
        Distance from the surrogates' mean in their standard deviations.
    method : str
        What was measured.
    kind : str
        Of the surrogates.
    options : mapping
        Of the method, the same for all.
    """

    names: tuple[str, ...]
    titles: tuple[str, ...]
    values: Array
    controls: Array
    probabilities: Array
    deviations: Array
    method: str
    kind: Kind
    options: Mapping[str, Value]

    def scalars(self) -> tuple[Scalar, ...]:
        """Every number with its probability and its distance from the surrogates."""
        out = []
        for k, (name, title) in enumerate(zip(self.names, self.titles, strict=True)):
            out += [
                Scalar(name, title, float(self.values[k])),
                Scalar(f"{name}_p", f"{title}: two-sided p", float(self.probabilities[k])),
                Scalar(
                    f"{name}_z",
                    f"{title}: distance from {self.kind} surrogates",
                    float(self.deviations[k]),
                    unit="standard deviations",
                ),
            ]
        return tuple(out)

    def plots(self) -> tuple[Plot, ...]:
        """The surrogates' numbers as bars, the series' as a line."""
        plots = []
        for k, title in enumerate(self.titles):
            known = self.controls[:, k][np.isfinite(self.controls[:, k])]
            if not known.size or not math.isfinite(self.values[k]):
                continue
            if (known == self.values[k]).all():
                continue  # nothing to tell apart
            span = max(float(np.ptp(known)), 1e-9 * float(np.abs(known).max()), 1e-300)
            ends = (float(known.min()) - 0.05 * span, float(known.max()) + 0.05 * span)
            heights, edges = np.histogram(known, bins=_BARS, range=ends)
            at = np.full(2, self.values[k])
            top = np.array([0.0, float(heights.max())])
            plots.append(
                Plot(
                    f"{title}: p = {self.probabilities[k]:.3g}",
                    title,
                    "surrogates",
                    (Bars(edges, heights.astype(np.float64), self.kind), Curve(at, top, "series")),
                )
            )
        return tuple(plots)


def surrogate_control(
    series: ArrayLike,
    measure: str | Measure = _DEFAULT,
    kind: Kind = "iaaft",
    count: int = 39,
    seed: int = 0,
    options: Mapping[str, Value] | None = None,
    step: float = 1.0,
) -> SurrogateControl:
    """Measure a series and its surrogates alike.

    Parameters
    ----------
    series : array (m,)
    measure : str or callable
        Key of a method that takes a series, or states, of which there is then one; or a
        function of a series ``(m,)`` that returns a number.
    kind, count, seed
        Of the surrogates.
    options : mapping, optional
        Of the method. Those it chooses by itself are chosen for the series and kept.
    step : float
        Time between two rows.

    Returns
    -------
    SurrogateControl

    Raises
    ------
    ParameterError
        If the method takes no series, or cannot be applied to this one.
    UnknownKeyError
        If there is no such method.

    References
    ----------
    J. Theiler et al., Physica D 58, 77 (1992).
    """
    return run(surrogate_control_job(series, measure, kind, count, seed, options, step))


def surrogate_control_job(
    series: ArrayLike,
    measure: str | Measure = _DEFAULT,
    kind: Kind = "iaaft",
    count: int = 39,
    seed: int = 0,
    options: Mapping[str, Value] | None = None,
    step: float = 1.0,
) -> Job[SurrogateControl]:
    """`surrogate_control` as a job; the probabilities are those of the surrogates so far."""
    rows = measured(series, _TITLE, 8, 1)
    subject = Subject(Sampled(rows, step))
    chosen: Mapping[str, Value] = {}
    method = None if callable(measure) else _method(measure)
    if method is not None:
        chosen = method.chosen(subject, options)
    elif options:
        raise ParameterError("a function has no options; give them to the function itself")
    title = method.title if method else getattr(measure, "__name__", "measure")

    def job(each: Subject) -> Job[tuple[Scalar, ...]]:
        if method is None:
            assert callable(measure)
            assert each.sampled is not None
            yield Partial(None, 0.0, 1.0, title)
            return (Scalar(title, title, float(measure(each.sampled.series))),)
        return (yield from _scalars(method.start(each, chosen)))

    scalars = yield from _watched(job(subject), 0.0, count + 2.0, f"{title} of the series")
    made = yield from _watched(
        surrogates_job(rows[:, 0], kind, count, seed), 1.0, count + 2.0, f"{kind} surrogates"
    )
    names = tuple(scalar.name for scalar in scalars)
    values = np.array([scalar.value for scalar in scalars], dtype=np.float64)
    controls = np.full((len(made.values), len(names)), np.nan)
    found = SurrogateControl(
        names,
        tuple(scalar.title for scalar in scalars),
        values,
        controls[:0],
        *_judged(values, controls[:0]),
        title,
        kind,
        dict(chosen),
    )
    for i, row in enumerate(made.values):
        control = Subject(Sampled(np.ascontiguousarray(row[:, None]), step))
        words = f"{title} of surrogate {i + 1} of {len(made.values)}"
        try:
            theirs = yield from _watched(job(control), i + 2.0, count + 2.0, words, found)
        except ParameterError:
            theirs = ()  # a surrogate may have what the method refuses; it stays unknown
        known = {scalar.name: scalar.value for scalar in theirs}
        controls[i] = [known.get(name, math.nan) for name in names]
        so_far = controls[: i + 1].copy()
        p, z = _judged(values, so_far)
        found = replace(found, controls=so_far, probabilities=p, deviations=z)
        yield Partial(found, i + 3.0, count + 2.0, words)
    return found


def _method(key: str) -> Method:
    """The method of a key, if it can be applied to a single series."""
    from engine.analysis.methods import methods

    method = methods()[key]
    if method.takes == "system" or key in ("surrogates", "surrogate-control"):
        raise ParameterError(
            f"surrogates control what is measured of a series; {method.title} is not: take "
            f"{_DEFAULT} or sample-entropy"
        )
    return method


def _scalars(job: Job[Any]) -> Job[tuple[Scalar, ...]]:
    """A method's job, ending in its numbers."""
    result = yield from job
    return tuple(result.scalars())


def _watched(
    job: Job[Any], begun: float, total: float, words: str, found: SurrogateControl | None = None
) -> Job[Any]:
    """A job within another: one unit of its progress."""
    try:
        while True:
            try:
                partial = next(job)
            except StopIteration as stop:
                return stop.value
            yield Partial(found, begun + partial.fraction, total, words)
    finally:
        job.close()


def _judged(values: Array, controls: Array) -> tuple[Array, Array]:
    """Two-sided probabilities and distances in standard deviations."""
    p, z = np.full((2, len(values)), np.nan)
    for k, value in enumerate(values.tolist()):
        known = controls[:, k][np.isfinite(controls[:, k])]
        if not known.size or not math.isfinite(value):
            continue
        outside = 1 + min(int((known >= value).sum()), int((known <= value).sum()))
        p[k] = min(1.0, 2.0 * outside / (known.size + 1.0))
        spread = float(known.std(ddof=1)) if known.size > 1 else 0.0
        if spread > 0.0:
            z[k] = (value - float(known.mean())) / spread
    return p, z


def _start(subject: Subject, options: Mapping[str, Value]) -> Job[SurrogateControl]:
    assert subject.sampled is not None
    return surrogate_control_job(
        subject.sampled.series,
        str(options["method"]),
        next(each for each in KINDS if each == options["kind"]),
        int(options["count"]),
        int(options["seed"]),
        step=subject.sampled.step,
    )


METHOD = Method(
    title=_TITLE,
    group="Complexity",
    summary=(
        "Whether a number found of a series is more than its values or its spectrum alone would "
        "give: the same method, with the same options, is applied to surrogates, and the series' "
        "number is shown among theirs with a two-sided probability."
    ),
    trust=(
        "A small probability rejects what the surrogates stand for (independence, a Gaussian "
        "linear process, or one seen through a fixed function) and proves nothing else: not "
        "chaos, and it may come from a changing parameter or from ends of the series that do not "
        "match. 39 surrogates can tell 5 %, 199 can tell 1 %; among many numbers some are small "
        "by chance."
    ),
    takes="series",
    job=_start,
    options=(
        Parameter(
            "method", _DEFAULT, scale="text", help="key of the method, such as sample-entropy"
        ),
        *OPTIONS,
    ),
    references=(
        Reference(
            "J. Theiler, S. Eubank, A. Longtin, B. Galdrikian and J. D. Farmer",
            1992,
            "Testing for nonlinearity in time series: the method of surrogate data",
            "Physica D 58, 77-94",
            "10.1016/0167-2789(92)90102-S",
        ),
        Reference(
            "T. Schreiber and A. Schmitz",
            2000,
            "Surrogate time series",
            "Physica D 142, 346-382",
            "10.1016/S0167-2789(00)00043-9",
        ),
    ),
)
