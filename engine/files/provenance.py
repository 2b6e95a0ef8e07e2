"""What made a figure or a data file: exhibit, values, initial state, method, step, seed.

Every file we write carries a `Provenance`, so that a picture found years later can be
made again. It is data: JSON in, JSON out, nothing evaluated. Where it is put in each
format is the business of ``engine.files.tables`` and ``engine.figures``.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import FileFormatError
from engine.exhibit import Exhibit, Values

if TYPE_CHECKING:
    from engine.integrate.solve import Trajectory
    from engine.systems.system import System


@cache
def version() -> str:
    """The version of this program, as written into files."""
    import engine

    known = getattr(engine, "__version__", None)
    if known:
        return str(known)
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("phasescope")
    except PackageNotFoundError:
        return "unknown"


def now() -> str:
    """The time in UTC to the second; SOURCE_DATE_EPOCH is honoured for reproducible files."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(value: Any) -> Any:
    """`value` as what JSON can hold: numbers that are not finite become words.

    Returns
    -------
    None, bool, int, float, str, list or dict
        ``"nan"``, ``"inf"`` or ``"-inf"`` for such floats; anything unknown as text.
    """
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)


@dataclass(frozen=True)
class Provenance:
    """What made a file.

    Attributes
    ----------
    exhibit, title : str
        Key and title of the exhibit.
    values : mapping
        Model parameter values, all of them.
    initial : tuple of float
        The initial state; empty where the exhibit has none.
    method : str
        Integration method.
    step : float or None
        Time step; None where the method chooses it or there is none.
    seed : int
    version : str
        Of this program.
    created : str
        UTC, ISO 8601.
    extra : mapping
        Anything else worth knowing: transient, tolerances, why a run stopped, view.
    """

    exhibit: str = ""
    title: str = ""
    values: Values = field(default_factory=dict)
    initial: tuple[float, ...] = ()
    method: str = ""
    step: float | None = None
    seed: int = 0
    version: str = field(default_factory=version)
    created: str = field(default_factory=now)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The fields as what JSON can hold, in order."""
        return {part.name: plain(getattr(self, part.name)) for part in fields(self)}

    def json(self) -> str:
        """The provenance as one line of JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False, allow_nan=False)

    def line(self) -> str:
        """One readable line, for places that hold a short text only."""
        values = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        how = f"{self.method}, step {self.step}" if self.step is not None else self.method
        parts = [self.title or self.exhibit, values, how, f"seed {self.seed}"]
        return "; ".join(part for part in parts if part)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], path: str = "") -> Provenance:
        """The provenance that `as_dict` wrote; unknown fields are ignored.

        Raises
        ------
        FileFormatError
            If a field has the wrong type.
        """

        def wrong(name: str, expected: str) -> FileFormatError:
            return FileFormatError(
                f"expected {expected}, got {data.get(name)!r}", path, f"provenance.{name}"
            )

        values, extra = data.get("values", {}), data.get("extra", {})
        if not isinstance(values, Mapping):
            raise wrong("values", "names with values")
        if not isinstance(extra, Mapping):
            raise wrong("extra", "names with values")
        initial = data.get("initial", [])
        if isinstance(initial, str) or not hasattr(initial, "__iter__"):
            raise wrong("initial", "a list of numbers")
        try:
            start = tuple(float(number) for number in initial)
        except (TypeError, ValueError) as error:
            raise wrong("initial", "a list of numbers") from error
        step, seed = data.get("step"), data.get("seed", 0)
        if isinstance(step, bool) or not isinstance(step, int | float | None):
            raise wrong("step", "a number or nothing")
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise wrong("seed", "a whole number")
        words = {
            name: str(data.get(name, ""))
            for name in ("exhibit", "title", "method", "version", "created")
        }
        return cls(
            values=dict(values),
            initial=start,
            extra=dict(extra),
            seed=seed,
            step=None if step is None else float(step),
            **words,
        )


def from_run(
    exhibit: Exhibit,
    values: Values,
    seed: int = 0,
    status: Mapping[str, Any] | None = None,
    **extra: Any,
) -> Provenance:
    """The provenance of a run of `exhibit`.

    Parameters
    ----------
    exhibit : Exhibit
    values : mapping
        Parameter values given; the others are at their defaults. Those named
        ``initial.*`` become the initial state, those named ``run.*`` method and step.
    seed : int
    status : mapping, optional
        The newest `Frame.status`: its ``method`` and ``step`` win over the values.
    **extra
        Whatever else is worth knowing.
    """
    known = {name: parameter.default for name, parameter in exhibit.parameters.items()}
    known.update(values)
    status = status or {}
    model = {
        name: value for name, value in known.items() if not name.startswith(("initial.", "run."))
    }
    start = tuple(
        float(value)
        for name, value in known.items()
        if name.startswith("initial.") and not isinstance(value, str)
    )
    run = {name[4:]: value for name, value in known.items() if name.startswith("run.")}
    step = status.get("step", run.pop("step", None))
    method = status.get("method", run.pop("method", ""))
    more = {name: value for name, value in run.items() if name not in ("step", "method")}
    if message := status.get("message"):
        more["stopped"] = str(message)
    number = isinstance(step, int | float | np.number) and not isinstance(step, bool)
    return Provenance(
        exhibit=exhibit.key,
        title=exhibit.title,
        values=model,
        initial=start,
        method=str(method),
        step=float(step) if number else None,
        seed=int(seed),
        extra={**more, **extra},
    )


def from_trajectory(
    system: System, trajectory: Trajectory, seed: int = 0, **extra: Any
) -> Provenance:
    """The provenance of what ``engine.simulate`` returned."""
    if trajectory.stopped:
        extra = {**extra, "stopped": str(trajectory.stopped)}
    extra["transient"] = float(trajectory.transient)
    for name in ("rtol", "atol"):
        # Methods of fixed step have none and say NaN.
        if math.isfinite(tolerance := float(getattr(trajectory, name))):
            extra[name] = tolerance
    return Provenance(
        exhibit=system.key,
        title=system.title,
        values=dict(trajectory.values),
        initial=tuple(float(number) for number in trajectory.initial),
        method=str(trajectory.method),
        step=float(trajectory.step),
        seed=int(seed),
        extra=extra,
    )
