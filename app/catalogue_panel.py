"""The window's side of the catalogue: what stands in it, what was opened, what is alike.

Entries come from the cards of systems, so that no system is read to list it. Neighbours and
exponents come from tables, read on a thread of their own. What a person asks of an entry in
its menu or by dragging it is done here.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from engine.catalogue import built_in_modules
from engine.errors import PhasescopeError
from engine.exhibit import Exhibit
from engine.look import ASSETS
from engine.systems import systems
from engine.systems.index import Card, cards
from widgets.browser import Entry
from widgets.browser_delegate import FOLDED_WIDTH
from widgets.browser_model import family_title, folded
from widgets.drop_area import DropArea

if TYPE_CHECKING:
    from app.window import MainWindow

log = logging.getLogger(__name__)

ALIKE = 6
REMEMBERED = 20
WIDE, FOLDED = 232, 76
QUIET_MILLISECONDS = 400
"""After an exhibit was opened, before anything is read to go with it."""


class CataloguePanel(QObject):
    """See the module docstring.

    Parameters
    ----------
    window : MainWindow
    """

    _exponents = Signal(object)
    _alike = Signal(str, object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._by_key: dict[str, Entry] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="catalogue")
        self._asked = False
        self._folds_again = False
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MILLISECONDS)
        self._quiet.timeout.connect(self._look_for_neighbours)
        self._drop = DropArea(window.workspace)
        self._drop.dropped.connect(window.open)
        browser = window.browser
        browser.copied.connect(self._copy)
        browser.file_wanted.connect(self._show_file)
        browser.sorting.connect(self._sorting)
        browser.room_wanted.connect(self.search)
        browser.drag_began.connect(lambda entry: self._drop.offer(entry.title, window.tokens))
        browser.drag_ended.connect(self._drop.hide)
        browser.opened.connect(self._fold_again)
        window.inspector.neighbour_opened.connect(window.open)
        self._exponents.connect(self._take_exponents)
        self._alike.connect(self._show_neighbours)

    def close(self) -> None:
        """Stop what is being read."""
        self._quiet.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def fill(self) -> None:
        """Fill the catalogue's list."""
        window = self._window
        entries = entries_of(window.exhibits)
        self._by_key = {entry.key: entry for entry in entries}
        self._asked = False
        window.entries = entries
        window.browser.set_entries(entries)
        window.browser.set_starred(window.preferences.favourites)
        window.browser.set_recent(window.preferences.recent_exhibits)
        if window.browser.model.order == "largest":
            self._read_exponents()

    def opened(self, key: str) -> None:
        """An exhibit was opened: remember it, and look for those that are like it."""
        if key in self._by_key:
            recent = self._window.preferences.recent_exhibits
            recent = [key, *(other for other in recent if other != key)][:REMEMBERED]
            self._window.preferences.recent_exhibits = recent
            self._window.browser.set_recent(recent)
        self._quiet.start()

    def search(self) -> None:
        """Put the cursor into the search box, unfolding the catalogue where it is narrow."""
        window = self._window
        window.browser_dock.show()
        window.browser_dock.raise_()
        if window.browser.width() < FOLDED_WIDTH:
            self._folds_again = True
            window.resizeDocks([window.browser_dock], [WIDE], Qt.Orientation.Horizontal)
        # A hidden box takes no focus: once it has its room.
        QTimer.singleShot(0, window.browser, self._focus)

    def _focus(self) -> None:
        self._window.browser.search.setFocus()
        self._window.browser.search.selectAll()

    def _fold_again(self) -> None:
        if self._folds_again:
            self._folds_again = False
            window = self._window
            window.resizeDocks([window.browser_dock], [FOLDED], Qt.Orientation.Horizontal)

    # -- what is read beside the window ----------------------------------------------------

    def _sorting(self, sort: str) -> None:
        if sort == "largest":
            self._read_exponents()

    def _read_exponents(self) -> None:
        if not self._asked:
            self._asked = True
            self._pool.submit(self._find_exponents)

    def _find_exponents(self) -> None:
        try:
            self._exponents.emit(largest_exponents())
        except PhasescopeError as error:
            log.warning("no exponents to sort by: %s", error)
        except RuntimeError:  # the window has gone
            return

    def _take_exponents(self, exponents: Mapping[str, float]) -> None:
        self._window.browser.set_exponents(exponents)
        self._by_key = {entry.key: entry for entry in self._window.browser.model.entries}

    def _look_for_neighbours(self) -> None:
        key = self._window.document.key
        if key in self._by_key:
            self._read_exponents()
            self._pool.submit(self._find_neighbours, key)

    def _find_neighbours(self, key: str) -> None:
        from engine.analysis.features import neighbours

        try:
            self._alike.emit(key, [other for other, _ in neighbours(key, ALIKE)])
        except PhasescopeError as error:
            log.warning("no neighbours of '%s': %s", key, error)
        except RuntimeError:  # the window has gone
            return

    def _show_neighbours(self, key: str, keys: list[str]) -> None:
        if key == self._window.document.key:
            found = [self._by_key[other] for other in keys if other in self._by_key]
            self._window.inspector.set_neighbours(found)

    # -- what is asked of an entry ---------------------------------------------------------

    def _copy(self, key: str) -> None:
        QGuiApplication.clipboard().setText(key)
        self._window.say(f"the key '{key}' is on the clipboard")

    def _show_file(self, key: str) -> None:
        path = systems().own_file(key)
        if path is None:
            self._window.say(f"'{key}' has no file of its own")
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))):
            self._window.say(f"the file is {path}")


def entries_of(exhibits: Mapping[str, Exhibit]) -> list[Entry]:
    """An entry for every exhibit, by family and title."""
    known = cards(systems())
    modules = built_in_modules()
    folder = ASSETS / "thumbnails"
    pictures = {path.stem: path for path in folder.glob("*.png")}
    found = []
    for key in exhibits:
        card = known.get(key) if key not in modules else None
        picture = pictures.get(key)
        found.append(_of_exhibit(exhibits[key], picture) if card is None else _of(card, picture))
    found.sort(key=lambda entry: (folded(family_title(entry.family)), folded(entry.title)))
    return found


def _of(card: Card, picture: Path | None) -> Entry:
    return Entry(
        card.key,
        card.title,
        card.family,
        card.kind,
        card.tags,
        card.year,
        card.authors.split("; ")[0],
        picture,
        card.dimension,
        card.equations,
        f"{card.authors} {card.aliases}",
        own=systems().own_file(card.key) is not None,
    )


def _of_exhibit(exhibit: Exhibit, picture: Path | None) -> Entry:
    references = exhibit.references
    return Entry(
        exhibit.key,
        exhibit.title,
        exhibit.family,
        exhibit.kind,
        exhibit.tags,
        references[0].year if references else None,
        references[0].authors if references else "",
        picture,
        words="; ".join(reference.authors for reference in references),
    )


def largest_exponents() -> dict[str, float]:
    """The largest Lyapunov exponent of every system that has a row in the reference table.

    Raises
    ------
    FileFormatError
        If the table cannot be read.
    """
    from engine.analysis.reference import read

    return {
        key: row.exponents[0] for key, row in read().items() if row.exponents and not row.failed
    }
