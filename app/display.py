"""Whether there is a display that a window can be opened on, before Qt is asked.

Qt ends the whole process where it cannot reach the display, so this looks first: is one
named, and does anybody listen there. It opens nothing and imports no Qt.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

PATIENCE = 2.0
"""Seconds to wait for a display on another machine."""


def problem() -> str:
    """What keeps a window from being opened here, as the start of a sentence; empty if nothing.

    Only X11 and Wayland are looked at; another platform, or one named in
    ``QT_QPA_PLATFORM``, is taken at its word.
    """
    if not sys.platform.startswith("linux"):
        return ""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    if platform not in ("", "xcb", "wayland"):
        return ""
    x11, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    if (x11 and _x11_answers(x11)) or (wayland and _wayland_answers(wayland)):
        return ""
    if x11 or wayland:
        return f"the display '{x11 or wayland}' cannot be reached"
    return "there is no display to open a window on"


def _x11_answers(display: str) -> bool:
    """True where an X server listens at ``host:number.screen``."""
    host, _, rest = display.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdigit():
        # A socket's own path, as on macOS, or something only the X library understands.
        return Path(display).exists()
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        return _listens(f"\0{path}") or _listens(path) or _listens_tcp("localhost", int(number))
    return _listens_tcp(host.strip("[]"), int(number))


def _wayland_answers(display: str) -> bool:
    return _listens(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere")) / display))


def _listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except (OSError, ValueError):
            return False
    return True


def _listens_tcp(host: str, number: int) -> bool:
    try:
        with socket.create_connection((host, 6000 + number), PATIENCE):
            return True
    except (OSError, OverflowError, ValueError):
        return False
