r"""LaTeX lines drawn as one vector picture, aligned at their equals signs. No Qt.

The drawing is SVG made of outlines, whose colour is the word ``currentColor``, so one
drawing serves both themes and every screen scale. It is made with matplotlib's mathtext,
which is imported here only when something is drawn; call it away from the GUI thread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

LINE_GAP = 0.65  # of the type size, between equations
BREAK_GAP = 0.35  # between the parts of one that was broken
INDENT = 1.6
MOVE, LINE, CURVE3, CURVE4, CLOSE = 1, 2, 3, 4, 79
FUNCTIONS = "sin|cos|tan|cot|sinh|cosh|tanh|exp|log|ln|min|max|arcsin|arccos|arctan|asin|acos|atan"
LETTERS = {MOVE: "M", LINE: "L", CURVE3: "Q", CURVE4: "C"}


@dataclass(frozen=True)
class _Piece:
    """A part of a line, placed: its outline, and where its left end and baseline are."""

    path: str
    x: float
    y: float


class _Typesetter:
    """Measures and outlines LaTeX at one size."""

    def __init__(self, size: float) -> None:
        from matplotlib.font_manager import FontProperties
        from matplotlib.textpath import TextToPath

        self.size = size
        self.maker: TextToPath = TextToPath()
        self.font: FontProperties = FontProperties(size=size, math_fontfamily="stix")

    def measure(self, latex: str) -> tuple[float, float, float]:
        """Width, height above the baseline and depth below it, in pixels."""
        width, height, depth = self.maker.get_text_width_height_descent(
            f"${latex}$", self.font, ismath=True
        )
        return float(width), float(height - depth), float(depth)

    def outline(self, latex: str) -> str:
        """The outline as SVG path data, baseline at zero, y downwards."""
        points, codes = self.maker.get_text_path(self.font, f"${latex}$", ismath=True)
        scale = self.size / self.maker.FONT_SCALE
        out: list[str] = []
        i = 0
        while i < len(codes):
            code = int(codes[i])
            if code == CLOSE:
                out.append("Z")
                i += 1
                continue
            count = {CURVE3: 2, CURVE4: 3}.get(code, 1)
            numbers = [f"{p[0] * scale:.2f} {-p[1] * scale:.2f}" for p in points[i : i + count]]
            out.append(LETTERS[code] + " ".join(numbers))
            i += count
        return "".join(out)


def split_equation(latex: str) -> tuple[str, str]:
    """An equation as what is left of its first equals sign, and the rest with the sign."""
    depth = 0
    for i, character in enumerate(latex):
        depth += (character in "{([") - (character in "})]")
        if character == "=" and depth == 0:
            return latex[:i].strip(), r"=\:" + latex[i + 1 :].strip()
    return "", latex.strip()


def terms(latex: str) -> list[str]:
    """A right-hand side cut before every plus and minus that stands in no bracket."""
    cuts, depth = [0], 0
    for i, character in enumerate(latex):
        depth += (character in "{([") - (character in "})]")
        sign = character in "+-" and latex[i - 1 : i] == " " and latex[i + 1 : i + 2] == " "
        if sign and depth == 0 and latex[:i].strip(" =\\;"):
            cuts.append(i)
    ends = [*cuts[1:], len(latex)]
    return [latex[a:b].strip() for a, b in zip(cuts, ends, strict=True)]


def tidy(latex: str) -> str:
    r"""LaTeX in the dialect that mathtext reads: no ``\displaystyle``, ``\tfrac`` ..."""
    text = re.sub(r"\\(?:displaystyle|textstyle|limits|!)", "", latex.strip().strip("$"))
    text = re.sub(r"\\tfrac", r"\\frac", text)
    text = re.sub(r"\\(?:text|textrm)\{", r"\\mathrm{", text)
    text = re.sub(r"\\operatorname\*?\{(\w+)\}", r"\\mathrm{\1}", text)
    text = _bare_arguments(text)
    # LaTeX sets a thin space between a factor and a function's name; mathtext does not.
    text = re.sub(rf"([\w}})])\s*(?=\\(?:{FUNCTIONS})(?![A-Za-z]))", r"\1\\,", text)
    return _large_fractions(text)


def _bare_arguments(latex: str) -> str:
    r"""``\sin{\left(x \right)}`` as ``\sin\left(x \right)``, which is spaced as it should be."""
    start = re.compile(rf"(\\(?:{FUNCTIONS}))\{{(?=\\left)")
    while (found := start.search(latex)) is not None:
        end = _closing(latex, found.end() - 1)
        if end < 0:
            break
        latex = f"{latex[: found.end(1)]}{latex[found.end() : end]}{latex[end + 1 :]}"
    return latex


def _closing(latex: str, opening: int) -> int:
    """Where the brace at `opening` is closed, or -1."""
    depth = 0
    for i in range(opening, len(latex)):
        depth += (latex[i] == "{") - (latex[i] == "}")
        if depth == 0:
            return i
    return -1


def _large_fractions(latex: str) -> str:
    r"""Fractions that stand in no braces in display size, as in a displayed equation."""
    out, depth, i = [], 0, 0
    while i < len(latex):
        if depth == 0 and latex.startswith("\\frac", i):
            out.append("\\dfrac")
            i += len("\\frac")
            continue
        depth += (latex[i] == "{") - (latex[i] == "}")
        out.append(latex[i])
        i += 1
    return "".join(out)


def svg_of(lines: Sequence[str], size: float = 16.0, width: float = 320.0) -> bytes:
    """LaTeX lines as an SVG picture.

    Parameters
    ----------
    lines : sequence of str
        Without dollar signs.
    size : float
        Type size in pixels.
    width : float
        Lines longer than this many pixels are broken before a plus or minus where that
        helps; the picture may still be wider.

    Raises
    ------
    ValueError
        If a line cannot be read.
    """
    setter = _Typesetter(size)
    split = [split_equation(tidy(line)) for line in lines]
    margin = max((setter.measure(left)[0] for left, _ in split if left), default=0.0)
    gap = size * 0.18 if margin else 0.0
    pieces: list[_Piece] = []
    y = right_most = 0.0
    for left, right in split:
        for number, part in enumerate(_broken(setter, right, width - margin - gap, size)):
            indent = margin + gap if left or not margin else 0.0
            indent += INDENT * size if number else 0.0
            across, above, below = setter.measure(part)
            if left and number == 0:
                left_across, left_above, left_below = setter.measure(left)
                above, below = max(above, left_above), max(below, left_below)
            above, below = max(above, 0.7 * size), max(below, 0.2 * size)
            y += above + (0.0 if not pieces else (BREAK_GAP if number else LINE_GAP) * size)
            if left and number == 0:
                pieces.append(_Piece(setter.outline(left), margin - left_across, y))
            pieces.append(_Piece(setter.outline(part), indent, y))
            right_most = max(right_most, indent + across)
            y += below
    body = "".join(
        f'<path transform="translate({p.x:.2f} {p.y:.2f})" d="{p.path}"/>' for p in pieces
    )
    total, high = right_most + 2.0, y + 2.0
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total:.1f}" height="{high:.1f}" '
        f'viewBox="-1 -1 {total:.1f} {high:.1f}" fill="currentColor">{body}</svg>'
    ).encode()


def _broken(setter: Any, latex: str, width: float, size: float) -> list[str]:
    """A right-hand side as lines that fit, as far as breaking between terms allows."""
    if setter.measure(latex)[0] <= width:
        return [latex]
    lines: list[str] = []
    now = ""
    for term in terms(latex):
        longer = f"{now} {term}".strip()
        room = width - (INDENT * size if lines else 0.0)
        if now and setter.measure(longer)[0] > room:
            lines.append(now)
            now = term
        else:
            now = longer
    # A fraction too wide for the panel is set small, rather than all equations.
    return [
        line.replace("\\dfrac", "\\frac") if setter.measure(line)[0] > width else line
        for line in (*lines, now)
    ]
