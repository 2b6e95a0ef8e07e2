r"""Equations as LaTeX lines that matplotlib's mathtext can draw.

Written from the tree, not from an algebra system, so that the terms stand in the order in
which a person wrote them: ``sigma*(y - x)`` becomes ``\sigma \left(y - x\right)``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.equations.nodes import Apply, Call, Name, Node, Number, postorder
from engine.equations.words import CONSTANTS

if TYPE_CHECKING:
    from engine.equations.model import Model

# fmt: off
GREEK = frozenset({
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "iota",
    "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi",
    "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma",
    "Upsilon", "Phi", "Psi", "Omega",
})
_BUILT_IN = frozenset({
    "sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "arcsin", "arccos", "arctan",
    "min", "max",
})
# fmt: on
_NAME = re.compile(r"([A-Za-z]+?)_?([0-9]+)\Z")
_COMPARE = {"<": "<", "<=": r"\leq", ">": ">", ">=": r"\geq", "==": "=", "!=": r"\neq"}
_ROMAN = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}

# Binding strength, loosest first.
_LOGIC, _COMPARISON, _SUM, _SIGN, _PRODUCT, _POWER, _ATOM = range(7)

_Text = tuple[str, int]


def symbol(name: str, symbols: Mapping[str, str] | None = None) -> str:
    r"""LaTeX of a name: ``omega0`` becomes ``\omega_{0}``, ``I_ext`` becomes ``I_{ext}``."""
    if symbols and name in symbols:
        return symbols[name]
    if name == "lam":
        return r"\lambda"
    if name in GREEK:
        return rf"\{name}"
    numbered = _NAME.match(name)
    if numbered:
        return f"{symbol(numbered[1])}_{{{numbered[2]}}}"
    head, _, tail = name.partition("_")
    if tail:
        below = rf"\{tail}" if tail in GREEK else rf"\mathrm{{{tail.replace('_', ' ')}}}"
        return f"{symbol(head)}_{{{below}}}"
    return name if len(name) == 1 else rf"\mathrm{{{name}}}"


def lines(model: Model, kind: str, symbols: Mapping[str, str]) -> tuple[str, ...]:
    """The model as LaTeX: functions, quantities, then an equation a variable.

    Parameters
    ----------
    model : Model
    kind : str
        ``flow`` (a dot over the variable) or ``map`` (an index n).
    symbols : mapping of str to str
        LaTeX of names that do not speak for themselves.
    """
    names = dict(symbols)
    left: dict[str, str] = {}
    for variable in model.variables:
        plain = symbol(variable, symbols)
        if kind == "map":
            base, _, index = plain.partition("_")
            index = index.strip("{}")
            names[variable] = f"{base}_{{{index + ',' if index else ''}n}}"
            left[variable] = f"{base}_{{{index + ',' if index else ''}n+1}}"
        else:
            base, mark, index = plain.partition("_")
            left[variable] = rf"\dot{{{base}}}{mark}{index}"
    written = []
    for name, function in model.function_trees.items():
        arguments = ", ".join(symbol(argument) for argument in function.arguments)
        written.append(f"{symbol(name, symbols)}({arguments}) = {expression(function.body, names)}")
    for name, tree in model.quantity_trees.items():
        written.append(f"{symbol(name, symbols)} = {expression(tree, names)}")
    for rule in sorted(model.rules, key=lambda rule: rule.rows()):
        written.append(f"{left[rule.name]} = {expression(rule.tree, names)}")
    return tuple(written)


def expression(tree: Node, symbols: Mapping[str, str] | None = None) -> str:
    """A tree as LaTeX."""
    done: list[_Text] = []
    for node in postorder(tree):
        match node:
            case Number(value):
                done.append(_number(value))
            case Name(name):
                constant = name in CONSTANTS and not (symbols and name in symbols)
                done.append((r"\pi" if constant and name == "pi" else symbol(name, symbols), _ATOM))
            case Call(function, arguments):
                given = _take(done, len(arguments))
                inner = ", ".join(part[0] for part in given)
                done.append((rf"{symbol(function, symbols)}\left({inner}\right)", _ATOM))
            case Apply(operation, arguments):
                done.append(_apply(operation, _take(done, len(arguments))))
    return done[0][0]


def _take(done: list[_Text], count: int) -> list[_Text]:
    taken = done[len(done) - count :]
    del done[len(done) - count :]
    return taken


def _number(value: float) -> _Text:
    text = f"{value:.12g}"
    if "e" in text:
        mantissa, power = text.split("e")
        body = rf"10^{{{int(power)}}}"
        return (body if mantissa == "1" else rf"{mantissa} \cdot {body}", _PRODUCT)
    return text, _ATOM


def _in(part: _Text, least: int) -> str:
    return part[0] if part[1] >= least else rf"\left({part[0]}\right)"


def _product(left: _Text, right: _Text) -> _Text:
    # -a*x is read as (-a)*x; a sign in front needs no brackets, one inside does.
    first, second = _in(left, _SIGN), _in(right, _PRODUCT)
    # Two numbers side by side would read as one.
    between = r" \cdot " if second[:1].isdigit() or second.startswith(r"10^") else r" \, "
    if second.startswith(r"\left("):
        between = " "
    return f"{first}{between}{second}", _SIGN if left[1] == _SIGN else _PRODUCT


def _apply(operation: str, given: list[_Text]) -> _Text:
    match operation:
        case "+":
            return f"{_in(given[0], _SUM)} + {_in(given[1], _PRODUCT)}", _SUM
        case "-":
            return f"{_in(given[0], _SUM)} - {_in(given[1], _PRODUCT)}", _SUM
        case "*":
            return _product(*given)
        case "/":
            return rf"\frac{{{given[0][0]}}}{{{given[1][0]}}}", _POWER
        case "^":
            if given[1][0] == "0.5":
                return rf"\sqrt{{{given[0][0]}}}", _ATOM
            return f"{_in(given[0], _ATOM)}^{{{given[1][0]}}}", _POWER
        case "negate":
            return f"-{_in(given[0], _PRODUCT)}", _SIGN
        case "and" | "or":
            word = rf" \;\mathrm{{{operation}}}\; "
            return word.join(_in(part, _COMPARISON) for part in given), _LOGIC
        case "not":
            return rf"\mathrm{{not}}\; {_in(given[0], _ATOM)}", _LOGIC
        case "where":
            test, yes, no = given
            return (
                rf"\left[ {yes[0]} \;\mathrm{{if}}\; {test[0]} \;\mathrm{{else}}\; {no[0]}"
                r" \right]",
                _ATOM,
            )
        case "abs":
            return rf"\left| {given[0][0]} \right|", _ATOM
        case "sqrt":
            return rf"\sqrt{{{given[0][0]}}}", _ATOM
        case "mod":
            return rf"{_in(given[0], _PRODUCT)} \;\mathrm{{mod}}\; {_in(given[1], _POWER)}", _SUM
        case "floor":
            return rf"\lfloor {given[0][0]} \rfloor", _ATOM
        case "ceil":
            return rf"\lceil {given[0][0]} \rceil", _ATOM
        case "exp":
            return rf"e^{{{given[0][0]}}}", _POWER
        case "heaviside":
            return rf"H\left({given[0][0]}\right)", _ATOM
    if operation in _COMPARE:
        return (f"{_in(given[0], _SUM)} {_COMPARE[operation]} {_in(given[1], _SUM)}", _COMPARISON)
    name = _ROMAN.get(operation, operation)
    name = rf"\{name}" if name in _BUILT_IN else rf"\mathrm{{{name}}}"
    inner = ", ".join(part[0] for part in given)
    return rf"{name}\left({inner}\right)", _ATOM
