"""The base of every view: a picture of one channel of the open exhibit.

A view never computes on the GUI thread and is never asked to lock anything. All a picture
depends on is captured in a frozen `Context` on the GUI thread; the heavy part runs on the
engine thread from that context alone; the answer is shown on the GUI thread. Older
requests of the same view are dropped.

For developers
--------------
A view is one file in this folder with a final subclass of `View` and a module-level
``VIEW`` naming it. Write

- `View.compose` (static, engine thread): tapes and context -> a picture, for views that
  follow a live process. Return a fresh object whose arrays nobody writes into later.
- `View.show_picture` (GUI thread, under 5 ms): draw it.

- `View.composer` only where composing needs memory between calls (a cached vertex buffer):
  return a callable used instead of `compose`, by the engine thread alone.

and, for views that need a job of their own (an orbit diagram, a vector field),

- `View.depends` (static): what the job depends on; an equal answer recomputes nothing.
- `View.job` (static, engine thread): the generator, yielding ``Partial``.
- `View.show_partial` (GUI thread): draw a partial or the final result.

Options are declared as `Parameter` s in `View.options`; menus, undo, session files and
defaults follow from that. Gestures are emitted, not carried out: `edited` asks the document
to change parameter values, `settings_edited` to change this view's own, `acted` goes to the
process. Everything else (docks, export, undo, sessions) is done for you.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from engine.exhibit import Channel, Exhibit, Parameter, Value
from engine.job import Job, Partial
from engine.look import Tokens
from engine.tape import Data


@dataclass(frozen=True)
class Context:
    """All that a picture may depend on, captured on the GUI thread.

    Attributes
    ----------
    exhibit : Exhibit
        What is open; ``exhibit.system`` is the system behind it, or None.
    channel : Channel
        The channel this view shows.
    values : mapping
        All parameter values (model, ``initial.*``, ``run.*``).
    seed : int
    settings : mapping
        This view's options, complete.
    size : tuple of int
        Width and height of the drawing area in device pixels.
    tokens : Tokens
        The colours of the theme.
    ratio : float
        Device pixels a logical pixel, for the thickness of lines.
    """

    exhibit: Exhibit
    channel: Channel
    values: Mapping[str, Value]
    seed: int
    settings: Mapping[str, Value]
    size: tuple[int, int]
    tokens: Tokens
    ratio: float = 1.0


class View(QWidget):
    """A picture of one channel. See the module docstring.

    Parameters
    ----------
    tokens : Tokens
        The theme to start with; `set_theme` changes it.

    Attributes
    ----------
    kind : str
        The file's name; the objectName is ``view.<kind>``.
    title : str
    accepts : frozenset of str
        Channel kinds this view can show.
    options : tuple of Parameter
        Its settings. Choices that depend on the channel (which variable) are given by
        `options_for`.
    """

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    accepts: ClassVar[frozenset[str]] = frozenset()
    options: ClassVar[tuple[Parameter, ...]] = ()

    edited = Signal(object, str)
    """(mapping of parameter name -> value, label): please change the document."""
    settings_edited = Signal(object, str)
    """(mapping of option name -> value, label): please change my settings."""
    acted = Signal(str, object)
    """(gesture, payload) for the process."""
    opened = Signal(str)
    """Please open the exhibit with this key."""
    stale = Signal()
    """Please compose me again: what is shown was made in a hurry."""
    cursor_moved = Signal(object)
    """The time under the pointer, or None: the linked cursor of other views follows."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"view.{self.kind}")
        self.tokens = tokens
        self.exhibit: Exhibit | None = None
        self.channel: Channel | None = None
        self.settings: dict[str, Value] = {}

    # -- what the window calls -----------------------------------------------------------

    def bind(self, exhibit: Exhibit, channel: Channel, settings: Mapping[str, Value]) -> None:
        """Show `channel` of `exhibit` from now on. Extend to rebuild what depends on it."""
        self.exhibit = exhibit
        self.channel = channel
        self.apply_settings(settings)

    def apply_settings(self, settings: Mapping[str, Value]) -> None:
        """Take new settings (from a menu, undo or a session). Extend to react."""
        options: dict[str, Parameter] = {}
        if self.exhibit is not None and self.channel is not None:
            options = self.options_for(self.exhibit, self.channel)
        self.settings = {
            name: settings.get(name, option.default) for name, option in options.items()
        }

    @classmethod
    def options_for(cls, exhibit: Exhibit, channel: Channel) -> dict[str, Parameter]:
        """The options for this channel, in menu order. Override to offer its variables."""
        return {option.name: option for option in cls.options}

    def set_theme(self, tokens: Tokens) -> None:
        """Take the colours of another theme. Extend to recolour."""
        self.tokens = tokens

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Told of the document's parameter values, for cursors at them."""

    def set_cursor_time(self, time: float | None) -> None:
        """Told where the linked cursor is."""

    def pixel_size(self) -> tuple[int, int]:
        """Size of the drawing area in device pixels."""
        ratio = self.devicePixelRatioF()
        return max(1, int(self.width() * ratio)), max(1, int(self.height() * ratio))

    def empty(self, message: str) -> None:
        """Nothing to draw: say why and what to do next. The last picture is dimmed."""

    def figure_settings(self) -> dict[str, Value]:
        """The settings an exported figure is drawn with. Extend by what the hand changed."""
        return dict(self.settings)

    def reset_view(self) -> None:
        """Back to the automatic range or the default camera."""

    def sizeHint(self) -> QSize:
        return QSize(480, 320)

    # -- what a view writes --------------------------------------------------------------

    @staticmethod
    def compose(data: Data, context: Context) -> Any:
        """Engine thread, at most once a frame: the picture, or None for "no change"."""
        return None

    def composer(self) -> Callable[[Data, Context], Any]:
        """GUI thread, after every `bind`: what composes this view's pictures from now on.

        By default the static `compose`. A view whose composing needs memory between calls
        returns a fresh object with ``__call__(data, context)``; the engine thread alone
        calls it, and it must not reach back into the widget.
        """
        return type(self).compose

    def show_picture(self, picture: Any) -> None:
        """GUI thread: draw what `compose` returned."""

    @staticmethod
    def depends(context: Context) -> Hashable:
        """What `job` depends on; None where there is no job."""
        return None

    @staticmethod
    def job(context: Context) -> Job[Any]:
        """Engine thread: the job, started whenever `depends` changes."""
        raise NotImplementedError

    def show_partial(self, partial: Partial[Any]) -> None:
        """GUI thread: draw a partial or (done == total) the final result of `job`."""
