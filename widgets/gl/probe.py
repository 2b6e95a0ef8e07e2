"""Whether OpenGL can be used here, found out cheaply and once, before any canvas is made."""

from __future__ import annotations

import os
from functools import cache

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QSurfaceFormat

_WITHOUT = frozenset({"offscreen", "minimal", "vnc", "linuxfb"})
"""Platforms of Qt that have no widget with OpenGL."""


_SOFTWARE = (
    "llvmpipe",
    "softpipe",
    "swrast",
    "swiftshader",
    "software",
    "gdi generic",
    "basic render",
)
_RENDERER = 0x1F01


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
    return _renderer() is not None


def worthwhile() -> bool:
    """True where OpenGL is there and drawn by a graphics card.

    Drawn in software it takes several times longer than our own rasteriser, and on the
    window's thread. ``PHASESCOPE_OPENGL=1`` asks for it all the same.
    """
    if not available():
        return False
    name = (_renderer() or "").lower()
    return os.environ.get("PHASESCOPE_OPENGL") == "1" or not any(word in name for word in _SOFTWARE)


@cache
def _renderer() -> str | None:
    """What draws OpenGL here; None where nothing usable does."""
    context = QOpenGLContext()
    wanted = QSurfaceFormat()
    wanted.setVersion(2, 1)
    context.setFormat(wanted)
    if not context.create():
        return None
    surface = QOffscreenSurface()
    surface.setFormat(context.format())
    surface.create()
    if not surface.isValid() or not context.makeCurrent(surface):
        return None
    try:
        version = (context.format().majorVersion(), context.format().minorVersion())
        if context.isOpenGLES() or version < (2, 1):
            return None
        return str(context.functions().glGetString(_RENDERER))
    finally:
        context.doneCurrent()
        surface.destroy()
