"""The document: what is open, its parameter values, its views. One place, no Qt.

Everything a session file holds and undo brings back is here as plain data under paths such as
``("values", "rho")`` or ``("views", "attractor", "settings", "width")``. Panels never change
each other: they edit the document, and follow its signal.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from psygnal import Signal

from app.history import ABSENT, Edit, History, Path
from engine.errors import ParameterError, UnknownKeyError
from engine.exhibit import Exhibit, Value, ViewSpec

UNSAVED_KEPT = 64
"""Versions of unsaved systems that are kept read; older ones are read again by undo."""


class Document:
    """The open exhibit and how it is looked at.

    Parameters
    ----------
    exhibits : mapping of str to Exhibit
        What can be opened.

    Attributes
    ----------
    changed : psygnal.Signal
        Emits the set of paths that changed, once per edit, undo or redo.
    history : History
    """

    changed = Signal(frozenset)

    def __init__(self, exhibits: Mapping[str, Exhibit]) -> None:
        self._exhibits = exhibits
        self._tree: dict[str, Any] = {
            "exhibit": "",
            "system": "",
            "typed": "",
            "values": {},
            "seed": 0,
            "speed": 1.0,
            "views": {},
            "notes": "",
        }
        self._opened: dict[str, Exhibit] = {}
        self._unsaved: dict[tuple[str, str], Exhibit] = {}
        self.history = History()
        self.modified = False

    # -- reading ---------------------------------------------------------------------------

    @property
    def key(self) -> str:
        """Key of the open exhibit; empty before the first `open`."""
        return str(self._tree["exhibit"])

    @property
    def exhibit(self) -> Exhibit | None:
        """The open exhibit, as it was when it was opened.

        A person's own system may be edited, broken or removed on the disk meanwhile: what is
        open, and what undo goes back to, does not change under the hand.
        """
        return self._whole().sized(self.values) if self.key else None

    @property
    def system(self) -> str:
        """The open system as TOML where it is not saved; empty for an exhibit of the catalogue."""
        return str(self._tree["system"])

    @property
    def typed(self) -> str:
        """The text an unsaved system was typed as."""
        return str(self._tree["typed"])

    def _whole(self) -> Exhibit:
        """The open exhibit at the sizes it opens with."""
        if not self.system:
            return self._opened[self.key]
        found = self._unsaved.get((self.key, self.system))
        if found is None:
            found = self._hold(unsaved(self.key, self.system), self.system)
        return found

    def _hold(self, exhibit: Exhibit, text: str) -> Exhibit:
        while len(self._unsaved) >= UNSAVED_KEPT:
            del self._unsaved[next(iter(self._unsaved))]
        self._unsaved[exhibit.key, text] = exhibit
        return exhibit

    @property
    def values(self) -> Mapping[str, Value]:
        """Every parameter's value."""
        values: Mapping[str, Value] = self._tree["values"]
        return values

    @property
    def seed(self) -> int:
        """Seed of the run."""
        return int(self._tree["seed"])

    @property
    def speed(self) -> float:
        """Units of the exhibit's clock a second."""
        return float(self._tree["speed"])

    @property
    def views(self) -> Mapping[str, Mapping[str, Any]]:
        """View id -> {kind, channel, area, tab, settings}, in order."""
        views: Mapping[str, Mapping[str, Any]] = self._tree["views"]
        return views

    @property
    def notes(self) -> str:
        """The person's own words."""
        return str(self._tree["notes"])

    def get(self, path: Path) -> Any:
        """What stands at `path`; `ABSENT` where nothing does."""
        node: Any = self._tree
        for part in path:
            if not isinstance(node, Mapping) or part not in node:
                return ABSENT
            node = node[part]
        return node

    # -- editing ---------------------------------------------------------------------------

    def set(self, changes: Mapping[str, Value], label: str = "", merge: str = "") -> None:
        """Change parameter values, checked.

        Parameters
        ----------
        changes : mapping
            Parameter name -> value.
        label : str
            For the undo menu; made from the names where empty.
        merge : str
            Edits with the same word are one undo step until ``history.seal``.

        Raises
        ------
        ParameterError
            If a name is unknown or a value cannot be used; nothing is changed then.
        """
        exhibit = self.exhibit
        if exhibit is None:
            raise ParameterError("no exhibit is open, so there is no parameter to change")
        exhibit, changes = self._sized(exhibit, changes)
        checked: dict[Path, Any] = {}
        for name, value in changes.items():
            if name not in exhibit.parameters:
                raise ParameterError(
                    f"'{exhibit.key}' has no parameter '{name}'; it has "
                    f"{', '.join(exhibit.parameters)}"
                )
            checked["values", name] = exhibit.parameters[name].check(value, exhibit.key)
        label = label or f"Change {', '.join(changes)}"
        if exhibit is not self.exhibit:
            # Another number of variables: some values go, others come.
            kept = {name: v for name, v in self.values.items() if name in exhibit.parameters}
            given = {path[1]: value for path, value in checked.items()}
            checked = {("values",): exhibit.checked(kept | given)}
        self.edit(checked, label, merge)

    def _sized(
        self, exhibit: Exhibit, changes: Mapping[str, Value]
    ) -> tuple[Exhibit, Mapping[str, Value]]:
        """The exhibit at the sizes that `changes` ask for, and the changes it knows."""
        sizes = {
            name: row.check(changes[name], exhibit.key)
            for name, row in exhibit.parameters.items()
            if row.size and name in changes
        }
        if not sizes:
            return exhibit, changes
        other = self._whole().sized({**self.values, **sizes})
        if other is exhibit:
            return exhibit, changes
        kept = {
            name: value
            for name, value in changes.items()
            if name in other.parameters or not name.startswith("initial.")
        }
        return other, kept

    def edit(self, changes: Mapping[Path, Any], label: str, merge: str = "") -> None:
        """Put plain data at paths, as one undoable step; `ABSENT` removes."""
        before = {path: copy.deepcopy(self.get(path)) for path in changes}
        after = {path: copy.deepcopy(value) for path, value in changes.items()}
        if all(before[path] == after[path] for path in changes):
            return
        self.history.push(Edit(label, before, after, merge))
        self._apply(after)

    def open(self, key: str) -> None:
        """Open an exhibit at its defaults, with the views it suggests; undoable.

        Raises
        ------
        UnknownKeyError
            If there is no such exhibit.
        """
        if key not in self._exhibits:
            raise UnknownKeyError(f"there is no exhibit '{key}'; the list is in the catalogue")
        exhibit = self._opened[key] = self._exhibits[key]
        self.edit(
            {
                ("exhibit",): key,
                ("system",): "",
                ("typed",): "",
                ("values",): exhibit.checked({}),
                ("views",): suggested_views(exhibit.views),
                ("speed",): exhibit.pace.default,
                ("seed",): 0,
            },
            f"Open {exhibit.title}",
        )

    def revise(self, exhibit: Exhibit, text: str, typed: str) -> None:
        """Put an unsaved system in the place of what is open: equations are being edited.

        One undoable step until ``history.seal``. A value that was changed by hand stays, unless
        its default was typed anew; the views stay while the variables do.

        Parameters
        ----------
        exhibit : Exhibit
        text : str
            Its system as TOML.
        typed : str
            The text it was typed as.
        """
        before = self.exhibit
        self._hold(exhibit, text)
        kept = {}
        for name, row in exhibit.parameters.items():
            old = before.parameters.get(name) if before else None
            if old is not None and old.default == row.default and name in self.values:
                kept[name] = self.values[name]
        changes: dict[Path, Any] = {
            ("exhibit",): exhibit.key,
            ("system",): text,
            ("typed",): typed,
            ("values",): _checked(exhibit, kept),
        }
        changes = {path: value for path, value in changes.items() if self.get(path) != value}
        if before is None or _shape(before) != _shape(exhibit) or self._lost(before, exhibit):
            # Whoever shows them sees by this path that all views are others now.
            changes["views",] = suggested_views(exhibit.views)
            changes["speed",] = exhibit.pace.default
        self.edit(changes, "Edit equations", "equations")

    def _lost(self, before: Exhibit, after: Exhibit) -> bool:
        """Whether a view is set to a parameter that is no more."""
        gone = set(before.parameters) - set(after.parameters)
        return any(
            isinstance(value, str) and value in gone
            for view in self.views.values()
            for value in view["settings"].values()
        )

    def adopt(self, key: str) -> None:
        """What was unsaved is now the exhibit `key`: open it as it stands, undoable.

        Raises
        ------
        UnknownKeyError
            If there is no such exhibit.
        """
        exhibit = self._opened[key] = self._exhibits[key]
        kept = {name: value for name, value in self.values.items() if name in exhibit.parameters}
        self.edit(
            {
                ("exhibit",): key,
                ("system",): "",
                ("typed",): "",
                ("values",): _checked(exhibit, kept),
            },
            f"Save {exhibit.title}",
        )

    def load(self, tree: Mapping[str, Any]) -> None:
        """Replace everything (a session file); not undoable, and not yet a modification."""
        key, text = str(tree["exhibit"]), str(tree.get("system", ""))
        whole = unsaved(key, text) if text else self._exhibits[key]
        exhibit = whole.sized(tree.get("values", {}))
        after: dict[Path, Any] = {
            ("exhibit",): exhibit.key,
            ("system",): text,
            ("typed",): str(tree.get("typed", "")),
            ("values",): exhibit.checked(tree.get("values", {})),
            ("views",): copy.deepcopy(dict(tree.get("views") or suggested_views(exhibit.views))),
            ("speed",): float(tree.get("speed", exhibit.pace.default)),
            ("seed",): int(tree.get("seed", 0)),
            ("notes",): str(tree.get("notes", "")),
        }
        if text:
            self._hold(whole, text)
        else:
            self._opened[exhibit.key] = whole
        self.history.clear()
        self._apply(after)
        self.modified = False

    def tree(self) -> dict[str, Any]:
        """Everything, as plain data of its own."""
        return copy.deepcopy(self._tree)

    def undo(self) -> str:
        """Take the last step back; its label, or an empty string."""
        edit = self.history.undo()
        if edit is not None:
            self._apply(edit.before)
        return edit.label if edit else ""

    def redo(self) -> str:
        """Make the last undone step again; its label, or an empty string."""
        edit = self.history.redo()
        if edit is not None:
            self._apply(edit.after)
        return edit.label if edit else ""

    def _apply(self, changes: Mapping[Path, Any]) -> None:
        for path, value in changes.items():
            node = self._tree
            for part in path[:-1]:
                node = node.setdefault(part, {})
            if value is ABSENT:
                node.pop(path[-1], None)
            else:
                node[path[-1]] = copy.deepcopy(value)
        self.modified = True
        self.changed.emit(frozenset(changes))


def unsaved(key: str, text: str) -> Exhibit:
    """A system that is in no catalogue as an exhibit, from the text of its file.

    Raises
    ------
    FileFormatError
        If the text is no system.
    """
    from engine.exhibits.system import SystemExhibit
    from engine.systems.files import from_text

    return SystemExhibit(from_text(text, key))


def _checked(exhibit: Exhibit, values: Mapping[str, Value]) -> dict[str, Value]:
    """All values of an exhibit; one that cannot be used any more goes back to its default."""
    kept = {}
    for name, value in values.items():
        try:
            kept[name] = exhibit.parameters[name].check(value, exhibit.key)
        except ParameterError:
            continue
    return exhibit.sized(kept).checked(kept)


def _shape(exhibit: Exhibit) -> object:
    """What views rely on: where it differs, others are needed."""
    kinds = exhibit.kind, [view.kind for view in exhibit.views]
    return kinds, [(channel.name, channel.names) for channel in exhibit.channels.values()]


def suggested_views(specs: tuple[ViewSpec, ...]) -> dict[str, dict[str, Any]]:
    """The views an exhibit suggests, as the document keeps them: id -> plain data."""
    views: dict[str, dict[str, Any]] = {}
    for spec in specs:
        views[new_view_id(spec.kind, views)] = {
            "kind": spec.kind,
            "channel": spec.channel,
            "area": spec.area,
            "tab": spec.tab,
            "settings": dict(spec.settings),
        }
    return views


def new_view_id(kind: str, taken: Mapping[str, Any]) -> str:
    """An id no other view has: the kind, then the kind and a number."""
    number = 1
    name = kind
    while name in taken:
        number += 1
        name = f"{kind}-{number}"
    return name
