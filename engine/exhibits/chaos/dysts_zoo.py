"""The collection as one picture: systems that move alike lie near each other.

Every built-in system is a point. Distances are those of their features, from spectrum and
shape of the orbit (``engine.analysis.features``); how the points find their places is
itself a dynamical system (``engine.analysis.embedding``), and one may watch it, change what
counts as alike under way, and go back. One system is picked: its run is sampled so many
times a period beside the map, with its exponents.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from engine.analysis.embedding import DISTANCES, METHODS, NEIGHBOURS
from engine.analysis.features import GROUPS, Table, table
from engine.errors import ParameterError
from engine.exhibit import (
    Array,
    Channel,
    Exhibit,
    Pace,
    Parameter,
    Preset,
    Reference,
    Values,
    ViewSpec,
)
from engine.exhibits.chaos._zoo_claims import CLAIMS
from engine.exhibits.chaos._zoo_portrait import COLUMNS
from engine.exhibits.chaos._zoo_process import KEPT, ZooProcess
from engine.systems.index import Card, cards

FIRST = "lorenz"
BOTH = "spectrum and shape"


@final
class Zoo(Exhibit):
    """The exhibit; see the module docstring. What it lists is read when it is first opened."""

    key = "dysts-zoo"
    title = "The collection as a map"
    family = "chaos"
    kind = "map of systems"
    summary = (
        "Every system of the catalogue as a point among its kin. What counts as alike is how "
        "it moves, not what it is about: exponents and dimension of its attractor, and the "
        "shape of its orbits, so that a laser may lie beside a population of voles. Watch the "
        "points find their places, ask for other features under way, pick one and see it run."
    )
    views = (
        ViewSpec("constellation", "map"),
        ViewSpec("attractor", "portrait", area="right"),
        ViewSpec("bars", "exponents", area="right", tab="figures"),
        ViewSpec("curves", "cost", area="right", tab="figures"),
    )
    references = (
        Reference(
            "W. Gilpin",
            2021,
            "Chaos as an interpretable benchmark for forecasting and data-driven modelling",
            "arXiv:2110.05266",
            "10.48550/arXiv.2110.05266",
        ),
        Reference(
            "L. van der Maaten and G. Hinton",
            2008,
            "Visualizing Data using t-SNE",
            "Journal of Machine Learning Research 9, 2579-2605",
        ),
    )
    claims = CLAIMS
    presets = (
        Preset(
            "Kin",
            {"features": BOTH, "method": NEIGHBOURS, "neighbours": 15.0},
            "Who is near whom, by everything that is known",
        ),
        Preset(
            "By spectrum",
            {"features": "spectrum", "method": NEIGHBOURS, "neighbours": 15.0},
            "Exponents, dimension and divergence alone",
        ),
        Preset(
            "By shape",
            {"features": "shape", "method": NEIGHBOURS, "neighbours": 15.0},
            "How the orbit looks, whatever its exponents",
        ),
        Preset(
            "Small groups",
            {"features": BOTH, "method": NEIGHBOURS, "neighbours": 4.0},
            "A few neighbours each: the map falls into islands",
        ),
        Preset(
            "True distances",
            {"features": BOTH, "method": DISTANCES},
            "All distances as they are, as well as a plane can hold them",
        ),
    )
    pace = Pace("iterations", 40.0, 1.0, 1000.0, 1.0)
    tags = ("catalogue", "features", "embedding", "chaotic")

    @cached_property
    def table(self) -> Table:
        """The features of the systems on the map."""
        return table()

    @cached_property
    def cards(self) -> Mapping[str, Card]:
        """What is known of every system without reading its file."""
        from engine.systems import systems

        return cards(systems())

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The systems on the map, in the order of the points."""
        return tuple(key for key in self.table.keys if key in self.cards)

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:  # type: ignore[override]
        """See `Exhibit`."""
        first = FIRST if FIRST in self.keys else self.keys[0] if self.keys else ""
        rows = (
            Parameter(
                "features",
                BOTH,
                scale="choice",
                choices=tuple(GROUPS),
                help="What counts as alike: figures of the spectrum, the shape of orbits, or both",
            ),
            Parameter(
                "method",
                NEIGHBOURS,
                scale="choice",
                choices=METHODS,
                help="Keep who is near whom (t-SNE), or all distances (stress)",
            ),
            Parameter(
                "neighbours",
                15.0,
                2.0,
                80.0,
                scale="log",
                help="Perplexity: how many neighbours of each system count",
            ),
            Parameter(
                "system",
                first,
                scale="choice",
                choices=self.keys or ("",),
                help="The one that is picked; a click on the map picks another",
            ),
            Parameter(
                "points",
                64,
                2,
                400,
                scale="integer",
                unit="a period",
                help="How finely the picked system is sampled",
            ),
        )
        return MappingProxyType({row.name: row for row in rows})

    @cached_property
    def channels(self) -> Mapping[str, Channel]:  # type: ignore[override]
        """See `Exhibit`."""
        found = [self.cards[key] for key in self.keys]
        rows = (
            Channel(
                "map",
                "points",
                "Map of systems",
                names=("x", "y", "kind", "family", "dimension", "largest exponent"),
                bindings=MappingProxyType({"row": "system"}),
                labels=tuple(card.title for card in found),
                opens=self.keys,
                legends=MappingProxyType(
                    {"kind": KINDS, "family": _words(card.family for card in found)}
                ),
            ),
            Channel(
                "portrait",
                "trajectory",
                "The picked system",
                names=COLUMNS,
                axes=("periods",),
                length=KEPT,
            ),
            Channel(
                "exponents",
                "bars",
                "Its Lyapunov exponents",
                axes=("number", "exponent"),
            ),
            Channel(
                "cost",
                "scalar",
                "How far the map is from its aim",
                names=("cost",),
                axes=("iteration", "cost"),
                length=KEPT,
            ),
        )
        return MappingProxyType({row.name: row for row in rows})

    def attributes(self) -> Array:
        """The columns of the map after the places, shape ``(k, 4)``."""
        families = self.channels["map"].legends["family"]
        out = np.full((len(self.keys), 4), np.nan)
        for row, key in enumerate(self.keys):
            card = self.cards[key]
            exponents = self.table.exponents.get(key, ())
            out[row, 0] = KINDS.index(card.kind) if card.kind in KINDS else np.nan
            out[row, 1] = families.index(card.family)
            out[row, 2] = card.dimension
            if exponents and math.isfinite(exponents[0]):
                rate = float(self.table.rates[self.table.keys.index(key)])
                out[row, 3] = exponents[0] / rate
        return out

    def distances(self, group: str) -> NDArray[np.float64]:
        """Distances between the systems on the map; unknown ones are far from all others."""
        places = [self.table.keys.index(key) for key in self.keys]
        found = self.table.distances(group)[np.ix_(places, places)]
        known = found[np.isfinite(found)]
        far = float(known.max()) if known.size else 1.0
        found = np.where(np.isfinite(found), found, far)
        np.fill_diagonal(found, 0.0)
        return found

    def unknown(self, group: str) -> NDArray[np.bool_]:
        """Which systems have too few features of a group to be placed."""
        places = [self.table.keys.index(key) for key in self.keys]
        known = np.isfinite(self.table.standardised(group)[places])
        return np.asarray(known.sum(axis=1) * 3 < known.shape[1])

    def start(self, values: Values, seed: int = 0) -> ZooProcess:
        """Begin a run; see `Exhibit.start`.

        Raises
        ------
        ParameterError
            Also where there are no features to compare by.
        """
        if not self.keys:
            raise ParameterError(
                f"'{self.key}' has no features to compare by; 'python scripts/features.py' "
                "computes them"
            )
        return ZooProcess(self, self.checked(values), seed)

    def latex(self) -> tuple[str, ...]:
        """What the points obey: descent of the Kullback-Leibler divergence."""
        return (
            r"\dot{y}_i = -4 \sum_j (p_{ij} - q_{ij}) \frac{y_i - y_j}{1 + |y_i - y_j|^2}",
            r"q_{ij} \propto (1 + |y_i - y_j|^2)^{-1}",
        )


KINDS = ("flow", "map", "sde", "dde")


def _words(names: Any) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


EXHIBIT = Zoo()
