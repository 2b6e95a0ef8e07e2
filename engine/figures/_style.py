"""How figures look: colours of a theme, type, labels, axes. Shared by every kind of figure.

No figure names a colour or a width of its own. Type is Inter, shipped as TrueType so that
PDF and SVG keep text as text; symbols are set by matplotlib's mathtext. matplotlib is
imported inside functions.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError
from engine.look import ASSETS, Tokens, colormap, rgb, tokens

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MILLIMETRE = 1 / 25.4
RASTER_DPI = 600
"""Resolution of what is rasterised inside PDF and SVG."""
RASTERISE = 20_000
"""Curves of more segments are rasterised inside PDF and SVG; their text stays text."""

_LOCK = threading.Lock()
"""matplotlib's settings are global: one figure is made at a time."""


@dataclass(frozen=True)
class Style:
    """The look of one figure.

    Attributes
    ----------
    tokens : Tokens
        Colours.
    background : str
    font_size : float
        Points.
    dpi : float
        Pixels an inch, of the picture or of what is rasterised inside it.
    vector : bool
        True for PDF and SVG.
    """

    tokens: Tokens
    background: str
    font_size: float
    dpi: float
    vector: bool

    @property
    def small(self) -> float:
        """Type of ticks and legends, in points."""
        return 0.88 * self.font_size

    @property
    def hairline(self) -> float:
        """Width of axes and ticks in points."""
        return 0.06 * self.font_size

    def faded(self, colour: str, share: float) -> tuple[float, float, float]:
        """`colour` mixed into the background; share 1 is the colour itself."""
        mixed = share * np.array(rgb(colour)) + (1 - share) * np.array(rgb(self.background))
        return tuple(mixed.tolist())

    def colours(
        self,
        name: str,
        dark: tuple[float, float] = (0.35, 0.95),
        light: tuple[float, float] = (0.18, 0.80),
    ) -> NDArray[np.float64]:
        """The part of a colour map that can be seen on the background, ``(256, 3)``."""
        low, high = dark if self.tokens.dark else light
        table = colormap(name or "magma", 1024)
        places = np.linspace(low * 1023, high * 1023, 256).round().astype(int)
        return np.asarray(table[places, :3], dtype=np.float64)


def style_for(theme: str, font_size: float, dpi: float, vector: bool) -> Style:
    """The style of a theme.

    Raises
    ------
    ParameterError
        If there is no such theme or the type cannot be read.
    """
    if theme not in ("print", "light", "dark"):
        raise ParameterError(f"the theme must be print, light or dark, got '{theme}'")
    if not 2 <= font_size <= 100:
        raise ParameterError(f"the font size must lie between 2 and 100 points, got {font_size}")
    chosen = tokens("dark" if theme == "dark" else "light")
    background = chosen.window if theme == "dark" else chosen.panel
    return Style(chosen, background, font_size, dpi, vector)


@cache
def _font() -> str:
    """Make the shipped typeface known to matplotlib; its name."""
    from matplotlib import font_manager

    path = ASSETS / "fonts" / "figures" / "Inter-Regular.ttf"
    if not path.exists():
        return "DejaVu Sans"
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name()


@contextmanager
def settings(style: Style) -> Iterator[None]:
    """matplotlib's settings for one figure. Only one thread at a time may be inside."""
    import matplotlib

    with _LOCK:
        family = _font()
        look = style.tokens
        with matplotlib.rc_context(
            {
                "font.family": [family],
                "font.size": style.font_size,
                "mathtext.fontset": "custom",
                "mathtext.rm": family,
                "mathtext.sf": family,
                "mathtext.tt": family,
                "mathtext.bf": family,
                "mathtext.it": "STIXGeneral:italic",
                "mathtext.bfit": "STIXGeneral:italic",
                "mathtext.cal": "STIXGeneral:italic",
                "mathtext.fallback": "stix",
                "svg.fonttype": "none",
                "svg.hashsalt": "phasescope",
                "pdf.fonttype": 42,
                "axes.unicode_minus": True,
                "axes.edgecolor": look.muted,
                "axes.labelcolor": look.text,
                "axes.linewidth": style.hairline,
                "axes.titlesize": style.font_size,
                "axes.labelsize": style.font_size,
                "axes.facecolor": style.background,
                "axes.formatter.limits": (-4, 5),
                "axes.formatter.use_mathtext": True,
                "xtick.color": look.muted,
                "ytick.color": look.muted,
                "xtick.labelcolor": look.text,
                "ytick.labelcolor": look.text,
                "xtick.labelsize": style.small,
                "ytick.labelsize": style.small,
                "xtick.major.size": 0.36 * style.font_size,
                "ytick.major.size": 0.36 * style.font_size,
                "xtick.minor.size": 0.2 * style.font_size,
                "ytick.minor.size": 0.2 * style.font_size,
                "xtick.major.width": style.hairline,
                "ytick.major.width": style.hairline,
                "xtick.minor.width": 0.7 * style.hairline,
                "ytick.minor.width": 0.7 * style.hairline,
                "text.color": look.text,
                "legend.fontsize": style.small,
                "legend.frameon": False,
                "figure.facecolor": style.background,
                "figure.edgecolor": style.background,
                "savefig.facecolor": style.background,
                "image.interpolation": "nearest",
                "lines.solid_capstyle": "round",
                "lines.solid_joinstyle": "round",
                # Long orbits overflow Agg's default cell block.
                "agg.path.chunksize": 20_000,
                "path.simplify_threshold": 0.05,
            }
        ):
            yield


def label(name: str, symbol: str = "", unit: str = "") -> str:
    """A name as a label: its symbol set as mathematics where there is one that can be set."""
    text = name.replace("$", r"\$")
    formula = symbol or (name if len(name) == 1 and name.isalpha() else "")
    if formula and _settable(formula):
        text = f"${formula}$"
    return f"{text} ({unit})" if unit else text


@cache
def _settable(formula: str) -> bool:
    """True where mathtext can set `formula`."""
    from matplotlib.mathtext import MathTextParser

    try:
        MathTextParser("path").parse(f"${formula}$")
    except ValueError:
        return False
    return True


def single_axes(figure: Figure) -> Axes:
    """One plot that fills the figure, labels included."""
    figure.set_layout_engine("constrained", w_pad=0.05, h_pad=0.05)
    return figure.add_subplot()


def frame(axes: Axes) -> None:
    """An open frame: left and lower edge only."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def span(
    values: NDArray[np.float64], share: float = 0.04, log: bool = False
) -> tuple[float, float] | None:
    """Where an axis runs: the finite numbers with a margin; None where there are none."""
    finite = values[np.isfinite(values) & ((values > 0) if log else True)]
    if not finite.size:
        return None
    low, high = float(finite.min()), float(finite.max())
    if log:
        room = max((high / low) ** share, 1.1)
        return low / room, high * room
    room = share * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room


def colour_bar(
    figure: Figure, axes: Axes, mappable: Any, words: str, style: Style, **place: Any
) -> Any:
    """A slim colour bar beside `axes`."""
    bar = figure.colorbar(
        mappable, ax=axes, **{"aspect": 32, "shrink": 0.6, "pad": 0.02, "fraction": 0.06, **place}
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0.25 * style.font_size)
    if words:
        bar.set_label(words, fontsize=style.small)
    return bar
