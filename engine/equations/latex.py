r"""Equations as LaTeX lines that matplotlib's mathtext can draw.

Written from the tree, not from an algebra system, so that the terms stand in the order in
which a person wrote them: ``sigma*(y - x)`` becomes ``\sigma \left(y - x\right)``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from engine.equations.nodes import (
    Apply,
    Call,
    Delayed,
    Index,
    Name,
    Node,
    Number,
    Sum,
    Total,
    postorder,
)
from engine.equations.words import CONSTANTS

if TYPE_CHECKING:
    from engine.equations.heads import Rule
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
_LOGIC, _COMPARISON, _SUM, _SERIES, _SIGN, _PRODUCT, _POWER, _ATOM = range(8)

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
    """The model as LaTeX: functions, quantities, equations, then history and events.

    Parameters
    ----------
    model : Model
    kind : str
        ``map`` for an index n, anything else for a dot over the variable.
    symbols : mapping of str to str
        LaTeX of names that do not speak for themselves.
    """
    writer = _Lines(model, kind, symbols)
    return tuple(
        text.replace(r" \, \xi", r" \circ \xi") if model.interpretation != "ito" else text
        for text in writer.written()
    )


class _Lines:
    """Writes the lines of one model."""

    def __init__(self, model: Model, kind: str, symbols: Mapping[str, str]) -> None:
        self.model = model
        self.map = kind == "map"
        self.symbols = symbols
        self.names = dict(symbols)
        self.stepped: Collection[str] = model.families if self.map else ()
        if self.map:
            self.names |= {
                name: _below(symbol(name, symbols), "n")
                for name in model.variables
                if name not in symbols or "_" not in symbols[name]
            }
        for name in (*model.noise, *model.noise_families):
            alone = len(model.noise) == 1
            plain = re.sub(r"_\{([^{}]*)\}|_", r"\1", symbol(name, symbols))
            self.names[name] = symbols.get(name, r"\xi" if alone else rf"\xi_{{{plain}}}")

    def written(self) -> Iterator[str]:
        model = self.model
        for name, function in model.function_trees.items():
            arguments = ", ".join(symbol(argument) for argument in function.arguments)
            # An argument hides a variable, which would bear an index n.
            names = {n: text for n, text in self.names.items() if n not in function.arguments}
            body = expression(function.body, names, self.stepped)
            yield f"{symbol(name, self.symbols)}({arguments}) = {body}"
        for name, tree in model.quantity_trees.items():
            index, _ = model.quantity_places[name]
            left = symbol(name, self.symbols)
            yield f"{_below(left, symbol(index)) if index else left} = {self.text(tree)}"
        for rule in _ordered(model.rules):
            yield f"{self.left(rule)} = {self.text(rule.tree)}"
        for rule in _ordered(model.history_rules):
            left = _place(rule, self.symbols)
            yield rf"{left}\left(t\right) = {self.text(rule.tree)} \quad \left(t \leq 0\right)"
        for event, tree, rules in zip(
            model.events, model.event_trees, model.event_rules, strict=True
        ):
            arrow = {"up": r" \uparrow", "down": r" \downarrow"}.get(event.direction, "")
            changes = [
                rf"{_place(rule, self.symbols)} \mapsto {self.text(rule.tree)}"
                for rule in _ordered(rules)
            ]
            then = r", \; ".join([*changes, *([r"\mathrm{stop}"] if event.terminal else [])])
            yield rf"{self.text(tree)} = 0{arrow} : \quad {then}"

    def text(self, tree: Node) -> str:
        return expression(tree, self.names, self.stepped)

    def left(self, rule: Rule) -> str:
        """The left side of an equation."""
        plain = _place(rule, self.symbols)
        if self.map:
            return _below(plain, "n+1")
        base, mark, index = plain.partition("_")
        return rf"\dot{{{base}}}{mark}{index}"


def _ordered(rules: Iterable[Rule]) -> list[Rule]:
    """In the order of the variables, the rule of a whole family before those of its places."""
    return sorted(rules, key=lambda rule: (rule.base, not rule.index, rule.segments))


def _place(rule: Rule, symbols: Mapping[str, str]) -> str:
    """The variable that a rule is about."""
    name = symbol(rule.name, symbols)
    if rule.index:
        return _below(name, symbol(rule.index))
    return name if "[" not in rule.head else _below(name, str(rule.segments[0][0]))


def _below(name: str, index: str) -> str:
    """A name with one more index."""
    base, _, there = name.partition("_")
    there = there.removeprefix("{").removesuffix("}")
    return f"{base}_{{{there + ',' if there else ''}{index}}}"


def expression(
    tree: Node, symbols: Mapping[str, str] | None = None, stepped: Collection[str] = ()
) -> str:
    """A tree as LaTeX; the families `stepped` bear an index n as well."""
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
            case Index(name, arguments):
                given = _take(done, len(arguments))
                places = [part[0].replace(" ", "") for part in given]
                close = "" if all(len(place) == 1 for place in places) else ","
                places += ["n"] if name in stepped else []
                close = "," if name in stepped else close
                done.append((_below(symbol(name, symbols), close.join(places)), _ATOM))
            case Sum(index):
                first, last, term = _take(done, 3)
                ends = f"_{{{symbol(index)}={first[0]}}}^{{{last[0]}}}".replace(" ", "")
                done.append((rf"\sum{ends} {_in(term, _PRODUCT)}", _SERIES))
            case Total(kind, name):
                done.append(_total(kind, symbol(name, symbols), name in stepped))
            case Delayed():
                variable, time = _take(done, 2)
                done.append((rf"{variable[0]}\left({time[0]}\right)", _ATOM))
    return done[0][0]


def _total(kind: str, name: str, stepped: bool) -> _Text:
    if kind == "mean":
        return rf"\langle {_below(name, 'n') if stepped else name} \rangle", _ATOM
    return rf"\sum_{{k}} {_below(name, 'k,n' if stepped else 'k')}", _SERIES


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


def _last(part: _Text) -> str:
    """The last operand of a term: a sum over an index needs no brackets there."""
    return part[0] if part[1] == _SERIES else _in(part, _PRODUCT)


def _product(left: _Text, right: _Text) -> _Text:
    # -a*x is read as (-a)*x; a sign in front needs no brackets, one inside does.
    first, second = _in(left, _SIGN), _last(right)
    # Two numbers side by side would read as one.
    between = r" \cdot " if second[:1].isdigit() or second.startswith(r"10^") else r" \, "
    if second.startswith(r"\left("):
        between = " "
    if right[1] == _SERIES:
        return f"{first}{between}{second}", _SERIES
    return f"{first}{between}{second}", _SIGN if left[1] == _SIGN else _PRODUCT


def _apply(operation: str, given: list[_Text]) -> _Text:
    match operation:
        case "+":
            return f"{_in(given[0], _SUM)} + {_last(given[1])}", _SUM
        case "-":
            return f"{_in(given[0], _SUM)} - {_last(given[1])}", _SUM
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
