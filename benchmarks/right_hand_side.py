"""Generated right-hand sides against the same equations written by hand, for twenty systems.

Both are Numba functions of one signature, called through one loop, so that what is compared
is the arithmetic alone.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types

import engine
from benchmarks import Row, interleaved, median_ratio
from engine.equations.emit import SIGNATURE
from engine.equations.first_class import RIGHT_HAND_SIDE

CALLS = 200_000
BAR = 1.1

by_hand: dict[str, Callable[..., Any]] = {}


def hand(key: str) -> Callable[..., Any]:
    """Compile a function and keep it under the key of its system."""

    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        by_hand[key] = njit(SIGNATURE, nogil=True, error_model="numpy")(function)
        return function

    return keep


@hand("lorenz")
def _lorenz(t, s, p, out):
    x, y, z = s[0], s[1], s[2]
    out[0] = p[0] * (y - x)
    out[1] = x * (p[1] - z) - y
    out[2] = x * y - p[2] * z


@hand("rossler")
def _rossler(t, s, p, out):
    x, y, z = s[0], s[1], s[2]
    out[0] = -y - z
    out[1] = x + p[0] * y
    out[2] = p[1] + z * (x - p[2])


@hand("chen")
def _chen(t, s, p, out):
    x, y, z = s[0], s[1], s[2]
    out[0] = p[0] * (y - x)
    out[1] = (p[2] - p[0]) * x - x * z + p[2] * y
    out[2] = x * y - p[1] * z


@hand("halvorsen")
def _halvorsen(t, s, p, out):
    x, y, z, a, b = s[0], s[1], s[2], p[0], p[1]
    out[0] = -a * x - b * y - b * z - y * y
    out[1] = -a * y - b * z - b * x - z * z
    out[2] = -a * z - b * x - b * y - x * x


@hand("thomas")
def _thomas(t, s, p, out):
    x, y, z = s[0], s[1], s[2]
    out[0] = math.sin(y) - p[0] * x
    out[1] = math.sin(z) - p[0] * y
    out[2] = math.sin(x) - p[0] * z


@hand("sprott-b")
def _sprott_b(t, s, p, out):
    x, y, z = s[0], s[1], s[2]
    out[0] = y * z
    out[1] = x - y
    out[2] = p[0] - x * y


@hand("van-der-pol")
def _van_der_pol(t, s, p, out):
    x, v = s[0], s[1]
    out[0] = v
    out[1] = p[0] * (1 - x * x) * v - x


@hand("lotka-volterra")
def _lotka_volterra(t, s, p, out):
    x, y = s[0], s[1]
    out[0] = p[0] * x - p[1] * x * y
    out[1] = p[2] * x * y - p[3] * y


@hand("fitzhugh-nagumo")
def _fitzhugh_nagumo(t, s, p, out):
    v, w = s[0], s[1]
    out[0] = v - v * v * v / 3 - w + p[0]
    out[1] = p[3] * (v + p[1] - p[2] * w)


@hand("hindmarsh-rose")
def _hindmarsh_rose(t, s, p, out):
    x, y, z = s[0], s[1], s[2]
    out[0] = y - p[4] * x * x * x + p[5] * x * x - z + p[0]
    out[1] = p[6] - p[7] * x * x - y
    out[2] = p[1] * (p[2] * (x - p[3]) - z)


@hand("duffing")
def _duffing(t, s, p, out):
    x, v = s[0], s[1]
    out[0] = v
    out[1] = -p[0] * v - p[1] * x - p[2] * x * x * x + p[3] * math.cos(p[4] * t)


@hand("chua")
def _chua(t, s, p, out):
    x, y, z = s[0], s[1], s[2]
    diode = p[3] * x + 0.5 * (p[2] - p[3]) * (abs(x + 1) - abs(x - 1))
    out[0] = p[0] * (y - x - diode)
    out[1] = x - y + z
    out[2] = -p[1] * y


@hand("aizawa")
def _aizawa(t, s, p, out):
    x, y, z = s[0], s[1], s[2]
    out[0] = (z - p[1]) * x - p[3] * y
    out[1] = p[3] * x + (z - p[1]) * y
    out[2] = (
        p[2] + p[0] * z - z * z * z / 3 - (x * x + y * y) * (1 + p[4] * z) + p[5] * z * x * x * x
    )


@hand("rabinovich-fabrikant")
def _rabinovich_fabrikant(t, s, p, out):
    x, y, z = s[0], s[1], s[2]
    out[0] = y * (z - 1 + x * x) + p[1] * x
    out[1] = x * (3 * z + 1 - x * x) + p[1] * y
    out[2] = -2 * z * (p[0] + x * y)


@hand("henon-heiles")
def _henon_heiles(t, s, p, out):
    x, y = s[0], s[1]
    out[0] = s[2]
    out[1] = s[3]
    out[2] = -x - 2 * p[0] * x * y
    out[3] = -y - p[0] * (x * x - y * y)


@hand("morris-lecar")
def _morris_lecar(t, s, p, out):
    v, w = s[0], s[1]
    m = 0.5 * (1 + math.tanh((v - p[7]) / p[8]))
    rest = 0.5 * (1 + math.tanh((v - p[9]) / p[10]))
    out[0] = (p[0] - p[3] * (v - p[6]) - p[1] * m * (v - p[4]) - p[2] * w * (v - p[5])) / p[12]
    out[1] = p[11] * (rest - w) * math.cosh((v - p[9]) / (2 * p[10]))


@hand("brusselator")
def _brusselator(t, s, p, out):
    x, y = s[0], s[1]
    out[0] = p[0] + x * x * y - (p[1] + 1) * x
    out[1] = p[1] * x - x * x * y


@hand("henon")
def _henon(t, s, p, out):
    x, y = s[0], s[1]
    out[0] = 1 - p[0] * x * x + y
    out[1] = p[1] * x


@hand("ikeda")
def _ikeda(t, s, p, out):
    x, y = s[0], s[1]
    phase = p[2] - p[3] / (1 + x * x + y * y)
    c, d = math.cos(phase), math.sin(phase)
    out[0] = p[1] + p[0] * (x * c - y * d)
    out[1] = p[0] * (x * d + y * c)


@hand("tinkerbell")
def _tinkerbell(t, s, p, out):
    x, y = s[0], s[1]
    out[0] = x * x - y * y + p[0] * x + p[1] * y
    out[1] = 2 * x * y + p[2] * x + p[3] * y


def run() -> list[Row]:
    """The median over the systems of the time of ours over that by hand."""
    vector = types.float64[::1]
    signature = types.void(RIGHT_HAND_SIDE, vector, vector, vector, types.int64)
    loop = njit(signature, nogil=True)(_loop)
    ratios, ours, theirs = {}, [], []
    for key, function in by_hand.items():
        system = engine.systems()[key]
        state, values = system.state(), system.values()
        out, other = np.empty_like(state), np.empty_like(state)
        generated = system.model.compiled.rhs
        generated(0.3, state, values, out)
        function(0.3, state, values, other)
        assert np.allclose(out, other, rtol=1e-12), key

        def call(what: Any, state: Any = state, values: Any = values, out: Any = out) -> None:
            loop(what, state, values, out, CALLS)

        times = interleaved(
            {
                "ours": lambda call=call, generated=generated: call(generated),
                "theirs": lambda call=call, function=function: call(function),
            },
            15,
            time.thread_time,
        )
        ratios[key] = median_ratio(times["ours"], times["theirs"])
        ours.append(1e9 * statistics.median(times["ours"]) / CALLS)
        theirs.append(1e9 * statistics.median(times["theirs"]) / CALLS)
    ratio = statistics.median(ratios.values())
    return [
        Row(
            f"right-hand side: a call, median of {len(ratios)} systems, peer: Numba by hand",
            statistics.median(ours),
            "ns",
            statistics.median(theirs),
            ratio,
            f"ratio <= {BAR:g}",
            ratio <= BAR,
        )
    ]


def _loop(function, state, values, out, calls):
    for k in range(calls):
        function(1e-6 * k, state, values, out)
