"""The reference figures of a system in the About panel: ours with errors, theirs with source.

It shows a `Row` of the table that comes with the program: exponents, dimension, period, the
checks, and published figures with a flag where they differ. It computes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from engine.analysis.reference import CHECKS, Comparison, Row, row_of, with_error
from engine.errors import FileFormatError
from engine.look import Tokens
from engine.systems.system import System
from widgets import icons, theme
from widgets.number_scale import number_text

MOST = 6
"""Exponents shown in full; of more the first and the last."""

NAMES = {
    "lyapunov-largest": "Largest exponent",
    "kaplan-yorke": "Kaplan-Yorke dimension",
    "divergence": "Divergence",
}


class Marked(QFrame):
    """A line with a mark that says whether it holds."""

    def __init__(self, words: str, holds: bool, flag: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.holds = holds
        self._flag = flag
        self.mark = QLabel(self)
        self.mark.setFixedSize(QSize(16, 18))
        self.words = QLabel(words, self)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName(f"{words}: {'holds' if holds else flag}")
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(2)
        self.grid.setColumnStretch(1, 1)
        self.grid.addWidget(self.mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        self.grid.addWidget(self.words, 0, 1)

    def below(self, words: str, role: str) -> QLabel:
        """A line under it."""
        label = QLabel(words, self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("role", role)
        self.grid.addWidget(label, self.grid.rowCount(), 1)
        return label

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        name, colour = ("check", tokens.stable) if self.holds else ("warning", tokens.unstable)
        self.mark.setPixmap(icons.pixmap(name, colour, 16, self.devicePixelRatioF()))


class PublishedRow(Marked):
    """A published figure beside ours."""

    def __init__(self, figure: Comparison, parent: QWidget | None = None) -> None:
        name = NAMES.get(figure.quantity, figure.quantity.replace("-", " "))
        at = ", ".join(
            f"{key} = {number_text(value)}" for key, value in sorted(figure.values.items())
        )
        super().__init__(
            f"{name}{f' at {at}' if at else ''}", figure.agrees, "differs from ours", parent
        )
        theirs = f"{number_text(figure.theirs, 7)} published"
        self.figures = self.below(
            f"{theirs}, {with_error(figure.ours, figure.stderr)} ours",
            "good" if figure.agrees else "bad",
        )
        self.figures.setFont(theme.number_font(theme.SMALL + 1))
        if not figure.agrees:
            self.below("They differ by more than three standard errors and 1 %.", "caption")
        label = "" if figure.label == "published" else figure.label
        self.below(" · ".join(filter(None, (figure.source, label))), "caption")


class ReferenceTable(QWidget):
    """The figures of one system.

    Parameters
    ----------
    row : Row
    system : System
        Whose figures they are, to see whether they are still true of it.
    """

    def __init__(self, row: Row, system: System, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector.reference")
        self.stale = not row.fresh(system)
        self.marks: list[Marked] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        if self.stale:
            column.addWidget(
                _label(
                    "The equations or defaults have changed since these figures were computed. "
                    f"'python main.py reference --only {system.key}' computes them anew.",
                    "warm",
                )
            )
        if row.failed:
            column.addWidget(_label(f"There are no figures: {row.failed}", "muted"))
            return
        self.figures = _figures(row, system)
        column.addWidget(self.figures)
        for name, holds in row.checks.items():
            self._add(column, Marked(CHECKS.get(name, name), holds, "does not hold"))
        for figure in row.known:
            self._add(column, PublishedRow(figure))
        column.addWidget(_label(how(row, system), "caption"))

    def _add(self, column: QVBoxLayout, mark: Marked) -> None:
        self.marks.append(mark)
        column.addWidget(mark)

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        for mark in self.marks:
            mark.set_theme(tokens)


def table_of(system: System | None) -> ReferenceTable | None:
    """The figures of a system, None where there are none of it.

    A table that cannot be read is as good as none: the panel is about the system.
    """
    if system is None:
        return None
    try:
        row = row_of(system.key)
    except FileFormatError:
        return None
    return None if row is None else ReferenceTable(row, system)


def _figures(row: Row, system: System) -> QFrame:
    """Names on the left, figures on the right."""
    card = QFrame()
    card.setProperty("role", "card")
    grid = QGridLayout(card)
    grid.setContentsMargins(12, 10, 12, 10)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    for name, text in lines(row, system):
        line = grid.rowCount()
        title = _label(name, "muted")
        title.setWordWrap(True)
        value = _label(text, "")
        value.setFont(theme.number_font(theme.SMALL + 1))
        grid.addWidget(title, line, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, line, 1, Qt.AlignmentFlag.AlignTop)
    return card


def lines(row: Row, system: System) -> Iterator[tuple[str, str]]:
    """The figures as names and texts."""
    figures = [
        with_error(value, error) for value, error in zip(row.exponents, row.stderr, strict=True)
    ]
    if len(figures) > MOST:
        left = len(figures) - MOST
        figures = [*figures[: MOST - 1], f"\u2026 {left} more", figures[-1]]
    yield (
        "Lyapunov exponents" if len(row.exponents) > 1 else "Lyapunov exponent",
        "\n".join(figures),
    )
    if math.isfinite(row.kaplan_yorke):
        error = 0.0 if row.kaplan_yorke == round(row.kaplan_yorke) else row.kaplan_yorke_stderr
        yield "Kaplan-Yorke dimension", with_error(row.kaplan_yorke, error)
    if math.isfinite(row.divergence):
        name = "Mean divergence" if system.kind != "map" else "Mean log |determinant|"
        yield name, number_text(row.divergence, 6)
    if row.period is not None:
        unit = "iterations" if system.kind == "map" else "time units"
        yield "Dominant period", f"{number_text(row.period, 4)} {unit}\n{row.period_how}"
    elif row.period_how:
        yield "Dominant period", row.period_how


def how(row: Row, system: System) -> str:
    """How the figures were made, in a sentence."""
    unit = "iterations" if system.kind == "map" else "time units"
    words = "At the default values"
    if row.rests:
        words += ", where the run comes to rest: eigenvalues of the fixed point"
    else:
        words += f", over {row.duration:,.6g} {unit}. {row.method}"
        if system.kind != "map" and math.isfinite(row.step):
            words += f", mean step {number_text(row.step, 3)}"
    if system.stochastic:
        words += f", seed {row.seed}"
    return f"{words}."


def _label(words: str, role: str) -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
