"""What ``fixed_points`` finds, with its numbers and pictures. Nothing is computed here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis.method import Curve, Item, Plot, Points, Scalar

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class FixedPoints:
    """The fixed points that were found, in the order of their coordinates.

    Attributes
    ----------
    points : array (k, n)
    eigenvalues : array (k, n)
        Complex; growth rates for flows, multipliers for maps; the least stable first.
    eigenvectors : array (k, n, n)
        Complex; column i belongs to eigenvalue i and has length 1.
    stable : array (k,) of bool
        Whether every neighbour returns, by the linearisation.
    kinds : tuple of k str
        ``stable node``, ``unstable focus``, ``saddle``, ``saddle-focus``, ``centre``,
        ``saddle-centre``, ``degenerate`` and their like.
    unstable_dimensions : array (k,) of int
        Eigenvalues that grow.
    box : array (2, n)
        What was searched.
    names : tuple of n str
        Variables.
    map : bool
        Whether the system is a map.
    starts : int
        Starts of Newton's method.
    limited : bool
        Whether the search ended early: after a thousand points, or after much work.
    nullclines : tuple of array (m, 2)
        Of systems of two variables: where each equation is at rest, lines interrupted by
        not-a-number.
    """

    points: Array
    eigenvalues: Complex
    eigenvectors: Complex
    stable: NDArray[np.bool_]
    kinds: tuple[str, ...]
    unstable_dimensions: NDArray[np.int64]
    box: Array
    names: tuple[str, ...]
    map: bool
    starts: int
    limited: bool
    nullclines: tuple[Array, ...] = ()

    def __len__(self) -> int:
        return len(self.points)

    def scalars(self) -> tuple[Scalar, ...]:
        """How many there are, then every point with its leading eigenvalue."""
        rows = [
            Scalar("points", "Fixed points" if self.map else "Equilibria", float(len(self))),
            Scalar("stable", "Stable ones", float(self.stable.sum())),
            Scalar("saddles", "Saddles", float(sum("saddle" in kind for kind in self.kinds))),
        ]
        growth = np.abs(self.eigenvalues) if self.map else self.eigenvalues.real
        word = "largest multiplier, size" if self.map else "largest growth rate"
        for i, kind in enumerate(self.kinds[:20]):
            for name, value in zip(self.names[:8], self.points[i], strict=False):
                rows.append(Scalar(f"{name}_{i + 1}", f"{name} of {kind} {i + 1}", float(value)))
            rows.append(
                Scalar(f"growth_{i + 1}", f"{kind} {i + 1}: {word}", float(growth[i].max()))
            )
        return tuple(rows)

    def plots(self) -> tuple[Plot, ...]:
        """The points with their real eigenvectors, and the plane of the eigenvalues."""
        return (*self._places(), self._spectrum())

    def _places(self) -> tuple[Plot, ...]:
        if len(self.names) < 2:
            return ()
        items: list[Item] = [
            Curve(line[:, 0], line[:, 1], f"{name}' = {name}" if self.map else f"{name} at rest")
            for line, name in zip(self.nullclines, self.names, strict=False)
        ]
        reach = 0.08 * (self.box[1, :2] - self.box[0, :2])
        for grows, name in ((True, "unstable directions"), (False, "stable directions")):
            x, y = [], []
            for i in range(len(self)):
                for value, vector in zip(self.eigenvalues[i], self.eigenvectors[i].T, strict=True):
                    rate = abs(value) - 1.0 if self.map else value.real
                    length = float(np.abs(vector[:2].real / reach).max())
                    if abs(value.imag) > 1e-12 or (rate > 0.0) != grows or length < 1e-9:
                        continue
                    step = vector[:2].real / length
                    x += [self.points[i, 0] - step[0], self.points[i, 0] + step[0], np.nan]
                    y += [self.points[i, 1] - step[1], self.points[i, 1] + step[1], np.nan]
            if x:
                items.append(Curve(np.array(x), np.array(y), name, reference=not grows))
        for kind in dict.fromkeys(self.kinds):
            chosen = np.array([other == kind for other in self.kinds])
            items.append(Points(self.points[chosen, 0], self.points[chosen, 1], kind))
        title = "Fixed points" if self.map else "Equilibria"
        return (Plot(title, self.names[0], self.names[1], tuple(items)),)

    def _spectrum(self) -> Plot:
        turn = np.linspace(0.0, 2.0 * np.pi, 181)
        values = self.eigenvalues.ravel()
        reach = float(np.abs(values.imag).max(initial=1.0))
        edge = (
            Curve(np.cos(turn), np.sin(turn), "edge of stability", reference=True)
            if self.map
            else Curve(np.zeros(2), np.array([-reach, reach]), "edge of stability", reference=True)
        )
        items: list[Item] = [edge]
        for kind in dict.fromkeys(self.kinds):
            chosen = np.array([other == kind for other in self.kinds])
            rows = self.eigenvalues[chosen].ravel()
            items.append(Points(rows.real.copy(), rows.imag.copy(), kind))
        return Plot(
            "Multipliers" if self.map else "Eigenvalues",
            "real part",
            "imaginary part",
            tuple(items),
            square=self.map,
        )
