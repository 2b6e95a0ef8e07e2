"""Figures for papers and slides: PNG, SVG and PDF of a physical size, drawn anew from data.

`render` finds the module that draws a view of a kind, gives it an empty figure and writes
the file with its provenance inside. It uses matplotlib's objects only, never pyplot, so it
may be called from any thread; no Qt.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from engine.errors import ParameterError
from engine.figures._content import Content, prepared
from engine.figures._style import MILLIMETRE, RASTER_DPI, Style, settings, style_for
from engine.files.atomic import ExportError, replacing, suffix_of
from engine.files.provenance import Provenance

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw = Callable[["Figure", Content, Style], None]

SUFFIXES = (".png", ".svg", ".pdf")
MOST_PIXELS = 200_000_000


@cache
def kinds() -> tuple[str, ...]:
    """Kinds of view that have a figure of their own."""
    folder = Path(__file__).parent
    return tuple(sorted(file.stem for file in folder.glob("*.py") if not file.stem.startswith("_")))


def drawer(kind: str, source: Content) -> Draw:
    """What draws a view of that kind; by the kind of the channel where there is none."""
    if kind not in kinds():
        by_channel = {"scalar": "curves", "field": "field", "surface": "field"}
        if source.channel.kind == "trajectory":
            width = len(source.names)
            kind = "attractor" if width > 2 else "phase_portrait" if width == 2 else "time_series"
        else:
            kind = by_channel.get(source.channel.kind, "shapes")
    draw: Draw = import_module(f"engine.figures.{kind}").draw
    return draw


def render(
    kind: str,
    content: Content,
    target: str | os.PathLike[str] | IO[bytes],
    size_mm: tuple[float, float] = (160.0, 120.0),
    font_size: float = 9.0,
    dpi: float = 300.0,
    theme: str = "print",
    format: str = "",
) -> None:
    """Draw a view and write it.

    Parameters
    ----------
    kind : str
        Kind of view: ``attractor``, ``phase_portrait``, ``time_series`` and so on.
    content : Content
        What is drawn.
    target : path or binary file
        A path ends in ``.png``, ``.svg`` or ``.pdf``.
    size_mm : tuple of float
        Width and height of the figure in millimetres.
    font_size : float
        Points.
    dpi : float
        Pixels an inch of a PNG. Dense curves inside PDF and SVG have at least 600.
    theme : str
        ``print`` (white), ``light`` or ``dark``.
    format : str
        ``png``, ``svg`` or ``pdf``, where `target` is no path.

    Raises
    ------
    ExportError
        If the file cannot be written or its suffix is unknown.
    ParameterError
        If a size cannot be used or there is nothing to draw.
    """
    is_path = isinstance(target, str | os.PathLike)
    if isinstance(target, str | os.PathLike):
        form = suffix_of(target, SUFFIXES)[1:]
    elif (form := format.lower().lstrip(".")) not in ("png", "svg", "pdf"):
        raise ExportError(f"the format must be png, svg or pdf, got '{format}'")
    width, height = size_mm
    if not (5 <= width <= 5000 and 5 <= height <= 5000):
        raise ParameterError(
            f"a figure must be 5 to 5000 mm wide and high, got {width:g} x {height:g}"
        )
    if not 10 <= dpi <= 4800:
        raise ParameterError(f"the resolution must lie between 10 and 4800 dpi, got {dpi:g}")
    vector = form != "png"
    shown_dpi = max(dpi, RASTER_DPI) if vector else dpi
    pixels = width * height * (shown_dpi * MILLIMETRE) ** 2
    if pixels > MOST_PIXELS:
        raise ParameterError(
            f"{width:g} x {height:g} mm at {shown_dpi:g} dpi are {pixels / 1e6:.0f} million "
            f"pixels; choose at most {MOST_PIXELS / 1e6:.0f}"
        )
    style = style_for(theme, font_size, shown_dpi, vector)
    content = prepared(kind, content)
    draw = drawer(kind, content)
    with settings(style):
        from matplotlib.figure import Figure

        inches = [side * MILLIMETRE for side in size_mm]
        if not vector:
            # Whole pixels; a little more, for matplotlib cuts off what is behind the point.
            inches = [(round(side * dpi) + 0.01) / dpi for side in inches]
        figure = Figure(figsize=(inches[0], inches[1]), dpi=shown_dpi)
        draw(figure, content, style)
        buffer = io.BytesIO()
        with warnings.catch_warnings():
            # On a figure too small for its labels matplotlib gives up placing them: so be it.
            warnings.filterwarnings("ignore", message="constrained_layout not applied")
            figure.savefig(
                buffer,
                format=form,
                dpi=shown_dpi,
                metadata=metadata(form, content.provenance),
                facecolor=style.background,
            )
    if form == "svg":
        written = _with_fallbacks(buffer.getvalue())
        buffer = io.BytesIO(written)
    if is_path:
        with replacing(target) as temporary:  # type: ignore[arg-type]
            temporary.write_bytes(buffer.getbuffer())
    else:
        target.write(buffer.getvalue())  # type: ignore[union-attr]


def _with_fallbacks(svg: bytes) -> bytes:
    """Name typefaces to fall back on, where the reader of an SVG has not the first."""
    for family, others in (
        ("Inter", "Helvetica, Arial, sans-serif"),
        ("STIXGeneral", "'STIX Two Text', 'Times New Roman', serif"),
    ):
        before = f"font-family: '{family}'"
        svg = svg.replace(before.encode(), f"{before}, {others}".encode())
    return svg


def metadata(form: str, provenance: Provenance) -> dict[str, Any]:
    """The provenance as a format's own metadata: PNG text, SVG description, PDF keywords."""
    from datetime import datetime

    title = provenance.title or provenance.exhibit
    software = f"Phasescope {provenance.version}"
    if form == "png":
        return {
            "Title": title,
            "Description": provenance.line(),
            "Software": software,
            "Creation Time": provenance.created,
            "Provenance": provenance.json(),
        }
    if form == "svg":
        return {
            "Title": title,
            "Creator": software,
            "Date": provenance.created,
            "Description": provenance.json(),
            "Keywords": provenance.line(),
        }
    try:
        created: datetime | None = datetime.strptime(provenance.created, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        created = None
    return {
        "Title": title,
        "Subject": provenance.line(),
        "Keywords": provenance.json(),
        "Creator": software,
        "CreationDate": created,
    }
