"""Panels are tested as they look: dressed in a theme, with a cache of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qInstallMessageHandler

from engine.look import Tokens, tokens

# The screen that is no screen cannot do these, and says so at every window.
HARMLESS = ("This plugin does not support",)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pictures that a test draws stay in its own folder."""
    monkeypatch.setenv("PHASESCOPE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def no_qt_warning() -> Iterator[None]:
    """A test that makes Qt complain fails."""
    said: list[str] = []

    def listen(kind: object, context: object, text: str) -> None:
        if not text.startswith(HARMLESS):
            said.append(text)

    before = qInstallMessageHandler(listen)
    yield
    qInstallMessageHandler(before)
    if said:
        pytest.fail("Qt said: " + "; ".join(said))


@pytest.fixture
def dark() -> Tokens:
    """The dark theme."""
    return tokens("dark")


@pytest.fixture
def light() -> Tokens:
    """The light theme."""
    return tokens("light")
