"""Where a run of an XPPAUT file starts: initial values, and the past of a delayed variable.

In that format ``init x=1`` and ``x(0)=1`` say where a run starts. Where equations have delays,
``x(0)=`` with a formula in ``t`` says what was before and nothing of the start; what was
before is 0 unless the file says otherwise.
"""

from __future__ import annotations

import math
import re

import numpy as np

from engine.equations.words import suggestion
from engine.errors import EquationError
from engine.files.xppaut.draft import Draft
from engine.files.xppaut.evaluation import evaluate


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
    for entry in draft.contents.equations:
        name = draft.scope.names[entry.key]
        if re.search(rf"(?<!\w){re.escape(name)}\(t - ", whole):
            found[name] = "0"
    for past in draft.contents.history:
        name = draft.scope.names.get(past.key, "")
        if name in found:
            found[name] = draft.text(past, f"the past of '{past.name}'")
    return found


def initial(draft: Draft) -> dict[str, float]:
    """Initial values, 0 where none is given; the last one counts."""
    found = {draft.scope.names[entry.key]: 0.0 for entry in draft.contents.equations}
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
        if draft.scope.delays:
            continue  # it says what was before, not where the run starts
        try:
            value = float(np.asarray(evaluate(entry.text, draft.values, draft.bodies)))
        except EquationError as error:
            raise draft.fail(
                f"initial value of '{entry.name}': {error.message}\n{error.picture()}",
                entry.line,
            ) from error
        if not math.isfinite(value):
            raise draft.fail(f"the initial value of '{entry.name}' is not finite", entry.line)
        found[name] = value
    return found
