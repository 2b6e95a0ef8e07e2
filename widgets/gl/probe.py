"""Whether OpenGL can be used here, found out cheaply and once, before any canvas is made."""

from __future__ import annotations

import os
from functools import cache

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QSurfaceFormat

_WITHOUT = frozenset({"offscreen", "minimal", "vnc", "linuxfb"})
"""Platforms of Qt that have no widget with OpenGL."""


def available() -> bool:
    """True where a canvas with OpenGL 2.1 or later can be made.

    ``PHASESCOPE_OPENGL=0`` in the environment says no without trying, for drivers that
    claim more than they can do.
    """
    if os.environ.get("PHASESCOPE_OPENGL", "") == "0":
        return False
    application = QGuiApplication.instance()
    if application is None or QGuiApplication.platformName() in _WITHOUT:
        return False
    return _usable()


@cache
def _usable() -> bool:
    context = QOpenGLContext()
    wanted = QSurfaceFormat()
    wanted.setVersion(2, 1)
    context.setFormat(wanted)
    if not context.create():
        return False
    surface = QOffscreenSurface()
    surface.setFormat(context.format())
    surface.create()
    if not surface.isValid() or not context.makeCurrent(surface):
        return False
    try:
        if context.isOpenGLES():
            return False
        return (context.format().majorVersion(), context.format().minorVersion()) >= (2, 1)
    finally:
        context.doneCurrent()
        surface.destroy()
