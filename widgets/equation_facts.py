"""What is known about typed equations, below the text: formulas, divergence, Jacobian.

Shows what it is given; nothing is worked out here.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.equations.structure import Structure
from engine.look import Tokens
from engine.systems.system import System
from engine.systems.understanding import LARGEST, Understood, sentence
from widgets import symbols
from widgets.equation_text import mono_font
from widgets.latex import Formula
from widgets.section import Section

NOTATION = (
    ("x' = sigma*(y - x)", "a flow: the rate of change of x"),
    ("x(n+1) = r*x*(1 - x)", "a map: the next x"),
    ("sigma = 10 in 0..30", "a parameter and the range of its slider"),
    ("x(0) = 1", "where x starts; 0.1 where nothing is said"),
    ("q := x^2 + y^2", "a quantity the equations may use"),
    ("f(u) = u^3", "a function"),
    ("x[i]' = x[i+1] - x[i]", "many variables at once, a ring"),
    ("x[0..N-1](0) = i/N", "how many there are, and their starts"),
    ("sum(j, 0, N-1, x[j])", "a sum; also sum(x) and mean(x)"),
    ("x' = -x(t - tau)", "a delay; the past is x(t <= 0) = ..."),
    ("noise: w", "white noise: use w in an equation"),
    ("when v > 30: v = c", "an event, and what it changes"),
    ("title: My system", "its name; # begins a remark"),
)


class EquationFacts(QScrollArea):
    """The lower part of the equation editor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("equations.facts")
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 4, 12, 16)
        column.setSpacing(8)
        self._known = QWidget()
        known = QVBoxLayout(self._known)
        known.setContentsMargins(0, 0, 0, 0)
        known.setSpacing(8)
        self._dim = QGraphicsOpacityEffect(self._known)
        self._dim.setOpacity(0.4)
        self._dim.setEnabled(False)
        self._known.setGraphicsEffect(self._dim)
        column.addWidget(self._known)
        self._card = QFrame()
        self._card.setProperty("role", "card")
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(12, 12, 12, 12)
        self.formula = Formula()
        inside.addWidget(self.formula)
        known.addWidget(self._card)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.values: dict[str, QLabel] = {}
        self._names: dict[str, QLabel] = {}
        for row, (name, title) in enumerate(
            (
                ("kind", "Kind"),
                ("divergence", "Divergence"),
                ("volume", "Volumes"),
                ("hamiltonian", "Hamiltonian"),
            )
        ):
            label = QLabel(title)
            label.setProperty("role", "muted")
            value = _value()
            value.setObjectName(f"equations.{name}")
            self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, row, 1)
            self.values[name], self._names[name] = value, label
        known.addLayout(self._grid)
        self.jacobian_section = Section("Jacobian")
        self.jacobian = QLabel()
        self.jacobian.setObjectName("equations.jacobian")
        self.jacobian.setFont(mono_font(12))
        self.jacobian.setTextFormat(Qt.TextFormat.PlainText)
        self.jacobian.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        wide = QScrollArea()
        wide.setWidgetResizable(True)
        wide.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        wide.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        wide.setWidget(self.jacobian)
        self._wide = wide
        self.jacobian_section.body.addWidget(wide)
        known.addWidget(self.jacobian_section)
        self.notation = Section("Notation", opened=True)
        self.notation.body.addWidget(_notation())
        column.addWidget(self.notation)
        column.addStretch(1)
        self.setWidget(page)
        self.clear()

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self.formula.set_theme(tokens)
        for section in (self.jacobian_section, self.notation):
            section.set_theme(tokens)

    def set_dimmed(self, dimmed: bool) -> None:
        """What is shown is of an earlier text, as long as there is an error in this one."""
        self._dim.setEnabled(dimmed)

    def clear(self) -> None:
        """Nothing is typed: only how to type."""
        self._card.hide()
        for name in self.values:
            self._show(name, "")
        self.jacobian_section.hide()
        self.notation.button.setChecked(True)

    def show_understood(self, found: Understood) -> None:
        """Show what is known of a system; what is wrong with a text is shown elsewhere."""
        system = found.system
        if system is None or not found.latex:
            return
        if self._card.isHidden():
            self.notation.button.setChecked(False)
        self._card.show()
        self.formula.show_lines(found.latex, keep=True)
        self._show("kind", sentence(system))
        known = found.structure
        if known is None:
            self._show("divergence", f"not worked out for more than {LARGEST} variables")
            self._show("volume", "")
            self._show("hamiltonian", "")
            self.jacobian_section.hide()
            return
        self._show("divergence", _divergence(known))
        self._show("volume", volume_words(known, system))
        self._show("hamiltonian", hamiltonian_words(known, system))
        rows = matrix(known.jacobian_latex)
        self.jacobian_section.setVisible(bool(rows))
        self.jacobian.setText(rows)
        high = self.jacobian.sizeHint().height()
        self._wide.setFixedHeight(high + self._wide.horizontalScrollBar().sizeHint().height())

    def _show(self, name: str, words: str) -> None:
        self.values[name].setText(words)
        self.values[name].setVisible(bool(words))
        self._names[name].setVisible(bool(words))


def _divergence(known: Structure) -> str:
    if not known.divergence:
        return ""
    words = symbols.plain(known.divergence_latex) if known.divergence_latex else known.divergence
    if len(words) > 160:
        words = f"{words[:157]}..."
    value = known.divergence_value
    if value is None or known.divergence.lstrip("-").replace(".", "").isdigit():
        return words
    return f"{words}  =  {value:.6g}".replace("-", "\u2212")


def volume_words(known: Structure, system: System) -> str:
    """What becomes of volumes in state space."""
    where = "at these values" if system.parameters else "everywhere"
    return {
        "shrinks": f"shrink {where}: the system is dissipative",
        "kept": f"are kept {where}: the system is conservative",
        "grows": f"grow {where}",
        "varies": "change from place to place",
    }[known.volume]


def hamiltonian_words(known: Structure, system: System) -> str:
    """Whether it is Hamiltonian, with its pairs; empty for maps."""
    if system.kind == "map":
        return ""
    if not known.hamiltonian:
        return "no"
    pairs = ", ".join(f"({position}, {momentum})" for position, momentum in known.pairs)
    return f"yes, with the pairs {pairs}{'; separable' if known.separable else ''}"


def matrix(rows: Sequence[Sequence[str]]) -> str:
    """A matrix as lines of text, its columns aligned; empty for none."""
    if not rows:
        return ""
    shown = [[symbols.plain(entry) for entry in row] for row in rows]
    widths = [max(len(row[k]) for row in shown) for k in range(len(shown[0]))]
    lines = []
    for number, row in enumerate(shown):
        ends = "[]"
        if len(rows) > 1:
            ends = "⎡⎤" if number == 0 else "⎣⎦" if number == len(rows) - 1 else "⎢⎥"
        inside = "   ".join(entry.center(width) for entry, width in zip(row, widths, strict=True))
        lines.append(f"{ends[0]} {inside} {ends[1]}")
    return "\n".join(lines)


def _value() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _notation() -> QWidget:
    panel = QWidget()
    grid = QGridLayout(panel)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    for row, (example, meaning) in enumerate(NOTATION):
        typed = QLabel(example)
        typed.setFont(mono_font(12))
        typed.setTextFormat(Qt.TextFormat.PlainText)
        typed.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QLabel(meaning)
        words.setProperty("role", "muted")
        words.setWordWrap(True)
        grid.addWidget(typed, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(words, row, 1, Qt.AlignmentFlag.AlignTop)
    return panel
