"""Two rolling autosaves a window, and what is left of them after a crash.

Every running window holds a lock on a small file; the system lets go of it however the
process ends, so that a lock nobody holds marks a window that did not end well. A clean exit
removes the window's autosaves. Several windows may share a folder. No Qt.
"""

from __future__ import annotations

import itertools
import logging
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.session_file import SUFFIX, Session, load, save
from engine.errors import FileFormatError
from engine.exhibit import Exhibit
from engine.files.atomic import ExportError

log = logging.getLogger(__name__)

KEPT = 2
"""Autosaves of one window."""
ABANDONED = 8
"""Autosaves of windows that crashed, kept at most."""


@dataclass(frozen=True)
class Candidate:
    """An autosave that a crash left behind."""

    path: Path
    session: Session
    saved: float
    """Seconds since the epoch."""


class Autosave:
    """The autosaves of one window.

    Parameters
    ----------
    folder : path
        Where they are kept; made where it does not exist.

    Raises
    ------
    ExportError
        If the folder cannot be made or written.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._owner = f"{int(time.time()):x}-{secrets.token_hex(4)}"
        self._slots = itertools.cycle(range(KEPT))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock: IO[bytes] | None = open(self._lock_path(self._owner), "wb")  # noqa: SIM115
        except OSError as error:
            raise ExportError(
                f"autosaves cannot be kept there ({error.strerror or error})", str(self.folder)
            ) from error
        _lock(self._lock)

    def write(self, session: Session) -> Path:
        """Save over the older of the two; where it went.

        Raises
        ------
        ExportError
            If it cannot be written.
        """
        path = self.folder / f"{self._owner}.{next(self._slots)}{SUFFIX}"
        save(path, session)
        return path

    def candidates(self, exhibits: Mapping[str, Exhibit] | None = None) -> list[Candidate]:
        """What crashed windows left behind, newest first: the newest whole one of each.

        Parameters
        ----------
        exhibits : mapping, optional
            Where given, sessions that do not fit it are left out.
        """
        found: list[Candidate] = []
        taken: set[str] = set()
        for path in self._abandoned():
            owner = path.name.split(".")[0]
            if owner in taken:
                continue
            try:
                found.append(Candidate(path, load(path, exhibits), path.stat().st_mtime))
                taken.add(owner)
            except (FileFormatError, OSError) as error:
                log.warning("an autosave cannot be offered: %s", error)
        return found

    def discard(self) -> None:
        """Remove what crashed windows left behind."""
        for path in self._abandoned():
            path.unlink(missing_ok=True)
        for lock in self.folder.glob("*.lock"):
            if not self._alive(lock.stem):
                lock.unlink(missing_ok=True)

    def close(self) -> None:
        """A clean exit: nothing of this window is left. May be called twice."""
        if self._lock is None:
            return
        self._lock.close()
        self._lock = None
        for path in self.folder.glob(f"{self._owner}.*"):
            path.unlink(missing_ok=True)
        for path in self._abandoned()[ABANDONED:]:
            path.unlink(missing_ok=True)

    def _abandoned(self) -> list[Path]:
        """Autosaves whose window does not run any more, newest first."""
        dated: list[tuple[int, str, Path]] = []
        for path in self.folder.glob(f"*{SUFFIX}"):
            owner = path.name.split(".")[0]
            if owner != self._owner and not self._alive(owner):
                try:
                    dated.append((path.stat().st_mtime_ns, path.name, path))
                except FileNotFoundError:  # another window has discarded it meanwhile
                    continue
        return [path for _, _, path in sorted(dated, reverse=True)]

    def _lock_path(self, owner: str) -> Path:
        return self.folder / f"{owner}.lock"

    def _alive(self, owner: str) -> bool:
        if owner == self._owner:
            return self._lock is not None
        try:
            with open(self._lock_path(owner), "rb+") as file:
                return not _lock(file)
        except FileNotFoundError:
            return False
        except OSError:
            # Not ours to judge: another person's window, or Windows refusing to open it.
            return True


def _lock(file: IO[bytes]) -> bool:
    """Take the lock that ends with the process; False where another holds it."""
    try:
        if os.name == "nt":  # pragma: no cover
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
