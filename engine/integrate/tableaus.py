"""Explicit Runge-Kutta methods as data: tableaus, error weights, dense output.

A method is a table of numbers; the drivers and the generated kernels read it and know no
method by name. This module computes no trajectory. The list of all methods, and which of
them suit a system, is ``methods``.

For developers: to add an explicit method, add one `Tableau` to `TABLEAUS`. With error
weights and dense output it is adaptive, without them it runs at a fixed step; the tests
in ``tests/engine/integrate/test_methods.py`` check every entry by its order conditions and
by the order measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from engine.integrate import dop853

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tableau:
    """An explicit Runge-Kutta method.

    With slopes ``k_i = f(t + nodes[i] h, x + h sum_j weights[i-1, j] k_j)`` the new state is
    ``x + h sum_j weights[stages-1, j] k_j``: the last row that a fixed step uses is the
    result, and in an adaptive method also the place of the slope after it (first same as
    last). Rows beyond it serve the dense output only.

    Attributes
    ----------
    key, title : str
    order : int
        Global order: the error at a fixed time falls as ``h**order``.
    stages : int
        Slopes that a step without dense output needs.
    nodes : array (total,)
        Times of the slopes, in steps.
    weights : array (max(total - 1, stages), total)
        Row i: what the state of slope i + 1 takes from the slopes before it.
    error : array (2, stages + 1)
        Weights of the error estimate, and of a second of lower order that DOP853 blends in
        (zeros where there is none). Empty for methods of fixed step.
    error_order : int
        The local error estimate falls as ``h**(error_order + 1)``.
    dense : array (total, degree)
        ``x(t + theta h) = x + h sum_ij theta**(j+1) dense[i, j] k_i``.
    dense_order : int
        Order of the dense output.
    reference : str
    """

    key: str
    title: str
    order: int
    stages: int
    nodes: Array
    weights: Array
    reference: str
    error: Array = field(default_factory=lambda: np.zeros((2, 0)))
    error_order: int = 0
    dense: Array = field(default_factory=lambda: np.zeros((0, 0)))
    dense_order: int = 0

    @property
    def adaptive(self) -> bool:
        """True where the method can choose its own step."""
        return bool(self.error.size)

    @cached_property
    def reach(self) -> float:
        """Length of the real interval ``(-reach, 0)`` in which the method is stable.

        A step h is damped as it should be only while ``h |lambda|`` stays below this for
        the fastest decay rate lambda of the equations.
        """
        square = np.zeros((self.stages, self.stages))
        square[1:] = self.weights[: self.stages - 1, : self.stages]
        last = self.weights[self.stages - 1, : self.stages]
        for z in np.arange(0.01, 20.0, 0.01):
            slopes = np.linalg.solve(np.eye(self.stages) + z * square, np.ones(self.stages))
            if abs(1.0 - z * last @ slopes) > 1.0:
                return float(z)
        return 20.0


def _table(rows: Sequence[Sequence[float]], total: int) -> Array:
    table = np.zeros((len(rows), total))
    for i, row in enumerate(rows):
        table[i, : len(row)] = row
    return table


def _euler() -> Tableau:
    return Tableau("euler", "Euler", 1, 1, np.zeros(1), np.ones((1, 1)), "L. Euler 1768")


def _rk4() -> Tableau:
    return Tableau(
        "rk4",
        "RK4",
        4,
        4,
        np.array([0.0, 0.5, 0.5, 1.0]),
        _table([[1 / 2], [0, 1 / 2], [0, 0, 1], [1 / 6, 1 / 3, 1 / 3, 1 / 6]], 4),
        "W. Kutta, Zeitschrift für Mathematik und Physik 46, 435-453 (1901)",
    )


def _tsit5() -> Tableau:
    weights = _table(
        [
            [0.161],
            [-0.008480655492356989, 0.335480655492357],
            [2.8971530571054935, -6.359448489975075, 4.3622954328695815],
            [5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525],
            [
                5.86145544294642,
                -12.92096931784711,
                8.159367898576159,
                -0.071584973281401,
                -0.028269050394068383,
            ],
            [
                0.09646076681806523,
                0.01,
                0.4798896504144996,
                1.379008574103742,
                -3.290069515436081,
                2.324710524099774,
            ],
        ],
        7,
    )
    error = np.zeros((2, 7))
    error[0] = [
        -0.00178001105222577714,
        -0.0008164344596567469,
        0.007880878010261995,
        -0.1447110071732629,
        0.5823571654525552,
        -0.45808210592918697,
        1 / 66,
    ]
    dense = np.array(
        [
            [1.0, -2.763706197274826, 2.9132554618219126, -1.0530884977290216],
            [0.0, 0.1317, -0.2234, 0.1017],
            [0.0, 3.9302962368947516, -5.941033872131505, 2.490627285651253],
            [0.0, -12.411077166933676, 30.33818863028232, -16.548102889244902],
            [0.0, 37.50931341651104, -88.1789048947664, 47.37952196281928],
            [0.0, -27.896526289197286, 65.09189467479366, -34.87065786149661],
            [0.0, 1.5, -4.0, 2.5],
        ]
    )
    return Tableau(
        "tsit5",
        "Tsit5",
        5,
        6,
        np.array([0.0, 0.161, 0.327, 0.9, 0.9800255409045097, 1.0, 1.0]),
        weights,
        "C. Tsitouras, Computers & Mathematics with Applications 62, 770-775 (2011)",
        error=error,
        error_order=4,
        dense=dense,
        dense_order=4,
    )


def _dop853() -> Tableau:
    total = len(dop853.NODES)
    weights = np.zeros((total - 1, total))
    for i, row in enumerate(dop853.STAGES):
        for j, weight in row.items():
            weights[i, j] = weight
    error = np.zeros((2, 13))
    for i, estimate in enumerate((dop853.ERROR_5, dop853.ERROR_3)):
        for j, weight in estimate.items():
            error[i, j] = weight
    return Tableau(
        "dop853",
        "DOP853",
        8,
        12,
        np.array(dop853.NODES),
        weights,
        "E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations I, "
        "Springer 1993",
        error=error,
        error_order=7,
        dense=_nested(weights[11], total),
        dense_order=7,
    )


def _nested(step: Array, total: int) -> Array:
    """The nested dense output of DOP853 as powers of theta, shape ``(total, 7)``.

    The book gives ``F0 + (1 - th) (F1 + th (F2 + (1 - th) (F3 + ...)))``, times theta, where
    every F is a combination of slopes; multiplied out it is one polynomial per slope.
    """
    first, last = np.zeros(total), np.zeros(total)
    first[0], last[12] = 1.0, 1.0
    rest = np.zeros((len(dop853.DENSE), total))
    for i, row in enumerate(dop853.DENSE):
        for j, weight in row.items():
            rest[i, j] = weight
    terms = [step, first - step, 2 * step - first - last, *rest]
    theta, other = Polynomial([0.0, 1.0]), Polynomial([1.0, -1.0])
    factor, table = Polynomial([1.0]), np.zeros((total, len(terms)))
    for i, term in enumerate(terms):
        factor = factor * (other if i % 2 else theta)
        powers = factor.coef[1:]
        table[:, : len(powers)] += np.outer(term, powers)
    return table


TABLEAUS: Mapping[str, Tableau] = MappingProxyType(
    {tableau.key: tableau for tableau in (_euler(), _rk4(), _tsit5(), _dop853())}
)
"""Every explicit method for flows, by key."""
