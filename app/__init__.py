"""The application: what ties the engine to the window. `launch` opens it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.window import MainWindow

__all__ = ["launch"]


def launch(argv: Sequence[str] = ()) -> tuple[QApplication, MainWindow]:
    """Open the window without entering the event loop; see `app.application.launch`."""
    from app.application import launch as start

    return start(argv)
