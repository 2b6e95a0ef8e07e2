"""Methods are found by their files, and take only what they can use."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest

import engine
from engine.analysis.method import Method, Plot, Sampled, Scalar, Subject, measured
from engine.analysis.methods import keys, methods
from engine.errors import ParameterError, UnknownKeyError
from engine.exhibit import Parameter, Value
from engine.job import Job, Partial, run


@dataclass(frozen=True)
class Mean:
    mean: float

    def scalars(self) -> tuple[Scalar, ...]:
        return (Scalar("mean", "Mean", self.mean),)

    def plots(self) -> tuple[Plot, ...]:
        return ()


def mean_job(subject: Subject, options: Mapping[str, Value]) -> Job[Mean]:
    assert subject.sampled is not None
    yield Partial(None, 0.0, 1.0)
    return Mean(float(subject.sampled.series.mean()) * float(options["scale"]))


MEAN = Method(
    "Mean",
    "Spectra",
    "",
    "",
    "series",
    mean_job,
    (Parameter("scale", 1.0, 0.0, 2.0), Parameter("order", 3, 1, 9, scale="integer")),
    lambda subject: {"scale": 2.0},
)
SUBJECT = Subject(Sampled(np.arange(5.0)[:, None]))


def test_given_beats_automatic_beats_default() -> None:
    assert MEAN.chosen(SUBJECT) == {"scale": 2.0, "order": 3}
    assert MEAN.chosen(SUBJECT, {"scale": 0.5}) == {"scale": 0.5, "order": 3}
    assert run(MEAN.start(SUBJECT, {"scale": 0.5})).mean == 1.0


@pytest.mark.parametrize(
    ("subject", "options", "words"),
    [
        (Subject(), {}, "needs numbers"),
        (SUBJECT, {"colour": 1.0}, "no option 'colour'; it has scale, order"),
        (SUBJECT, {"order": 2.5}, "whole number"),
    ],
)
def test_what_cannot_be_used_is_named(
    subject: Subject, options: dict[str, Value], words: str
) -> None:
    with pytest.raises(ParameterError, match=words):
        MEAN.start(subject, options)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0], "at least 2 points, got 1"),
        ([1.0, np.nan, 2.0], "row 1 and 0 more"),
        (["a", "b"], "needs numbers"),
        (np.zeros((2, 2, 2)), r"shape \(2, 2, 2\)"),
    ],
)
def test_numbers_are_checked(values: object, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        measured(values, "Mean")


@pytest.mark.parametrize("key", keys())
def test_every_method_says_what_it_is(key: str) -> None:
    method = methods()[key]
    assert method.key == key
    assert len(method.summary) > 80, "what it tells"
    assert len(method.trust) > 80, "when to believe it"
    assert method.references
    assert all(option.help for option in method.options)
    assert callable(getattr(engine, key.replace("-", "_")))


def test_a_mistyped_key_is_told() -> None:
    with pytest.raises(UnknownKeyError, match="there is no method 'taste'"):
        methods()["taste"]


def test_reading_the_methods_imports_no_compiler() -> None:
    code = (
        "import sys; from engine.analysis.methods import methods; list(methods().values()); "
        "print('numba' in sys.modules, 'scipy' in sys.modules, 'sympy' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False", "False"]
