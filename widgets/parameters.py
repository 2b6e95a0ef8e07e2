"""The parameter panel: presets as chips, a row per parameter, in foldable groups.

It is given plain parameters and values, shows them, and reports what a person does. It
does not know the document: values come back through `set_values`, which tells no one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.exhibit import Parameter, Preset, Value
from engine.look import Tokens
from widgets.button import Button
from widgets.flow_layout import FlowLayout
from widgets.parameter_row import ParameterRow
from widgets.section import Section

HEADINGS = {"initial": "Initial state", "run": "How it is computed"}


class ParameterPanel(QWidget):
    """Sliders for the parameters of an exhibit."""

    changing = Signal(str, object)
    """(name, value) at every move of a drag."""
    changed = Signal(str, object)
    """(name, value) when a drag ends, a number is entered or a choice is made."""
    preset_chosen = Signal(object)
    """The `Preset` whose chip was pressed."""
    reset_requested = Signal(str)
    """The name of the parameter that is to go back to its default."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("parameters")
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tokens: Tokens | None = None
        self._rows: dict[str, ParameterRow] = {}
        self._chips: list[tuple[Preset, Button]] = []
        self._sections: list[Section] = []
        self._opened: dict[str, bool] = {}
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        self.show_exhibit({}, {}, ())

    def row(self, name: str) -> ParameterRow:
        """The row of a parameter.

        Raises
        ------
        KeyError
            If no such parameter is shown.
        """
        return self._rows[name]

    def show_exhibit(
        self,
        parameters: Mapping[str, Parameter],
        values: Mapping[str, Value],
        presets: Sequence[Preset] = (),
    ) -> None:
        """Show other parameters, replacing all rows and chips."""
        for section in self._sections:
            self._opened[section.button.text()] = section.opened
        self._rows, self._chips, self._sections = {}, [], []
        page = QWidget()
        page.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 12, 16)
        column.setSpacing(12)
        if parameters:
            self._add_presets(column, parameters, presets)
            self._add_rows(column, parameters, presets)
        else:
            empty = QLabel("Nothing to set yet. Open an exhibit from the catalogue.", page)
            empty.setProperty("role", "muted")
            empty.setWordWrap(True)
            column.addWidget(empty)
        column.addStretch(1)
        self._scroll.setWidget(page)  # deletes the page before
        self.set_values(values)
        if self._tokens is not None:
            self.set_theme(self._tokens)

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Show these values without emitting anything; parameters not named stay."""
        for name, value in values.items():
            if name in self._rows:
                self._rows[name].set_value(value)
        self._mark_chips()

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme."""
        self._tokens = tokens
        for row in self._rows.values():
            row.set_theme(tokens)
        for section in self._sections:
            section.set_theme(tokens)

    def sizeHint(self) -> QSize:
        return QSize(300, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 120)

    # -- building --------------------------------------------------------------------------

    def _add_presets(
        self, column: QVBoxLayout, parameters: Mapping[str, Parameter], presets: Sequence[Preset]
    ) -> None:
        if not presets:
            return
        holder = QWidget()
        flow = FlowLayout(holder, spacing=6)
        for preset in presets:
            chip = Button(preset.title, holder)
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setObjectName(f"preset.{preset.title}")
            tip = ", ".join(f"{name} = {value}" for name, value in preset.values.items())
            chip.setToolTip("<br>".join(filter(None, (preset.summary, tip))))
            chip.setAccessibleDescription(preset.summary)
            chip.clicked.connect(lambda _=False, preset=preset: self._choose(preset))
            flow.addWidget(chip)
            self._chips.append((preset, chip))
        column.addWidget(holder)
        rule = QFrame()
        rule.setProperty("role", "line")
        column.addWidget(rule)

    def _add_rows(
        self, column: QVBoxLayout, parameters: Mapping[str, Parameter], presets: Sequence[Preset]
    ) -> None:
        bodies: dict[str, QVBoxLayout] = {"model": column}
        for group in ("model", "initial", "run"):
            members = [p for p in parameters.values() if p.group == group]
            if not members:
                continue
            if group != "model":
                title = HEADINGS[group]
                section = Section(title, opened=self._opened.get(title, False))
                section.body.setSpacing(10)
                self._sections.append(section)
                column.addWidget(section)
                bodies[group] = section.body
            for parameter in members:
                row = ParameterRow(parameter)
                row.set_preset_marks(self._marks(parameter, presets))
                row.changing.connect(self.changing)
                row.changed.connect(self.changed)
                row.changing.connect(self._mark_chips)
                row.changed.connect(self._mark_chips)
                row.reset_requested.connect(self.reset_requested)
                self._rows[parameter.name] = row
                bodies[group].addWidget(row)

    @staticmethod
    def _marks(parameter: Parameter, presets: Sequence[Preset]) -> list[float]:
        given = (preset.values.get(parameter.name) for preset in presets)
        return [float(value) for value in given if isinstance(value, (int, float))]

    # -- chips -----------------------------------------------------------------------------

    def _choose(self, preset: Preset) -> None:
        self._mark_chips()
        self.preset_chosen.emit(preset)

    def _mark_chips(self) -> None:
        """A chip is lit while all values are those of its preset."""
        for preset, chip in self._chips:
            chip.setChecked(
                bool(preset.values)
                and all(
                    name in self._rows and self._rows[name].value() == value
                    for name, value in preset.values.items()
                )
            )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
