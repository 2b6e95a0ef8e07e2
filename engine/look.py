"""The tokens of the look: colours of both themes, colour maps, sizes. No renderer.

Qt, pyqtgraph, vispy and matplotlib all take their colours from here; nothing else in the
project names one.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ASSETS = Path(__file__).resolve().parent.parent / "assets"
TYPE_SIZES = (11, 13, 16, 20)
SPACING = 4
CORNER = 6


@dataclass(frozen=True)
class Tokens:
    """The colours of a theme, as ``#RRGGBB``."""

    name: str
    window: str
    panel: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    warm: str
    stable: str
    unstable: str

    @property
    def dark(self) -> bool:
        """True where text is brighter than the window."""
        return sum(rgb(self.text)) > sum(rgb(self.window))

    @property
    def series(self) -> tuple[str, ...]:
        """Colours for several curves in one picture, in order."""
        dark, light = ("#C792EA", "#F78FB3", "#9CCC65"), ("#7E3FB5", "#C2356B", "#4C7D12")
        extra = dark if self.dark else light
        return (self.accent, self.warm, self.stable, *extra, self.unstable)


@cache
def tokens(name: str) -> Tokens:
    """The theme ``dark`` or ``light``."""
    with open(ASSETS / "themes" / f"{name}.toml", "rb") as file:
        return Tokens(name=name, **tomllib.load(file))


def rgb(colour: str) -> tuple[float, float, float]:
    """``#RRGGBB`` as three numbers between 0 and 1."""
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


@cache
def colormap(name: str, steps: int = 256) -> NDArray[np.float32]:
    """A colour map from cmap as ``(steps, 4)`` numbers between 0 and 1, read-only."""
    import cmap

    table: NDArray[np.float32] = np.asarray(cmap.Colormap(name).lut(steps), dtype=np.float32)
    table.setflags(write=False)
    return table
