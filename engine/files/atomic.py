"""Writing a file so that it is either the old one or the whole new one, never half of it.

The new content goes to a temporary name in the same folder, which then takes the final
name in one step. This module knows nothing of formats. Whatever goes wrong is an
`ExportError`: one sentence with the path and what to do.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import PhasescopeError


class ExportError(PhasescopeError, OSError):
    """A file cannot be written, or its name does not say a format we write.

    Parameters
    ----------
    message : str
        What is wrong and what to do about it.
    path : str
        The file.
    """

    def __init__(self, message: str, path: str = "") -> None:
        self.path = path
        super().__init__(f"cannot write '{path}': {message}" if path else message)

    def __str__(self) -> str:
        # OSError would show a tuple where it has several arguments; a person reads this.
        return str(self.args[0])


_REASONS = {
    errno.EACCES: "you may not write there; choose another folder",
    errno.EPERM: "you may not write there; choose another folder",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "your disk quota is used up; free some space or choose another folder",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ENOTDIR: "part of the folder's path is a file, not a folder",
    errno.EISDIR: "there is a folder of that name; choose a file name",
}


def suffix_of(path: str | os.PathLike[str], known: tuple[str, ...]) -> str:
    """The suffix of `path` in lower case, checked.

    Raises
    ------
    ExportError
        If it is none of `known`.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in known:
        shown = f"the suffix '{suffix}' is" if suffix else "a name without a suffix is"
        raise ExportError(
            f"{shown} no format that can be written; end the name in "
            f"{', '.join(known[:-1])} or {known[-1]}",
            os.fspath(path),
        )
    return suffix


@contextmanager
def replacing(path: str | os.PathLike[str], durable: bool = False) -> Iterator[Path]:
    """A temporary path in the folder of `path` that becomes `path` if the block succeeds.

    Parameters
    ----------
    path : path
        Where the file is to be. A link is followed, so that it stays a link.
    durable : bool
        Wait until the disk holds the content before the name changes (sessions); off for
        exports, which can be made again.

    Yields
    ------
    Path
        The temporary path, with the same suffix; it exists and is empty.

    Raises
    ------
    ExportError
        If the folder does not exist, may not be written, or the disk is full.
    """
    shown = os.fspath(path)
    temporary: Path | None = None
    try:
        final = Path(os.path.realpath(path))
        if final.is_dir():
            raise ExportError("there is a folder of that name; choose a file name", shown)
        if final.exists() and not final.is_file():
            raise ExportError("it is a device, not a file; choose a file name", shown)
        place = final.parent / f".{secrets.token_hex(8)}.part{final.suffix.lower()}"
        # Not tempfile: its files are readable by their owner only, whatever the umask says.
        os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        temporary = place
        yield temporary
        if durable:
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())
        os.replace(temporary, final)
    except ExportError:
        raise
    except FileNotFoundError as error:
        folder = Path(shown).parent
        reason = f"the folder '{folder}' does not exist; make it first"
        if folder.is_dir():  # as in /proc, where nothing can be made
            reason = f"no file can be made in the folder '{folder}'; choose another"
        raise ExportError(reason, shown) from error
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or f"{error.strerror or error}"
        raise ExportError(reason, shown) from error
    except ValueError as error:  # a null byte in the name
        if "null" not in str(error):
            raise
        raise ExportError("the name holds a null character", repr(shown)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


class _LeaveError(Exception):
    """Leaves `replacing` before anything takes the final name."""


def check_place(path: str | os.PathLike[str]) -> None:
    """Raise now what writing there would raise, before hours are spent on the content.

    Raises
    ------
    ExportError
        As `replacing` does; an existing file stays as it is.
    """
    with suppress(_LeaveError), replacing(path):
        raise _LeaveError


def write_bytes(path: str | os.PathLike[str], content: bytes, durable: bool = False) -> None:
    """Write `content` to `path` in one step; see `replacing`."""
    with replacing(path, durable) as temporary:
        temporary.write_bytes(content)
