"""Dialogs that ask how to export, and the work that does it. Files are ``engine.files``' job.

Everything a work needs is captured on the window's thread; it runs in the background and
returns the sentence to show. The data is what the process holds in full, never what a view
decimated for the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.scheduler import Outcome, Scheduler
from engine.errors import PhasescopeError
from engine.exhibit import APPENDED, Array, Exhibit, Value
from engine.files import provenance
from engine.job import Job, run

if TYPE_CHECKING:
    from app.window import MainWindow

FIGURE_FORMATS = {"PDF": ".pdf", "SVG": ".svg", "PNG": ".png"}
DATA_FORMATS = {"CSV, readable anywhere": ".csv", "NPZ, for numpy": ".npz", "HDF5": ".h5"}
DIAGRAM = "orbit diagram"
DIAGRAM_COLUMNS = 2000
WAIT_SECONDS = 30.0


@dataclass(frozen=True)
class FigureChoice:
    """How to export a view as a figure: millimetres, points, dots an inch."""

    view: str
    path: str
    width: float = 160.0
    height: float = 120.0
    font_size: float = 9.0
    dpi: float = 300.0
    theme: str = "print"


@dataclass(frozen=True)
class DataChoice:
    """What to export, a channel's name or `DIAGRAM`, and where."""

    channel: str
    path: str


class _ExportDialog(QDialog):
    """The part both dialogs share: a form, a path and the buttons."""

    def __init__(self, window: MainWindow, title: str, name: str) -> None:
        super().__init__(window)
        self.setWindowTitle(title)
        self.setMinimumWidth(540)
        self._window = window
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(8)
        self.path = QLineEdit(str(Path.home() / name), self)
        self.path.setObjectName("export.path")
        browse = QPushButton("Browse…", self)
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(browse)
        self._row = QWidget(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._row.setLayout(row)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        go = buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        go.setDefault(True)
        go.setProperty("role", "primary")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(16)
        column.addLayout(self.form)
        column.addWidget(buttons)

    def suffix(self) -> str:
        """The suffix of the chosen format."""
        raise NotImplementedError

    def add_path(self) -> None:
        """Add the path as the last row."""
        self.form.addRow("File", self._row)
        self.fit_suffix()

    def fit_suffix(self) -> None:
        """Make the path end in the chosen format's suffix."""
        self.path.setText(str(Path(self.path.text()).with_suffix(self.suffix())))

    def _browse(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, self.windowTitle(), self.path.text())
        if path:
            self.path.setText(path)
            self.fit_suffix()


def _number(value: float, low: float, high: float, unit: str, decimals: int = 0) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setDecimals(decimals)
    box.setSuffix(f" {unit}")
    box.setValue(value)
    return box


class FigureDialog(_ExportDialog):
    """Asks how to export a view as a figure.

    Parameters
    ----------
    window : MainWindow
    view : str
        Id of the view that is chosen at first.
    """

    def __init__(self, window: MainWindow, view: str) -> None:
        super().__init__(window, "Export figure", f"{window.document.key}-{view}.pdf")
        self.view = QComboBox(self)
        for name, dock in window.workspace.docks.items():
            self.view.addItem(dock.windowTitle(), name)
        self.view.setCurrentIndex(max(0, self.view.findData(view)))
        self.format = QComboBox(self)
        self.format.addItems(list(FIGURE_FORMATS))
        self.format.currentIndexChanged.connect(self._format_changed)
        self.width_box = _number(160, 20, 1000, "mm")
        self.height_box = _number(120, 20, 1000, "mm")
        self.font_box = _number(9, 4, 48, "pt", 1)
        self.dpi_box = _number(300, 50, 1200, "dpi")
        self.theme = QComboBox(self)
        self.theme.addItem("Light, for print", "print")
        self.theme.addItem("Dark, for slides", "dark")
        size = QHBoxLayout()
        size.setContentsMargins(0, 0, 0, 0)
        size.addWidget(self.width_box)
        size.addWidget(QLabel("×", self))
        size.addWidget(self.height_box)
        size.addStretch(1)
        self.form.addRow("View", self.view)
        self.form.addRow("Format", self.format)
        self.form.addRow("Size", size)
        self.form.addRow("Type size", self.font_box)
        self.form.addRow("Resolution", self.dpi_box)
        self.form.addRow("Background", self.theme)
        self.add_path()

    def suffix(self) -> str:
        return FIGURE_FORMATS[self.format.currentText()]

    def _format_changed(self) -> None:
        self.fit_suffix()

    def choice(self) -> FigureChoice:
        """What was chosen."""
        return FigureChoice(
            str(self.view.currentData()),
            self.path.text(),
            self.width_box.value(),
            self.height_box.value(),
            self.font_box.value(),
            self.dpi_box.value(),
            str(self.theme.currentData()),
        )


class DataDialog(_ExportDialog):
    """Asks which data to export, and in which format."""

    def __init__(self, window: MainWindow) -> None:
        exhibit = window.document.exhibit
        assert exhibit is not None
        super().__init__(window, "Export data", f"{exhibit.key}.csv")
        self.channel = QComboBox(self)
        for name, channel in exhibit.channels.items():
            self.channel.addItem(channel.title or name.capitalize(), name)
        if exhibit.system is not None and exhibit.system.orbit_diagram.parameter:
            self.channel.addItem("Orbit diagram", DIAGRAM)
        self.format = QComboBox(self)
        self.format.addItems(list(DATA_FORMATS))
        self.format.currentIndexChanged.connect(lambda _index: self.fit_suffix())
        self.form.addRow("Data", self.channel)
        self.form.addRow("Format", self.format)
        self.add_path()

    def suffix(self) -> str:
        return DATA_FORMATS[self.format.currentText()]

    def choice(self) -> DataChoice:
        """What was chosen."""
        return DataChoice(str(self.channel.currentData()), self.path.text())


@dataclass(frozen=True)
class _Run:
    """What is open, captured on the window's thread."""

    exhibit: Exhibit
    values: Mapping[str, Value]
    seed: int


def _run_of(window: MainWindow) -> _Run:
    exhibit = window.document.exhibit
    assert exhibit is not None
    return _Run(exhibit, dict(window.document.values), window.document.seed)


def figure_work(window: MainWindow, choice: FigureChoice) -> Callable[[], str]:
    """The work that draws a view anew and writes it; returns the sentence to show."""
    opened = _run_of(window)
    view = window.workspace.docks[choice.view].view
    kind, settings = view.kind, view.figure_settings()
    assert view.channel is not None
    channel = view.channel
    related = [
        channel.name,
        *(other.name for other in opened.exhibit.channels.values() if other.over == channel.name),
    ]
    waiting = {name: window.host.snapshot(name) for name in related}
    status = window.host.read(lambda data: dict(data.status))
    scheduler = window.scheduler

    def work() -> str:
        from engine import figures
        from engine.files.atomic import check_place

        check_place(choice.path)
        arrays = {name: future.result(WAIT_SECONDS) for name, future in waiting.items()}
        content = figures.content(
            opened.exhibit,
            channel,
            {name: array for name, array in arrays.items() if array is not None},
            settings,
            opened.values,
            provenance.from_run(
                opened.exhibit, opened.values, opened.seed, status.result(WAIT_SECONDS), view=kind
            ),
        )
        job = figures.preparation(kind, content)
        if job is not None:
            content = _between_frames(scheduler, lambda: job)
        figures.render(
            kind,
            content,
            choice.path,
            size_mm=(choice.width, choice.height),
            font_size=choice.font_size,
            dpi=choice.dpi,
            theme=choice.theme,
        )
        return f"the figure is in {choice.path}"

    return work


def data_work(window: MainWindow, choice: DataChoice) -> Callable[[], str]:
    """The work that writes a channel or the orbit diagram; returns the sentence to show."""
    opened = _run_of(window)
    if choice.channel == DIAGRAM:
        return _diagram_work(window, opened, choice)
    channel = opened.exhibit.channels[choice.channel]
    waiting = window.host.snapshot(choice.channel)
    status = window.host.read(lambda data: dict(data.status))

    def work() -> str:
        from engine.files import tables

        array: Array | None = waiting.result(WAIT_SECONDS)
        if array is None or not len(array):
            return f"'{channel.title or channel.name}' holds nothing yet, so nothing was written"
        made_by = provenance.from_run(
            opened.exhibit, opened.values, opened.seed, status.result(WAIT_SECONDS)
        )
        if channel.kind in APPENDED:
            first = channel.axes[0] if channel.axes else "t"
            names = channel.names
            if len(names) != array.shape[1] - 1:
                names = tuple(f"c{column}" for column in range(1, array.shape[1]))
            tables.write_rows(choice.path, (first, *names), array, made_by)
        else:
            tables.write_field(choice.path, array if array.ndim == 2 else array[None], made_by)
        return f"{len(array):,} rows are in {choice.path}"

    return work


def _diagram_work(window: MainWindow, opened: _Run, choice: DataChoice) -> Callable[[], str]:
    system = opened.exhibit.system
    assert system is not None
    defaults = system.orbit_diagram
    settings: dict[str, Any] = {}
    for view in window.stage.views.values():
        if view.kind == "orbit_diagram":
            settings = dict(view.settings)
    parameter = str(settings.get("parameter") or defaults.parameter)
    low, high = float(settings.get("low", 0.0)), float(settings.get("high", 0.0))
    if low == high:
        low, high = defaults.low, defaults.high
    variable = str(settings.get("variable") or defaults.variable) or None
    model = {name: float(opened.values[name]) for name in system.parameters}
    initial = [float(opened.values[f"initial.{name}"]) for name in system.variables]
    scheduler = window.scheduler

    def work() -> str:
        from engine.analysis.orbit_diagram import orbit_diagram_job
        from engine.files import tables
        from engine.files.atomic import check_place

        check_place(choice.path)
        diagram = _between_frames(
            scheduler,
            lambda: orbit_diagram_job(
                system,
                parameter,
                low,
                high,
                columns=DIAGRAM_COLUMNS,
                variable=variable,
                values=model,
                initial=initial,
            ),
        )
        made_by = provenance.from_run(
            opened.exhibit,
            opened.values,
            opened.seed,
            None,
            diagram=f"{parameter} from {low} to {high}",
        )
        run(tables.writing(choice.path, tables.diagram_table(diagram, made_by)))
        return f"the orbit diagram is in {choice.path}"

    return work


def _between_frames(scheduler: Scheduler, make: Callable[[], Job[Any]]) -> Any:
    """The result of a job on the engine thread: parallel kernels belong to that one thread.

    Raises
    ------
    PhasescopeError
        With the job's own sentence, or where the window was closed meanwhile.
    """
    finished: Future[Outcome] = Future()

    def deliver(outcome: Outcome) -> None:
        if outcome.finished and not finished.done():
            finished.set_result(outcome)

    scheduler.submit("export", make, deliver)
    while not finished.done():
        wait([finished], timeout=0.2)
        if scheduler.closed:
            raise PhasescopeError("the window was closed before the export was done")
    outcome = finished.result()
    if outcome.error or outcome.partial is None:
        raise PhasescopeError(outcome.error)
    return outcome.partial.result
