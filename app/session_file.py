"""Sessions as files: what is open and how it is looked at, as versioned JSON.

`save` and `load` turn a `Session` into a ``.phasescope`` file and back. A session is data:
nothing in it is evaluated, it is read within a size limit, every field is checked, and what
is wrong is refused with the file and the field. Files of older versions pass through
`MIGRATIONS`; those of newer ones are refused. Saving replaces the file in one step.

This module knows neither Qt nor the document. Autosaves are kept by ``app.autosave``.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, NoReturn

from app.session import Session, SessionView
from engine.errors import FileFormatError, ParameterError
from engine.exhibit import Exhibit, Value
from engine.files.atomic import write_bytes

__all__ = [
    "MIGRATIONS",
    "SUFFIX",
    "VERSION",
    "Session",
    "SessionView",
    "dumps",
    "load",
    "loads",
    "migrate",
    "save",
]

FORMAT = "phasescope session"
VERSION = 1
SUFFIX = ".phasescope"
SIZE_LIMIT = 16 * 1024 * 1024
LAYOUT_LIMIT = 1024 * 1024
VIEWS_LIMIT = 200
AREAS = ("main", "right", "bottom")

Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: Mapping[int, Migration] = {}
"""Version -> what turns a file of that version into one of the next."""


def save(path: str | os.PathLike[str], session: Session) -> None:
    """Write a session; the file is the old one or the whole new one.

    Raises
    ------
    ExportError
        If it cannot be written there.
    ParameterError
        If a parameter value is not finite.
    """
    write_bytes(path, dumps(session).encode(), durable=True)


def dumps(session: Session) -> str:
    """A session as JSON. View settings that are not finite are left out: nobody's work is
    lost over the range of an axis.

    Raises
    ------
    ParameterError
        If a parameter value is not finite.
    """
    for name, value in session.values.items():
        if not _finite(value):
            raise ParameterError(f"parameter '{name}' must be a finite number, got {value!r}")
    data = {
        "format": FORMAT,
        "version": VERSION,
        "app_version": session.app_version,
        "created": session.created,
        "exhibit": session.exhibit,
        "values": dict(session.values),
        "seed": session.seed,
        "speed": session.speed,
        "running": session.running,
        "theme": session.theme,
        "views": [
            {
                "id": view.id,
                "kind": view.kind,
                "channel": view.channel,
                "area": view.area,
                "tab": view.tab,
                "settings": {
                    name: value for name, value in view.settings.items() if _finite(value)
                },
            }
            for view in session.views
        ],
        "layout": dict(session.layout),
        "notes": session.notes,
    }
    if session.system:
        # An older version ignores these, and says that it knows no such exhibit.
        data |= {"system": session.system, "typed": session.typed}
    # ASCII, so that text which is no valid Unicode (a lone surrogate) can still be saved.
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def load(path: str | os.PathLike[str], exhibits: Mapping[str, Exhibit] | None = None) -> Session:
    """Read a session.

    Parameters
    ----------
    path : path
    exhibits : mapping, optional
        What can be opened; where given, the exhibit, its parameter values and the channels
        of its views are checked against it.

    Raises
    ------
    FileFormatError
        If the file cannot be read, is no session, is from a newer version, or a field is
        wrong. The message names the file and the field.
    """
    shown = os.fspath(path)
    try:
        with open(path, "rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise FileFormatError("there is no such file", shown) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileFormatError(f"cannot be read: {reason}", shown) from error
    if len(content) > SIZE_LIMIT:
        raise FileFormatError(
            f"is larger than {SIZE_LIMIT // 1024**2} MB, so it is no session file", shown
        )
    return loads(content, exhibits, shown)


def loads(content: bytes, exhibits: Mapping[str, Exhibit] | None = None, path: str = "") -> Session:
    """The session in the content of a file; see `load`."""
    session = _Reader(path).session(migrate(_parse(content, path), path))
    if exhibits is not None:
        _check_against(session, exhibits, path)
    return session


def migrate(
    data: dict[str, Any],
    path: str = "",
    migrations: Mapping[int, Migration] = MIGRATIONS,
    target: int = VERSION,
) -> dict[str, Any]:
    """Bring the content of an older file to version `target`.

    Raises
    ------
    FileFormatError
        If it is from a newer version, or from one that nothing leads away from.
    """
    if data.get("format") != FORMAT:
        raise FileFormatError(f"is no session file: 'format' is not '{FORMAT}'", path)
    version = data.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise FileFormatError(f"expected a whole number, got {version!r:.60}", path, "version")
    if version > target:
        raise FileFormatError(
            f"the session is of version {_shown(version)} and this program reads up to {target}; "
            "update the program to open it",
            path,
            "version",
        )
    while version < target:
        if version not in migrations:
            raise FileFormatError(f"sessions of version {version} cannot be read", path, "version")
        data = migrations[version](data)
        version += 1
    return data


def _parse(content: bytes, path: str) -> dict[str, Any]:
    """The JSON object in `content`."""

    def no_constant(word: str) -> NoReturn:
        raise FileFormatError(f"numbers must be finite, got {word}", path)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise FileFormatError("stands there twice", path, name[:60])
            found[name] = value
        return found

    try:
        data = json.loads(
            content.decode("utf-8-sig"), parse_constant=no_constant, object_pairs_hook=unique
        )
    except FileFormatError:
        raise
    except json.JSONDecodeError as error:
        raise FileFormatError(
            f"is no JSON, or was cut off: {error.msg}",
            path,
            f"line {error.lineno}, column {error.colno}",
        ) from error
    except UnicodeDecodeError as error:
        raise FileFormatError("is no text in UTF-8, so it is no session file", path) from error
    except RecursionError as error:
        raise FileFormatError("is nested too deeply", path) from error
    except ValueError as error:  # a whole number of thousands of digits
        raise FileFormatError(f"holds a number that cannot be read: {error}", path) from error
    if not isinstance(data, dict):
        raise FileFormatError("is no session file: expected a JSON object", path)
    return data


def _finite(value: Any) -> bool:
    """True for text and for numbers that a float64 can hold."""
    if isinstance(value, list | tuple):
        return all(_finite(item) for item in value)
    try:
        return not isinstance(value, int | float) or math.isfinite(float(value))
    except OverflowError:
        return False


class _Reader:
    """Takes checked fields out of the content of a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def wrong(self, where: str, expected: str, got: Any) -> FileFormatError:
        return FileFormatError(f"expected {expected}, got {_shown(got)}", self.path, where)

    def text(self, value: Any, where: str, limit: int = 200) -> str:
        if not isinstance(value, str):
            raise self.wrong(where, "text", value)
        if len(value) > limit:
            raise FileFormatError(f"is longer than {limit} characters", self.path, where)
        return value

    def number(self, value: Any, where: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
            raise self.wrong(where, "a finite number", value)
        return float(value)

    def mapping(self, value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.wrong(where, "names with values", value)
        return value

    def setting(self, value: Any, where: str, depth: int = 0) -> Any:
        if isinstance(value, list) and depth < 2 and len(value) <= 1000:
            return [self.setting(item, where, depth + 1) for item in value]
        if isinstance(value, str):
            return self.text(value, where, 100_000)
        if not isinstance(value, bool | int | float) or not _finite(value):
            raise self.wrong(where, "text or a finite number", value)
        return value

    def value(self, value: Any, where: str) -> Value:
        if isinstance(value, str):
            return self.text(value, where, 1_000_000)
        if isinstance(value, int) and not isinstance(value, bool) and _finite(value):
            return value
        return self.number(value, where)

    def session(self, data: dict[str, Any]) -> Session:
        exhibit = self.text(data.get("exhibit"), "exhibit")
        seed, running = data.get("seed", 0), data.get("running", False)
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**64:
            raise self.wrong("seed", "a whole number from 0 on", seed)
        if not isinstance(running, bool):
            raise self.wrong("running", "true or false", running)
        theme = self.text(data.get("theme", ""), "theme")
        if theme not in ("", "dark", "light"):
            raise self.wrong("theme", "dark or light", theme)
        speed = self.number(data.get("speed", 1.0), "speed")
        if speed <= 0:
            raise self.wrong("speed", "a number above 0", speed)
        return Session(
            exhibit=exhibit,
            values={
                name: self.value(value, f"values.{name[:60]}")
                for name, value in self.mapping(data.get("values", {}), "values").items()
            },
            seed=seed,
            speed=speed,
            running=running,
            theme=theme,
            views=self.views(data.get("views", [])),
            layout=self.layout(data.get("layout", {})),
            notes=self.text(data.get("notes", ""), "notes", SIZE_LIMIT),
            app_version=self.text(data.get("app_version", ""), "app_version"),
            created=self.text(data.get("created", ""), "created"),
            system=self.text(data.get("system", ""), "system", 1_000_000),
            typed=self.text(data.get("typed", ""), "typed", 1_000_000),
        )

    def views(self, rows: Any) -> tuple[SessionView, ...]:
        if not isinstance(rows, list):
            raise self.wrong("views", "a list", rows)
        if len(rows) > VIEWS_LIMIT:
            raise FileFormatError(f"are more than {VIEWS_LIMIT}", self.path, "views")
        views: list[SessionView] = []
        for i, row in enumerate(rows):
            where = f"views[{i}]"
            row = self.mapping(row, where)
            settings = self.mapping(row.get("settings", {}), f"{where}.settings")
            view = SessionView(
                id=self.text(row.get("id"), f"{where}.id"),
                kind=self.text(row.get("kind"), f"{where}.kind"),
                channel=self.text(row.get("channel"), f"{where}.channel"),
                settings={
                    name: self.setting(value, f"{where}.settings.{name[:60]}")
                    for name, value in settings.items()
                },
                area=self.text(row.get("area", "right"), f"{where}.area"),
                tab=self.text(row.get("tab", ""), f"{where}.tab"),
            )
            if view.area not in AREAS:
                raise self.wrong(f"{where}.area", " or ".join(AREAS), view.area)
            if not view.id or any(view.id == other.id for other in views):
                raise self.wrong(f"{where}.id", "a name no other view has", view.id)
            views.append(view)
        return tuple(views)

    def layout(self, value: Any) -> dict[str, str]:
        layout = {
            name: self.text(text, f"layout.{name[:60]}", LAYOUT_LIMIT)
            for name, text in self.mapping(value, "layout").items()
        }
        for name, text in layout.items():
            if not text.isascii():
                raise self.wrong(f"layout.{name[:60]}", "base64", text)
        return layout


def _shown(value: Any) -> str:
    """`value` in a few characters, for a sentence."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None:
        return "nothing"
    if isinstance(value, int) and not isinstance(value, bool) and not _finite(value):
        return "a number too large"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _check_against(session: Session, exhibits: Mapping[str, Exhibit], path: str) -> None:
    """Raise where the exhibit, a value or a channel is unknown."""
    if session.system:
        try:
            exhibit = session.opened(exhibits)
        except FileFormatError as error:
            raise FileFormatError(str(error), path, "system") from error
    elif session.exhibit not in exhibits:
        close = get_close_matches(session.exhibit, list(exhibits), n=1)
        meant = f"; did you mean '{close[0]}'?" if close else ""
        raise FileFormatError(
            f"there is no exhibit '{session.exhibit}' here{meant}", path, "exhibit"
        )
    else:
        exhibit = exhibits[session.exhibit]
    for name, value in session.values.items():
        if name not in exhibit.parameters:
            raise FileFormatError(
                f"'{exhibit.key}' has no such parameter; it has {', '.join(exhibit.parameters)}",
                path,
                f"values.{name[:60]}",
            )
        try:
            exhibit.parameters[name].check(value, exhibit.key)
        except ParameterError as error:
            raise FileFormatError(str(error), path, f"values.{name}") from error
    for i, view in enumerate(session.views):
        if view.channel not in exhibit.channels:
            raise FileFormatError(
                f"'{exhibit.key}' has no channel '{view.channel[:60]}'; it has "
                f"{', '.join(exhibit.channels)}",
                path,
                f"views[{i}].channel",
            )
