"""The claims of an exhibit as a list: sentence, verdict, and the figures behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from engine.exhibit import Claim
from engine.look import Tokens
from widgets import icons, theme
from widgets.button import Button
from widgets.number_scale import number_text

LABELS = {
    "estimate": "estimated figure",
    "qualitative": "qualitative",
    "not verified": "figure not verified",
    "exact": "exact",
    "published": "published",
}


class ClaimRow(QFrame):
    """One claim: a mark, the sentence, the figures, the source."""

    def __init__(
        self, sentence: str, source: str, label: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._tokens: Tokens | None = None
        self.verdict: bool | None = None
        self.mark = QLabel(self)
        self.mark.setFixedSize(QSize(16, 18))
        self.sentence = QLabel(sentence, self)
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.figures = QLabel(self)
        self.figures.setFont(theme.number_font(theme.SMALL + 1))
        self.figures.setWordWrap(True)
        self.figures.hide()
        words = " · ".join(filter(None, (source, LABELS.get(label, label))))
        self.source = QLabel(words, self)
        self.source.setProperty("role", "caption")
        self.source.setWordWrap(True)
        self.source.setVisible(bool(words))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.sentence, 0, 1)
        grid.addWidget(self.figures, 1, 1)
        grid.addWidget(self.source, 2, 1)

    def set_result(self, result: Any | None) -> None:
        """Show what was measured; None goes back to "not measured"."""
        self.verdict = None if result is None else bool(result.passed)
        self.figures.setVisible(result is not None)
        if result is not None:
            self.figures.setText(figures_text(result))
            theme.set_role(self.figures, "good" if self.verdict else "bad")
            word = "holds" if self.verdict else "does not hold"
            self.setAccessibleName(f"{self.sentence.text()}: {word}. {self.figures.text()}")
        self._draw_mark()

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        self._draw_mark()

    def _draw_mark(self) -> None:
        tokens = self._tokens
        if tokens is None:
            return
        name, colour = {
            None: ("minus", tokens.muted),
            True: ("check", tokens.stable),
            False: ("close", tokens.unstable),
        }[self.verdict]
        self.mark.setPixmap(icons.pixmap(name, colour, 16, self.devicePixelRatioF()))


class ClaimList(QWidget):
    """The rows, and the button that asks for a check, for the caller to place."""

    check_requested = Signal()

    def __init__(self, claims: Sequence[Claim], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = Button("Check the claims")
        self.button.setObjectName("inspector.check-claims")
        self.button.setToolTip("Measure each claim on a fresh run")
        self.button.clicked.connect(self._ask)
        self.state = QLabel(self)
        self.state.setObjectName("inspector.claims-state")
        self.state.setProperty("role", "muted")
        self.state.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.state)
        self.rows: dict[str, ClaimRow] = {}
        self._sentences: dict[str, str] = {}
        for claim in claims:
            row = ClaimRow(claim.sentence, claim.source, claim.label)
            self.rows[claim.name] = row
            self._sentences[claim.sentence] = claim.name
            column.addWidget(row)
        self.state.setText("")
        self.state.hide()

    def set_checking(self, checking: bool, text: str = "") -> None:
        """Show that measuring is under way, or that it is not."""
        self.button.setEnabled(not checking)
        self.button.setText("Checking\u2026" if checking else "Check the claims")
        self.state.setText(text)
        self.state.setVisible(bool(text))

    def set_results(self, results: Sequence[Any]) -> None:
        """Show what was measured, matched to the rows by name or sentence."""
        self.set_checking(False)
        found: Mapping[str, Any] = {
            self._sentences.get(str(result.claim), str(result.claim)): result for result in results
        }
        for name, row in self.rows.items():
            if name in found:
                row.set_result(found[name])
        verdicts = [row.verdict for row in self.rows.values() if row.verdict is not None]
        if verdicts:
            held = sum(verdicts)
            words = "All hold." if held == len(self.rows) else f"{held} of {len(verdicts)} hold."
            self.state.setText(words)
            self.state.show()

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        for row in self.rows.values():
            row.set_theme(tokens)

    def _ask(self) -> None:
        for row in self.rows.values():
            row.set_result(None)
        self.set_checking(True)
        self.check_requested.emit()


def figures_text(result: Any) -> str:
    """Measured and expected value, with the tolerance as it was applied."""
    measured, expected = float(result.measured), float(result.expected)
    tolerance = float(result.tolerance)
    text = f"measured {_number(measured)}, expected {_number(expected)}"
    if math.isfinite(tolerance) and tolerance > 0.0:
        text += f"\u00a0\u00b1\u00a0{_number(tolerance, 3)}"
    return text


def _number(value: float, digits: int = 5) -> str:
    return number_text(value, digits) if math.isfinite(value) else "no number"
