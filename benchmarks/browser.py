"""The catalogue with three hundred entries: from a key in the search to rows laid out and painted.

Timed is all that the window's thread does for one more letter: the search, the new rows, their
places and the painting of those in sight; the same for a filter, for another order and for a
page scrolled while pictures are read from their files. Time of the thread, not of the clock.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import Row

if TYPE_CHECKING:
    from widgets.browser import Browser, Entry

ENTRIES, FRAME_MS = 300, 16.0
WORDS = ("lorenz", "chaotic", "x*y", "sprott 1994", "map", "sin(", "neuron", "zzz")


def run() -> list[Row]:
    """95th percentiles of a letter, a filter and an order, and the longest step of scrolling."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from app.catalogue_panel import entries_of
    from engine.catalogue import catalogue
    from engine.look import tokens
    from widgets import theme
    from widgets.browser import Browser

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme.apply(application, tokens("dark"))
    browser = Browser(tokens("dark"))
    browser.resize(232, 780)
    browser.set_entries(_exactly(ENTRIES, entries_of(catalogue())))
    browser.show()
    application.processEvents()

    def settled(work: Callable[[], object]) -> float:
        began = time.thread_time()
        work()
        browser.list.viewport().repaint()  # lays out what is new, and paints it
        return 1e3 * (time.thread_time() - began)

    typed = _typed(browser, settled)
    filtered = _filtered(browser, settled)
    browser.clear_filter()
    ordered = [settled(lambda s=s: browser.sort_by(s)) for s in ("name", "year", "family") * 5]
    scrolled = _scrolled(browser, application.processEvents)
    browser.close()
    return [
        _row("a letter typed into the search, p95", float(np.percentile(typed, 95))),
        _row("a filter chosen, p95", float(np.percentile(filtered, 95))),
        _row("another order, p95", float(np.percentile(ordered, 95))),
        _row("a page scrolled, its pictures read from files, longest turn", max(scrolled)),
    ]


def _exactly(count: int, entries: list[Entry]) -> list[Entry]:
    """As many entries as asked for; where there are fewer, some twice under other keys."""
    found = list(entries)
    while len(found) < count:
        again = [replace(entry, key=f"{entry.key}-{len(found)}") for entry in entries]
        found += again[: count - len(found)]
    return found[:count]


def _typed(browser: Browser, settled: Callable[[Callable[[], object]], float]) -> list[float]:
    found = []
    for _ in range(3):
        for word in WORDS:
            parts = [word[:k] for k in range(1, len(word) + 1)]
            for text in (*parts, *reversed(parts[:-1]), ""):
                found.append(settled(lambda text=text: browser.search.setText(text)))
    return found


def _filtered(browser: Browser, settled: Callable[[Callable[[], object]], float]) -> list[float]:
    from widgets.browser_filter import Filter

    flows = Filter(kinds=frozenset({"flow"}))
    chosen = (flows, flows.toggled("tag", "chaotic"), flows.toggled("dimension", 3), Filter())
    return [settled(lambda f=f: browser.set_filter(f)) for f in chosen * 8]


def _scrolled(browser: Browser, turn: Callable[[], object]) -> list[float]:
    browser.sort_by("name")
    turn()  # what another order left to do
    browser.delegate.forget_pictures()
    bar = browser.list.verticalScrollBar()
    found = []
    for value in range(0, bar.maximum(), bar.pageStep()):
        began = time.thread_time()
        bar.setValue(value)
        browser.list.viewport().repaint()
        found.append(1e3 * (time.thread_time() - began))
        while browser.delegate.thumbnails.reading:
            began = time.thread_time()
            turn()
            found.append(1e3 * (time.thread_time() - began))
    return found


def _row(name: str, milliseconds: float) -> Row:
    return Row(
        f"browser: {ENTRIES} entries, {name}",
        milliseconds,
        "ms",
        None,
        FRAME_MS / milliseconds,
        f"<= {FRAME_MS:g} ms",
        milliseconds <= FRAME_MS,
    )
