"""Where a run of an XPPAUT file starts: initial values, and the past of a delayed variable.

In that format ``init x=1`` and ``x(0)=1`` say where a run starts. Where equations have delays,
``x(0)=`` also says what was before, and with a formula nothing of the start; what was before
is 0 unless the file says so. For a range of variables ``x[1..9](0)=`` is about the start only.
"""

from __future__ import annotations

import math
import re

import numpy as np

from engine.equations.words import suggestion
from engine.errors import EquationError
from engine.files.xppaut.draft import Draft
from engine.files.xppaut.evaluation import evaluate
from engine.files.xppaut.families import steps


def history(draft: Draft, texts: list[str]) -> dict[str, str]:
    """What delayed variables were before the start.

    Parameters
    ----------
    draft : Draft
    texts : list of str
        All texts of the system that may hold delayed terms.
    """
    if not draft.scope.delays:
        return {}
    whole = "\n".join(texts)
    found = {}
    families = draft.scope.folding.plan.variables if draft.scope.folding is not None else {}
    for group in families.values():
        if re.search(rf"(?<!\w){re.escape(group.name)}\[[^\]]*\]\(t - ", whole):
            found[f"{group.name}[{draft.index}]"] = "0"
    for entry in draft.contents.equations:
        name = draft.scope.names[entry.key]
        if re.search(rf"(?<!\w){re.escape(name)}\(t - ", whole):
            found.setdefault(_head(draft, entry.key), "0")
    for past in draft.contents.history:
        head = _head(draft, past.key)
        if past.key in draft.scope.variables and (head in found or _general(draft, head) in found):
            found[head] = draft.text(past, f"the past of '{past.name}'")
    return found


def _head(draft: Draft, key: str) -> str:
    """What a variable is called at the left of a text."""
    home = draft.scope.folding.plan.home(key) if draft.scope.folding is not None else None
    if home is None or draft.scope.folding is None:
        return draft.scope.names.get(key, "")
    return f"{draft.scope.folding.name(home[0])}[{home[1]}]"


def _general(draft: Draft, head: str) -> str:
    return f"{head.partition('[')[0]}[{draft.index}]"


def initial(draft: Draft) -> dict[str, float | str]:
    """Initial values, 0 where none is given; the last one counts. A family has one text."""
    found = _values(draft)
    folding = draft.scope.folding
    if folding is None:
        return dict(found)
    folded: dict[str, float | str] = {}
    for entry in draft.contents.equations:
        home = folding.plan.home(entry.key)
        if home is None:
            folded[draft.scope.names[entry.key]] = found[draft.scope.names[entry.key]]
        elif home[1] == 0:
            name, size = folding.name(home[0]), folding.size(home[0])
            values = [found[f"{name}{place}"] for place in range(size)]
            folded[f"{name}[{size}]"] = steps(values, "i")
    return folded


def _values(draft: Draft) -> dict[str, float]:
    found = {draft.scope.names[entry.key]: 0.0 for entry in draft.contents.equations}
    values = {**draft.values, "t": draft.options.number("t0")}
    for entry in draft.contents.initial:
        if entry.key not in draft.scope.variables:
            raise draft.fail(
                f"there is an initial value for '{entry.name}', which is no variable"
                + suggestion(entry.key, draft.scope.variables),
                entry.line,
            )
        name = draft.scope.names[entry.key]
        try:
            found[name] = float(entry.text)
            continue
        except ValueError:
            pass
        if draft.scope.delays and not entry.line.ranged:
            continue  # it says what was before, not where the run starts
        try:
            value = float(np.asarray(evaluate(entry.text, values, draft.bodies)))
        except EquationError as error:
            raise draft.fail(
                f"initial value of '{entry.name}': {error.message}\n{error.picture()}",
                entry.line,
            ) from error
        if not math.isfinite(value):
            raise draft.fail(f"the initial value of '{entry.name}' is not finite", entry.line)
        found[name] = value
    return found
