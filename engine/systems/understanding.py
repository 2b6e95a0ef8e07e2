"""What can be told of typed equations at once: errors first, then what kind of system it is.

A job for the thread that computes, so that typing never waits: the first partial result says
whether the text can be run, the last one adds formulas, Jacobian and divergence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.equations.structure import Structure, structure
from engine.errors import PhasescopeError
from engine.job import Job, Partial
from engine.systems.system import System
from engine.systems.typed import Problem, Typed, read

LARGEST = 24
"""Variables up to which Jacobian and divergence are worked out."""
LONGEST_LINE = 1_200
"""Characters of a formula that is typeset; a longer one would keep the drawing busy for long."""
MOST_LINES = 40
"""Formulas that are typeset; nobody reads more in a panel."""


@dataclass(frozen=True)
class Understood:
    """What is known about a text.

    Attributes
    ----------
    text : str
    typed : Typed
    latex : tuple of str
        Empty until it is worked out.
    structure : Structure or None
        None where there is an error, and for more than `LARGEST` variables.
    """

    text: str
    typed: Typed
    latex: tuple[str, ...] = ()
    structure: Structure | None = None

    @property
    def system(self) -> System | None:
        """The system, where the text has no error."""
        return self.typed.system

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with it."""
        return self.typed.problems


def understand(text: str, key: str, base: System | None = None) -> Job[Understood]:
    """Read a typed text and look at it.

    Parameters
    ----------
    text, key, base
        As `engine.systems.typed.read` takes them.

    Yields
    ------
    Partial of Understood
        With the system or the problems only.

    Returns
    -------
    Understood
    """
    found = Understood(text, read(text, key, base))
    yield Partial(found, 0.5, 1.0)
    system = found.system
    if system is None:
        return found
    try:
        found = replace(found, latex=tuple(map(_short, system.latex()[:MOST_LINES])))
        if system.dimension <= LARGEST and not system.model.loops:
            known = structure(system.model, system.values(), system.kind)
            found = replace(found, structure=known)
    except PhasescopeError:
        # What cannot be shown does not keep a system from running.
        return found
    return found


def _short(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else rf"{line.partition('=')[0]}= \ldots"


def sentence(system: System) -> str:
    """``flow, 3 variables, 2 parameters``."""
    kinds = {"sde": "flow with noise", "dde": "flow with delays"}
    words = [kinds.get(system.kind, system.kind), _count(system.dimension, "variable")]
    words += [_count(len(system.parameters), "parameter")] if system.parameters else []
    words += [_count(len(system.events), "event")] if system.events else []
    return ", ".join(words)


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
