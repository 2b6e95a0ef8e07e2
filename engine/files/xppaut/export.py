"""A system as the text of an XPPAUT file.

Families, sums and arrays are written out; names are cut to what the program reads and kept
apart from its words; long sums are broken over temporary variables. What has no place in the
format (a Stratonovich noise, tables of thousands of points) is refused with the reason. The
text read again gives the same right-hand sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.equations.heads import Rule
from engine.equations.nodes import (
    Delayed,
    Index,
    Node,
    Number,
    Sum,
    Total,
    postorder,
)
from engine.equations.parts import Event
from engine.errors import EquationError, FileFormatError
from engine.files.xppaut.expressions import WORDS
from engine.files.xppaut.formulas import MAXIMUM_BODY, MAXIMUM_LENGTH, Formulas
from engine.files.xppaut.pieces import (
    bracketed,
    is_argument,
    made_of,
    numeral,
    pieces,
    used_names,
)

if TYPE_CHECKING:
    from engine.systems.system import System

MOST_EQUATIONS = 1_800
MOST_PARAMETERS = 280
MOST_FUNCTIONS = 45
MOST_POINTS = 400
"""Points of a table that is written as a formula."""
_LONGEST_NAME = 9
_WORD = re.compile(r"[A-Za-z_]\w*")
_METHODS = {
    "iterate": "discrete",
    "euler": "euler",
    "euler-maruyama": "euler",
    "milstein": "euler",
    "sra1": "euler",
    "tsit5": "5dp",
    "dop853": "83dp",
    "rodas5p": "cvode",
}


def export(system: System) -> str:
    """The text of an XPPAUT file; see ``engine.files.xppaut.write``."""
    try:
        return _Export(system).text()
    except EquationError as error:
        raise FileFormatError(
            f"it cannot be written for XPPAUT: {error.message}", system.key
        ) from error


class _Export:
    def __init__(self, system: System) -> None:
        self.system = system
        self.model = model = system.model
        self.lines: list[str] = []
        self.taken: set[str] = set()
        if len(system.variables) > MOST_EQUATIONS:
            raise EquationError(
                f"it reads {MOST_EQUATIONS:,} equations, these are {len(system.variables):,}"
            )
        if len(system.parameters) > MOST_PARAMETERS:
            raise EquationError(
                f"it reads {MOST_PARAMETERS} parameters, these are {len(system.parameters)}"
            )
        if system.interpretation == "stratonovich" and model.noise_kind != "additive":
            raise EquationError("its noise is that of Ito, this is that of Stratonovich")
        self.names: dict[str, str] = {}
        plain = (*system.variables, *system.parameters, *model.sizes, *system.noise)
        places = (
            f"{name}{i}"
            for name, (_, size) in model.quantity_places.items()
            if size
            for i in range(size)
        )
        single = (name for name, (_, size) in model.quantity_places.items() if not size)
        for name in (*plain, *single, *places, *model.function_trees, *system.tables):
            if name not in self.names:
                self.names[name] = self.free(name)
        values = system.values()
        offsets = model.array_offsets
        arrays = {
            name: values[offsets[name] : offsets[name] + array.size].reshape(shape)
            for name, shape in model.arrays.items()
            for array in (np.empty(shape),)
        }
        self.formulas = Formulas(model, self.names, arrays)

    def free(self, name: str) -> str:
        """A name that the program reads and nothing has yet."""
        plain = re.sub(r"\W", "", name, flags=re.ASCII) or "x"
        if not plain[0].isalpha():
            plain = f"x{plain}"
        stem, number = plain[:_LONGEST_NAME], 1
        found = stem
        while found.lower() in self.taken or found.lower() in WORDS or is_argument(found):
            number += 1
            found = f"{stem[: _LONGEST_NAME - len(str(number))]}{number}"
        self.taken.add(found.lower())
        return found

    # ------------------------------------------------------------ the file

    def text(self) -> str:
        system = self.system
        self.comment(system.title)
        renamed = [f"{theirs} is {ours}" for ours, theirs in self.names.items() if ours != theirs]
        for start in range(0, min(len(renamed), 200), 5):
            self.comment(", ".join(renamed[start : start + 5]))
        parameters = [
            f"{self.names[name]}={numeral(float(row.default))}"
            for name, row in system.parameters.items()
            if not row.size
        ]
        self.listed("par", parameters)
        self.listed("number", [f"{self.names[n]}={v}" for n, v in self.model.sizes.items()])
        self.listed("wiener", [self.names[name] for name in system.noise])
        self.functions()
        self.formulas.broken = lambda terms: f"({self.broken(terms, 'a sum')})"
        self.quantities()
        self.equations()
        self.formulas.broken = None
        self.formulas.event = True
        self.events()
        self.formulas.event = False
        for text in self.boundaries():
            self.lines.append(f"bdry {text}")
        self.start()
        self.presets()
        self.options()
        return "\n".join([*self.lines, "done", ""])

    def comment(self, text: str) -> None:
        self.lines.append(f"# {' '.join(text.split())[:200]}")

    def listed(self, word: str, entries: list[str]) -> None:
        for start in range(0, len(entries), 8):
            self.lines.append(f"{word} {','.join(entries[start : start + 8])}")

    def put(self, head: str, tree: Node, places: Mapping[str, int], what: str) -> None:
        """``head=formula``, over temporary variables where that is too long."""
        text = self.formulas.text(tree, places)
        if len(text) > MAXIMUM_LENGTH:
            text = self.broken(self.formulas.terms(tree, places), what)
        self.lines.append(f"{head}={text}")

    def broken(self, terms: list[str], what: str) -> str:
        """A long sum as the sum of temporary variables, which are written first."""
        names = []
        piece = ""
        for term in [*terms, ""]:
            if piece and (not term or len(piece) + len(term) > MAXIMUM_LENGTH):
                name = self.free("part")
                self.lines.append(f"{name}={piece.removeprefix('+')}")
                names.append(name)
                piece = ""
            if len(term) > MAXIMUM_LENGTH:
                raise EquationError(
                    f"{what} has a term of {len(term):,} characters, it reads about "
                    f"{MAXIMUM_LENGTH}; split it into quantities"
                )
            piece += term
        text = "+".join(names)
        return text if len(text) <= MAXIMUM_LENGTH else self.broken([f"+{n}" for n in names], what)

    def functions(self) -> None:
        """Functions that are short enough; the others are written out where they are called."""
        self.tables()
        written = 0
        for name in self.order:
            if name not in self.model.function_trees:
                continue
            function = self.model.function_trees[name]
            arguments = {argument: f"a{k}_" for k, argument in enumerate(function.arguments)}
            short = {a: self.argument(a) for a in function.arguments}
            if len(set(short.values())) == len(short):
                arguments = short
            try:
                body = self.formulas.text(function.body, {}, arguments)
            except EquationError as error:
                raise EquationError(f"function '{name}': {error.message}") from error
            if len(body) > MAXIMUM_BODY or written >= MOST_FUNCTIONS or len(arguments) > 9:
                continue
            if any(
                isinstance(node, (Index, Sum, Total, Delayed)) for node in postorder(function.body)
            ):
                continue
            written += 1
            self.formulas.functions.add(name)
            self.lines.append(f"{self.names[name]}({','.join(arguments.values())})={body}")

    @cached_property
    def order(self) -> list[str]:
        """Functions and quantities as declared, each moved behind those it uses."""
        model = self.model
        trees = {name: function.body for name, function in model.function_trees.items()}
        trees |= {name: model.quantity_trees[name] for name in model.quantity_places}
        found: dict[str, None] = {}

        def add(name: str) -> None:
            if name in found:
                return
            used = used_names((trees[name],))
            for other in trees:
                if other in used and other != name:
                    add(other)
            found[name] = None

        for name in trees:
            add(name)
        return list(found)

    def argument(self, name: str) -> str:
        plain = re.sub(r"\W", "", name, flags=re.ASCII)[:_LONGEST_NAME] or "u"
        if not plain[0].isalpha() or plain.lower() in WORDS or is_argument(plain):
            return f"{plain[:6]}_1" if plain[0].isalpha() else "u_1"
        return plain

    def tables(self) -> None:
        """A table as functions: its first value, and what each of its bends adds."""
        found = {}
        for name, table in self.system.tables.items():
            if len(table.values) > MOST_POINTS:
                raise EquationError(
                    f"table '{name}' has {len(table.values)} points; it is written as a formula, "
                    f"which may have {MOST_POINTS}"
                )
            names = []
            for body in pieces(table):
                names.append(self.free(f"{self.names[name][:5]}_"))
                self.lines.append(f"{names[-1]}(u)={body}")
            if len(names) > MOST_FUNCTIONS // 2:
                raise EquationError(f"table '{name}' has too many bends to be a formula")
            whole = self.names[name]
            self.lines.append(f"{whole}(u)={'+'.join(f'{part}(u)' for part in names)}")
            found[name] = lambda argument, whole=whole: f"{whole}({argument})"
        self.formulas.tables = found

    def quantities(self) -> None:
        """Numbers, derived parameters, temporary variables, and aux for what nothing uses."""
        model = self.model
        used = used_names(
            (
                *model.quantity_trees.values(),
                *(function.body for function in model.function_trees.values()),
                *(rule.tree for rule in self.rules()),
                *model.event_trees,
            )
        )
        shown = set(self.system.options.get("aux", ()))
        constant = set(self.system.parameters) | set(model.sizes)
        late: list[tuple[str, Node]] = []
        moving: list[tuple[str, Node]] = []
        derived: list[tuple[str, Node]] = []
        for name in self.order:
            if name not in model.quantity_trees:
                continue
            tree = model.quantity_trees[name]
            plain = not model.quantity_places[name][0]
            if plain and name in shown:
                late.append((name, tree))
            elif plain and isinstance(tree, Number):
                self.lines.append(f"number {self.names[name]}={numeral(tree.value)}")
                constant.add(name)
            elif plain and made_of(tree, constant):
                constant.add(name)
                derived.append((name, tree))
            elif plain and name not in used and not shown:
                late.append((name, tree))
            else:
                moving.append((name, tree))
        for name, tree in derived:
            self.put(f"!{self.names[name]}", tree, {}, f"quantity '{name}'")
        for name, tree in moving:
            index, size = model.quantity_places[name]
            what = f"quantity '{name}'"
            if not index:
                self.put(self.names[name], tree, {}, what)
            for place in range(size):
                self.put(self.names[f"{name}{place}"], tree, {index: place}, what)
        self.auxiliary = late

    def rules(self) -> Iterable[Rule]:
        yield from self.model.rules
        for rules in self.model.event_rules:
            yield from rules

    def equations(self) -> None:
        found: dict[int, tuple[Node, dict[str, int]]] = {}
        for rule in self.model.rules:
            for place in rule.places():
                places = {rule.index: place} if rule.index else {}
                found[rule.base + place] = rule.tree, places
        prime = "(t+1)" if self.system.kind == "map" else "'"
        for row, name in enumerate(self.system.variables):
            tree, places = found[row]
            self.put(f"{self.names[name]}{prime}", tree, places, f"equation of '{name}'")
        for name, tree in self.auxiliary:
            self.put(f"aux {self.names[name]}", tree, {}, f"quantity '{name}'")

    def events(self) -> None:
        for event, tree, rules in zip(
            self.system.events, self.model.event_trees, self.model.event_rules, strict=True
        ):
            changes = self.changes(event, rules)
            signs = {"up": (1,), "down": (-1,), "both": (1, -1)}[event.direction]
            for sign in signs:
                condition = self.formulas.text(tree)
                self.lines.append(f"global {sign} {{{condition}}} {{{changes}}}")

    def changes(self, event: Event, rules: tuple[Rule, ...]) -> str:
        """Changes in an order in which none sees what another has set already.

        There they are made one after the other, here all at once.
        """
        left: dict[str, tuple[str, set[str]]] = {}
        variables = self.system.variables
        for rule in rules:
            for place in rule.places():
                places = {rule.index: place} if rule.index else {}
                name = self.names[variables[rule.base + place]]
                text = self.formulas.text(rule.tree, places)
                words = {word.lower() for word in _WORD.findall(text)}
                left[name] = f"{name}={text}", words - {name.lower()}
        ordered = []
        while left:
            ready = [
                name
                for name in left
                if not any(name.lower() in words for k, (_, words) in left.items() if k != name)
            ]
            if not ready:
                raise EquationError(
                    f"an event sets {', '.join(left)} from each other at once; it sets one after "
                    "the other"
                )
            ordered.append(left.pop(ready[0])[0])
        if event.terminal:
            ordered.append("arret=1")
        return ";".join(ordered)

    def boundaries(self) -> tuple[str, ...]:
        found = self.system.options.get("boundaries", ())
        return tuple(found) if isinstance(found, tuple) else ()

    # ------------------------------------------------------------ start, presets, options

    def start(self) -> None:
        system = self.system
        if system.delayed:
            past: dict[int, str] = {}
            starts = {
                self.names[name]: bracketed(numeral(value))
                for name, value in zip(system.variables, system.initial, strict=True)
            }
            for rule in self.model.history_rules:
                for place in rule.places():
                    places = {rule.index: place} if rule.index else {}
                    text = self.formulas.text(rule.tree, places)
                    past[rule.base + place] = _WORD.sub(
                        lambda word: starts.get(word[0], word[0]), text
                    )
            for row, name in enumerate(system.variables):
                text = past.get(row, numeral(system.initial[row]))
                self.lines.append(f"{self.names[name]}(0)={text}")
        pairs = zip(system.variables, system.initial, strict=True)
        self.listed("init", [f"{self.names[name]}={numeral(value)}" for name, value in pairs])

    def presets(self) -> None:
        for preset in self.system.presets:
            values = [
                f"{self.names[name.removeprefix('initial.')]}={numeral(float(value))}"
                for name, value in preset.values.items()
            ]
            title = re.sub(r"[{}\s]+", " ", preset.title).strip()
            self.lines.append(f'"{{{",".join(values)}}} {title}')

    def options(self) -> None:
        system, given = self.system, self.system.options
        run = system.run
        total = float(given.get("total", run.length * run.step))
        step = 1.0 if system.kind == "map" else run.step
        method = str(given.get("method", _METHODS.get(run.method, "rungekutta")))
        words = [f"total={numeral(total)}"]
        if system.kind != "map":
            words.append(f"dt={numeral(step)}")
        words += [f"meth={method}", f"bound={numeral(run.bound)}"]
        if given.get("transient"):
            words.append(f"trans={numeral(float(given['transient']))}")
        self.lines.append(f"@ {','.join(words)}")
        if method in ("5dp", "83dp", "cvode", "2rb"):
            self.lines.append("@ tol=1e-9,atol=1e-9")
        if total / step > 4_000:
            self.lines.append(f"@ maxstor={int(total / step) + 1000}")
        if system.delayed:
            lags = self.model.lags(system.values())
            longest = float(lags.max()) if len(lags) else 0.0
            self.lines.append(f"@ delay={numeral(2 * longest + step)}")
        axes = [self.names[name] for name in system.axes[:3]]
        if len(axes) > 1:
            plotted = ",".join(f"{k}p={n}" for k, n in zip("xyz", axes, strict=False))
            self.lines.append(f"@ {plotted},axes={'3' if len(axes) == 3 else '2'}")
