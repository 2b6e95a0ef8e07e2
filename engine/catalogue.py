"""The one list of everything that can be opened.

Built-in systems, a person's own systems, the exhibits in ``engine/exhibits/<family>`` and
those of plug-ins stand in one read-only mapping from key to `Exhibit`. Keys are known from
file names, so that listing imports nothing; an exhibit is imported when it is asked for. A
plug-in or a person's own file that cannot be read is logged and left out, and never keeps
the others from opening.

For developers: a plug-in is an installed package with an entry point in the group
``phasescope.exhibits`` that names an `Exhibit` or a `System`.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from engine import CallableModule
from engine.errors import UnknownKeyError
from engine.exhibit import Exhibit

if TYPE_CHECKING:
    from engine.systems.system import System

log = logging.getLogger(__name__)

GROUP = "phasescope.exhibits"
FOLDER = Path(__file__).resolve().parent / "exhibits"


def key_of(stem: str) -> str:
    """The key of an exhibit from the name of its file: ``edge_of_chaos_eca`` is kebab-cased."""
    return stem.replace("_", "-")


def built_in_modules(folder: Path = FOLDER) -> dict[str, str]:
    """Key -> module of every exhibit in a folder of families, found by name alone."""
    return {
        key_of(file.stem): f"engine.exhibits.{file.parent.name}.{file.stem}"
        for file in sorted(folder.glob("*/*.py"))
        if not file.stem.startswith("_")
    }


def plug_ins(points: Any = None) -> dict[str, Exhibit]:
    """The exhibits of installed plug-ins by key; one that fails is logged and left out."""
    from engine.systems.system import System

    found: dict[str, Exhibit] = {}
    for point in entry_points(group=GROUP) if points is None else points:
        # A plug-in is somebody else's code: whatever it raises, the catalogue must open.
        try:
            loaded = point.load()
            exhibit = _wrapped(loaded) if isinstance(loaded, System) else loaded
            if not isinstance(exhibit, Exhibit):
                raise TypeError(f"expected an Exhibit or a System, got {type(exhibit).__name__}")
            found[exhibit.key] = exhibit
        except Exception as error:
            log.warning(
                "the plug-in '%s' was left out: %s: %s", point.name, type(error).__name__, error
            )
    return found


def _wrapped(system: System) -> Exhibit:
    from engine.exhibits.system import SystemExhibit

    return SystemExhibit(system)


@final
class Catalogue(Mapping[str, Exhibit]):
    """See the module docstring.

    Parameters
    ----------
    systems : mapping of str to System
        Built in and a person's own; each is wrapped when it is asked for.
    modules : mapping of str to str
        Key -> module with an ``EXHIBIT``.
    others : mapping of str to Exhibit
        Those that are loaded already. A built-in key is never replaced by one of these.
    unreadable : collection of str
        Systems that are not listed; asking for one raises what is wrong with its file.
    """

    def __init__(
        self,
        systems: Mapping[str, System],
        modules: Mapping[str, str],
        others: Mapping[str, Exhibit],
        unreadable: Collection[str] = (),
    ) -> None:
        self._systems = systems
        self._unreadable = frozenset(unreadable)
        self._modules = modules
        self._others = others
        self._loaded: dict[str, Exhibit] = {}

    def __getitem__(self, key: str) -> Exhibit:
        if key in self._modules:
            if key not in self._loaded:
                self._loaded[key] = import_module(self._modules[key]).EXHIBIT
            return self._loaded[key]
        if key in self._systems or key in self._unreadable:
            system = self._systems[key]
            wrapped = self._loaded.get(key)
            # A person's own system may have been edited since it was wrapped.
            if wrapped is None or wrapped.system is not system:
                wrapped = self._loaded[key] = _wrapped(system)
            return wrapped
        if key in self._others:
            return self._others[key]
        close = get_close_matches(str(key), list(self), n=1)
        meant = f" Did you mean '{close[0]}'?" if close else " 'list' shows what there is."
        raise UnknownKeyError(f"there is no exhibit '{key}'.{meant}")

    def __iter__(self) -> Iterator[str]:
        seen = dict.fromkeys((*self._systems, *self._modules, *self._others))
        return (key for key in seen if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, key: object) -> bool:
        listed = key in self._systems and key not in self._unreadable
        return listed or key in self._modules or key in self._others


@cache
def catalogue() -> Mapping[str, Exhibit]:
    """Everything that can be opened, by key.

    Returns
    -------
    mapping of str to Exhibit
        Raises `UnknownKeyError`, with the nearest key there is, for a key it has not.
    """
    from engine.systems import systems

    return Catalogue(systems(), built_in_modules(), plug_ins(), systems().refused)


# Whoever imports this module binds it to ``engine.catalogue``, which people call.
sys.modules[__name__].__class__ = CallableModule
