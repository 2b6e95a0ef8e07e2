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
            "values": {},
            "seed": 0,
            "speed": 1.0,
            "views": {},
            "notes": "",
        }
        self._opened: dict[str, Exhibit] = {}
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
        return self._opened[self.key].sized(self.values) if self.key else None

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
        other = self._opened[self.key].sized({**self.values, **sizes})
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
                ("values",): exhibit.checked({}),
                ("views",): suggested_views(exhibit.views),
                ("speed",): exhibit.pace.default,
                ("seed",): 0,
            },
            f"Open {exhibit.title}",
        )

    def load(self, tree: Mapping[str, Any]) -> None:
        """Replace everything (a session file); not undoable, and not yet a modification."""
        whole = self._exhibits[str(tree["exhibit"])]
        exhibit = whole.sized(tree.get("values", {}))
        after: dict[Path, Any] = {
            ("exhibit",): exhibit.key,
            ("values",): exhibit.checked(tree.get("values", {})),
            ("views",): copy.deepcopy(dict(tree.get("views") or suggested_views(exhibit.views))),
            ("speed",): float(tree.get("speed", exhibit.pace.default)),
            ("seed",): int(tree.get("seed", 0)),
            ("notes",): str(tree.get("notes", "")),
        }
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
