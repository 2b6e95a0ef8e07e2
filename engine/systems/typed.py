"""Equations as a person types them: text to `System`, every error with its place.

The notation, one statement a line; ``#`` begins a remark, an indented line goes on with the
one above::

    title: Lorenz                      # what it is called
    x' = sigma*(y - x)                 # a flow; a map is written x(n+1) = r*x*(1 - x)
    q := x^2 + y^2                     # a quantity; r[i < N] := sin(x[i]) for every place
    f(u) = u^3                         # a function
    sigma = 10 in 0..30, log           # a parameter: value, range, log or integer; help after #
    x(0) = 1                           # where a variable starts, 0.1 where nothing is said
    x[0..N-1](0) = 8 + 0.01*(i == 0)   # a family x0, x1, ...; then x[i]' = ..., x[0]' = ...
    edges: x hold                      # wrap, zero, hold or reflect past its ends
    noise: w, u[N]                     # white noises; interpretation: stratonovich
    x' = -x(t - tau)                   # a delay; x(t <= 0) = cos(t) says what was before
    when v - 30 up: v = c, u = u + d   # an event; up, down or both; stop ends the run
    array K[N, N] = r/N with normal seed 1     # or array K = [[0, 1], [1, 0]]
    table f(0..1) = [0, 0.3, 1]        # a function given by numbers
    run: method rk4, step 0.01, length 40000   # also transient, bound, speed
    axes: x, z

`read` makes the document of a system file of it and hands that to ``engine.systems.files``,
so that every rule of the format holds. What the notation does not say (citations, presets,
variants) is taken over from the system it began as. Back to text is
``engine.systems.typed_writing``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from engine.equations.grammar import Delayed, Name, Vocabulary, parse, postorder
from engine.equations.words import suggestion
from engine.errors import EquationError, FileFormatError, ParameterError, UnknownKeyError
from engine.systems.system import System
from engine.systems.typed_document import Draft, Problem
from engine.systems.typed_lines import MOST_CHARACTERS, Piece, cut
from engine.systems.typed_statements import draft

__all__ = ["Problem", "Typed", "read"]

_STRANGER = re.compile(r"unknown name '([^\W\d]\w*)'")
_MOST_STRANGERS = 20
_MOST_PROBLEMS = 100
_LONGEST_MESSAGE = 400
_LONGEST_NAME = 60
_QUOTED = re.compile(r"'([^\W\d]\w*)")


@dataclass(frozen=True)
class Typed:
    """What a typed text says.

    Attributes
    ----------
    system : System or None
        None where there is a problem.
    problems : tuple of Problem
        In the order of the text.
    unknown : tuple of str
        Names that nothing declares and that could be parameters.
    """

    system: System | None
    problems: tuple[Problem, ...]
    unknown: tuple[str, ...] = ()


def read(text: str, key: str = "untitled", base: System | None = None) -> Typed:
    """Read typed equations.

    Parameters
    ----------
    text : str
        At most `MOST_CHARACTERS` characters.
    key : str
        Of the system that is made.
    base : System, optional
        What the text began as; gives what the notation does not say.

    Returns
    -------
    Typed
        Whatever the text is, nothing is raised.
    """
    if len(text) > MOST_CHARACTERS:
        sentence = (
            f"a system may be typed in {MOST_CHARACTERS:,} characters, this has {len(text):,}; "
            "keep long lists of numbers in the TOML file of the system"
        )
        return Typed(None, (Problem(sentence, 0, 1, 1, 1),))
    reading = _Reading(text, draft(cut(text), base))
    try:
        system = reading.system(key)
    except RecursionError:
        reading.add("this is nested too deeply; split it into named quantities", 0, 1)
        system = None
    problems = sorted(reading.problems, key=lambda problem: problem.first)
    return Typed(None if problems else system, tuple(problems), tuple(reading.unknown))


class _Reading:
    """One text being read."""

    def __init__(self, text: str, found: Draft) -> None:
        self.text = text
        self.draft = found
        self.problems: list[Problem] = []
        self.unknown: dict[str, None] = {}
        for message, first, last in found.problems:
            self.add(message, first, last)

    def add(self, message: str, first: int, last: int, unknown: str = "") -> None:
        """A problem at characters `first` up to before `last`."""
        if len(self.problems) == _MOST_PROBLEMS:
            return
        if len(message) > _LONGEST_MESSAGE:
            message = f"{message[: _LONGEST_MESSAGE - 3]}..."
        before = self.text[:first]
        line = before.count("\n") + 1
        column = first - (before.rfind("\n") + 1) + 1
        self.problems.append(Problem(message, first, max(last, first + 1), line, column, unknown))

    def system(self, key: str) -> System | None:
        """The system, or None with problems."""
        if not self.problems or self.draft.variables:
            for label, piece in self.draft.bodies.items():
                if len(self.problems) == _MOST_PROBLEMS:
                    break
                self.check(label, piece)
        if self.problems:
            return None
        from engine.systems.files import check_run, from_document

        try:
            system = from_document(self.draft.document(self.delayed), key, check=False)
        except FileFormatError as error:
            self.refused(error, key)
            return None
        try:
            _ = system.model
            self.check_start(system)
            check_run(system)
        except EquationError as error:
            self.misunderstood(error)
            return None
        except (ParameterError, UnknownKeyError) as error:
            self.refused(FileFormatError(str(error), key, "run.method"), key)
            return None
        return system

    # ------------------------------------------------------------ one text at a time

    def check(self, label: str, piece: Piece) -> None:
        """Read one text by itself, so that every line may have its own error."""
        words = self.draft.vocabulary(label)
        try:
            tree = parse(piece.text, words)
        except EquationError as error:
            strangers = self.strangers(piece, words)
            if not strangers:
                self.add(error.message, *piece.span(error.column - 1))
            for name, at in strangers.items():
                known = [*(words.names or ()), *(words.indexed or ()), *words.indices, "t"]
                if len(name) > _LONGEST_NAME:
                    self.add(f"a name may have {_LONGEST_NAME} letters", *piece.span(at))
                    continue
                self.unknown.setdefault(name)
                message = f"unknown name '{name}'{suggestion(name, known)}"
                self.add(message, *piece.span(at), unknown=name)
            return
        for node in postorder(tree, (Delayed,)):
            if isinstance(node, Delayed):
                self.check_delay(node, piece)

    def check_delay(self, node: Delayed, piece: Piece) -> None:
        """A variable in front of brackets: an earlier time, or a forgotten sign."""
        variable, time = node.arguments
        if any(isinstance(part, Name) and part.name == "t" for part in postorder(time)):
            return
        name = getattr(variable, "name", "it")
        self.add(
            f"'{name}' is not a function; write {name}*(...) for a product, {name}(t - tau) for "
            f"{name} at an earlier time",
            *piece.span(node.at),
        )

    def strangers(self, piece: Piece, words: Vocabulary) -> dict[str, int]:
        """Undeclared names of a text that is sound otherwise, with their places."""
        found: dict[str, int] = {}
        names = dict.fromkeys(words.names or ())
        wider = replace(words, names=names)
        while len(found) < _MOST_STRANGERS:
            try:
                parse(piece.text, wider)
            except EquationError as error:
                stranger = _STRANGER.match(error.message)
                if stranger is None:
                    return {}
                found[stranger[1]] = error.column - 1
                names[stranger[1]] = None
            else:
                break
        return found

    @property
    def delayed(self) -> bool:
        """Whether any text asks for an earlier time."""
        for label, piece in self.draft.bodies.items():
            words = self.draft.vocabulary(label)
            if words.delayed and "(" in piece.text:
                tree = parse(piece.text, words)
                if any(isinstance(n, Delayed) for n in postorder(tree, (Delayed,))):
                    return True
        return False

    # ------------------------------------------------------------ errors find their place

    def refused(self, error: FileFormatError, key: str) -> None:
        """An error of the file format, at the line that its field was made of."""
        field = error.field
        message = str(error).removeprefix(f"{error.path}: ").removeprefix(f"{field}: ")
        if message.startswith(("must", "is ", "cannot", "has ")):
            message = f"{field.rpartition('.')[2]} {message}"
        piece = None
        while piece is None and field:
            piece = self.draft.fields.get(field)
            field = field.rpartition(".")[0] if "." in field else field.rpartition("[")[0]
        if piece is None:
            piece = self.draft.first
        self.add(message, *(piece.span() if piece else (0, 1)))

    def misunderstood(self, error: EquationError) -> None:
        """An error of the equations, at the text it is about."""
        message = error.message
        for label, piece in self.draft.bodies.items():
            if message.startswith(f"{label}: "):
                exact = error.text == piece.text
                span = piece.span(error.column - 1) if exact else piece.span()
                self.add(message.removeprefix(f"{label}: "), *span)
                return
        circle = message.partition("through itself: ")[2].split(" -> ")
        # Which of a circle of definitions is told first is chance; the place is not.
        circle.sort(
            key=lambda name: self.draft.heads[name].at(0) if name in self.draft.heads else 0
        )
        for name in (*filter(None, circle), error.text, *_QUOTED.findall(message)):
            if name in self.draft.heads:
                self.add(message, *self.draft.heads[name].span(0))
                return
        first = self.draft.first
        self.add(message, *(first.span() if first else (0, 1)))

    def check_start(self, system: System) -> None:
        """Refuse what has no value where the system starts."""
        from engine.systems.start import troubles

        for trouble in troubles(system):
            event = f"event {trouble.event + 1}"
            piece = self.draft.bodies.get(
                f"equation of '{trouble.head}'" if trouble.head else event
            )
            self.add(trouble.sentence, *(piece.span() if piece else (0, 1)))
