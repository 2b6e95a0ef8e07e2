"""Finds the views: every file in this folder that names a ``VIEW`` is one.

The kind of a view is its file's name, so nothing has to be listed anywhere, and a view is
imported only when it is first shown.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from engine.errors import UnknownKeyError
from widgets.views.view import View


@cache
def kinds() -> tuple[str, ...]:
    """The kinds there are, in alphabetical order, without importing them."""
    folder = Path(__file__).parent
    return tuple(
        sorted(file.stem for file in folder.glob("*.py") if "\nVIEW = " in file.read_text("utf-8"))
    )


@cache
def view_class(kind: str) -> type[View]:
    """The class of a kind.

    Raises
    ------
    UnknownKeyError
        If there is no such view.
    """
    if kind not in kinds():
        raise UnknownKeyError(f"there is no view '{kind}'; there are {', '.join(kinds())}")
    found: type[View] = importlib.import_module(f"widgets.views.{kind}").VIEW
    return found
