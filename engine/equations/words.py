"""The words of the language of equations, and how to complain about a word or a place.

Which functions and constants there are and how many arguments they take; what may be used
as a name. What the words mean is elsewhere: ``evaluate`` for numbers, ``graph`` for
derivatives, ``emit`` for kernels, ``latex`` and ``symbolic`` for reading.
"""

from __future__ import annotations

import difflib
import keyword
import math
import unicodedata
from collections.abc import Collection, Mapping

from engine.errors import EquationError

MAXIMUM_LENGTH = 10_000
MAXIMUM_DEPTH = 100
_MOST_COMPARED = 200

# fmt: off
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "where": (3, 3), "heaviside": (1, 2), "sign": (1, 1), "abs": (1, 1),
    "min": (2, 99), "max": (2, 99), "mod": (2, 2), "floor": (1, 1), "ceil": (1, 1),
    "exp": (1, 1), "expm1": (1, 1), "log": (1, 1), "log10": (1, 1), "log2": (1, 1),
    "log1p": (1, 1), "sqrt": (1, 1), "hypot": (2, 2), "erf": (1, 1),
    "sin": (1, 1), "cos": (1, 1), "tan": (1, 1),
    "asin": (1, 1), "acos": (1, 1), "atan": (1, 1), "atan2": (2, 2),
    "sinh": (1, 1), "cosh": (1, 1), "tanh": (1, 1),
    "asinh": (1, 1), "acosh": (1, 1), "atanh": (1, 1),
}
# fmt: on
"""Function -> least and greatest number of arguments."""

ALIASES: Mapping[str, str] = {
    "ln": "log",
    "fabs": "abs",
    "sgn": "sign",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
}
CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e}
SUMS = ("sum", "mean")
"""Words that run over an index: ``sum(j, 0, N - 1, x[j])``, ``sum(x)``, ``mean(x)``."""
RESERVED = frozenset({"t", "pi", "pow", *SUMS, *FUNCTIONS, *ALIASES})
"""Names that nothing else may bear."""


def check_name(name: str, what: str) -> None:
    """Refuse a name that an equation could not use.

    Raises
    ------
    EquationError
        If `name` is no identifier, a reserved word or the name of a function.
    """
    if keyword.iskeyword(name):
        hint = "lam" if name == "lambda" else f"{name}_"
        raise EquationError(
            f"{what} cannot be called '{name}', a reserved word; call it '{hint}'", name
        )
    if name in RESERVED:
        use = {"t": "time", "pi": "a number"}.get(name, "a function of the language")
        raise EquationError(f"{what} cannot be called '{name}', which is {use}", name)
    if not name.isidentifier() or name.startswith("_") or len(name) > 60:
        raise EquationError(
            f"{what} cannot be called {name[:60]!r}; a letter, then up to 59 letters, digits "
            "or underscores are expected",
            name[:60],
        )
    plain = unicodedata.normalize("NFKC", name)
    if plain != name:
        raise EquationError(f"{what} cannot be called '{name}'; write '{plain}'", name)


def suggestion(word: str, known: Collection[str]) -> str:
    """``"; did you mean 'sigma'?"`` or what there is, for the end of a sentence."""
    # A large family has thousands of names that nobody typed.
    known = list(known)[:1000]
    # To compare two names takes 10 microseconds; of many, those that begin alike are looked at.
    near = sorted(known, key=lambda name: -_alike(name, word))
    close = difflib.get_close_matches(word, near[:_MOST_COMPARED], n=2, cutoff=0.6)
    if close:
        return "; did you mean " + " or ".join(f"'{name}'" for name in close) + "?"
    listed = sorted(known)
    more = ", ..." if len(listed) > 12 else ""
    return f"; known are {', '.join(listed[:12])}{more}" if listed else ""


def _alike(first: str, second: str) -> int:
    """How many letters two words begin with together."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(first), len(second)))


def error_at(message: str, text: str, at: int) -> EquationError:
    """An `EquationError` at a place counted in characters from 0."""
    before = text[:at].splitlines() or [""]
    if text[:at].endswith(("\n", "\r")):
        before.append("")
    return EquationError(message, text, len(before), len(before[-1]) + 1)
