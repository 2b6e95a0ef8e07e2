"""Rosenbrock methods as data: implicit in the Jacobian only, for stiff equations.

A step solves one linear system with several right-hand sides instead of nonlinear
equations, so that it costs one Jacobian and one decomposition. This file holds the numbers;
``drivers.stiff`` computes with them.

References
----------
E. Hairer, G. Wanner, Solving Ordinary Differential Equations II: Stiff and
Differential-Algebraic Problems, second edition, Springer 1996, section IV.7.
G. Steinebach, Construction of Rosenbrock-Wanner method Rodas5P and numerical benchmarks
within the Julia Differential Equations package, BIT Numerical Mathematics 63, 27 (2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rosenbrock:
    """A stiffly accurate Rosenbrock method in the form that needs no product with J.

    With ``W = I / (gamma h) - J`` stage i solves ``W u_i = f(t + nodes[i] h, x + sum_j
    places[i, j] u_j) + sum_j couplings[i, j] u_j / h + h slopes[i] df/dt``. The last stage
    is the error estimate, and the new state is the place of the last stage plus ``u_last``.

    Attributes
    ----------
    key, title : str
    order, error_order : int
        Of the new state, and of the embedded one that it is compared with.
    gamma : float
    places, couplings : array (stages, stages)
        Strictly lower triangular.
    nodes, slopes : array (stages,)
    dense : array (rows, stages)
        With ``K_r = sum_i dense[r, i] u_i`` the state within the step is ``x + theta (x_new - x)
        + theta (1 - theta) (K_0 + theta K_1 + theta^2 K_2)``.
    dense_order : int
    reference : str
    """

    key: str
    title: str
    order: int
    error_order: int
    gamma: float
    places: Array
    couplings: Array
    nodes: Array
    slopes: Array
    dense: Array
    dense_order: int
    reference: str

    @property
    def adaptive(self) -> bool:
        """True: it chooses its own step."""
        return True


def _lower(rows: Sequence[Sequence[float]], stages: int) -> Array:
    table = np.zeros((stages, stages))
    for i, row in enumerate(rows):
        table[i + 1, : len(row)] = row
    return table


_SIXTH = (
    -7.502846399306121,
    2.561846144803919,
    -11.627539656261098,
    -0.18268767659942256,
    0.030198172008377946,
)
"""What stage 6 takes from those before it; stages 7 and 8 and the new state build on it."""

RODAS5P = Rosenbrock(
    "rodas5p",
    "Rodas5P",
    5,
    4,
    0.21193756319429014,
    _lower(
        [
            [3.0],
            [2.849394379747939, 0.45842242204463923],
            [-6.954028509809101, 2.489845061869568, -10.358996098473584],
            [2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641],
            _SIXTH,
            [*_SIXTH, 1.0],
            [*_SIXTH, 1.0, 1.0],
        ],
        8,
    ),
    _lower(
        [
            [-14.155112264123755],
            [-17.97296035885952, -2.859693295451294],
            [147.12150275711716, -1.41221402718213, 71.68940251302358],
            [165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306],
            [
                24.854864614690072,
                -3.0009227002832186,
                47.4931110020768,
                5.5814197821558125,
                -0.6610691825249471,
            ],
            [
                30.91273214028599,
                -3.1208243349937974,
                77.79954646070892,
                34.28646028294783,
                -19.097331116725623,
                -28.087943162872662,
            ],
            [
                37.80277123390563,
                -3.2571969029072276,
                112.26918849496327,
                66.9347231244047,
                -40.06618937091002,
                -54.66780262877968,
                -9.48861652309627,
            ],
        ],
        8,
    ),
    np.array(
        [
            0.0,
            0.6358126895828704,
            0.4095798393397535,
            0.9769306725060716,
            0.4288403609558664,
            1.0,
            1.0,
            1.0,
        ]
    ),
    np.array(
        [
            0.21193756319429014,
            -0.42387512638858027,
            -0.3384627126235924,
            1.8046452872882734,
            2.325825639765069,
            0.0,
            0.0,
            0.0,
        ]
    ),
    np.array(
        [
            [
                25.948786856663858,
                -2.5579724845846235,
                10.433815404888879,
                -2.3679251022685204,
                0.524948541321073,
                1.1241088310450404,
                0.4272876194431874,
                -0.17202221070155493,
            ],
            [
                -9.91568850695171,
                -0.9689944594115154,
                3.0438037242978453,
                -24.495224566215796,
                20.176138334709044,
                15.98066361424651,
                -6.789040303419874,
                -6.710236069923372,
            ],
            [
                11.419903575922262,
                2.8879645146136994,
                72.92137995996029,
                80.12511834622643,
                -52.072871366152654,
                -59.78993625266729,
                -0.15582684282751913,
                4.883087185713722,
            ],
        ]
    ),
    4,
    "G. Steinebach, BIT Numerical Mathematics 63, 27 (2023)",
)
"""Order 5 with an embedded order 4, L-stable, eight stages, dense output of order 4."""
