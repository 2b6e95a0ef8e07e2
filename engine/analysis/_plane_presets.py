"""Parameter planes worth a look, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Range = tuple[str, float, float]


@dataclass(frozen=True)
class PlanePreset:
    """A parameter plane that somebody opens with one click.

    Attributes
    ----------
    title, summary : str
    system : str
        Key of the system.
    x, y : (str, float, float)
    measure : str
    values : mapping of str to float
        Of the other parameters.
    iterations, transient : int
    source : str
        Where it was first seen.
    """

    title: str
    summary: str
    system: str
    x: Range
    y: Range
    measure: str = "lyapunov-largest"
    values: Mapping[str, float] = field(default_factory=dict)
    iterations: int = 2000
    transient: int = 500
    source: str = ""


PRESETS: tuple[PlanePreset, ...] = (
    PlanePreset(
        "Shrimps of the Hénon map",
        "Islands of order in the sea of chaos, each with a head and four legs, in strings",
        "henon",
        ("a", 1.0, 1.8),
        ("b", -0.05, 0.5),
        source="J. A. C. Gallas, Physical Review Letters 70, 2714-2717 (1993)",
    ),
    PlanePreset(
        "A shrimp of the Hénon map",
        "One island from near by: its periods double along every leg",
        "henon",
        ("a", 1.2, 1.35),
        ("b", 0.25, 0.34),
        iterations=6000,
        transient=3000,
        source="J. A. C. Gallas, Physical Review Letters 70, 2714-2717 (1993)",
    ),
    PlanePreset(
        "Rössler's a-c plane",
        "Shrimps and bands of order wind round a hub near a = 0.18, c = 10.3",
        "rossler",
        ("a", 0.1, 0.3),
        ("c", 4.0, 20.0),
        values={"b": 0.2},
        iterations=12_000,
        transient=6000,
        source="R. Vitolo, P. Glendinning and J. A. C. Gallas, Physical Review E 84, 016216 (2011)",
    ),
)
"""Presets of ``parameter_plane``."""
