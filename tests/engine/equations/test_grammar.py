"""The grammar: what it reads, what it refuses and where, and that nothing else escapes."""

from __future__ import annotations

import builtins
import math
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.equations.evaluate import EVALUATE, number
from engine.equations.grammar import (
    CONDITIONS,
    Apply,
    Call,
    Name,
    Number,
    canonical,
    parse,
    postorder,
)
from engine.equations.words import ALIASES, FUNCTIONS, MAXIMUM_LENGTH, RESERVED
from engine.errors import EquationError

NAMES = ("x", "y", "z", "a", "rho", "sigma")
OURS = {"f": 2, "g": 1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8/3", 8 / 3),
        ("2*pi", 2 * math.pi),
        ("2^3^2", 512.0),
        ("2**3**2", 512.0),
        ("-2^2", -4.0),
        ("(-2)^2", 4.0),
        ("2^-1", 0.5),
        ("2^-2^2", 2.0**-4),
        ("-2^-2", -0.25),
        ("1 - 2 - 3", -4.0),
        ("8/4/2", 1.0),
        ("7 % 3", 1.0),
        ("mod(-1, 3)", 2.0),
        ("-1 % 3", 2.0),
        ("mod(1, -3)", -2.0),
        ("-7 // 2", -4.0),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("007", 7.0),
        ("1e-3", 0.001),
        ("+3", 3.0),
        ("- -3", 3.0),
        ("e", math.e),
        ("sqrt(2)", math.sqrt(2)),
        ("pow(2, 10)", 1024.0),
        ("min(3, 1, 2)", 1.0),
        ("max(3, 1, 2)", 3.0),
        ("where(1 < 2, 3, 4)", 3.0),
        ("3 if 1 > 2 else 4", 4.0),
        ("(1 < 2) * 5", 5.0),
        ("1 < 2 < 3", 1.0),
        ("1 < 2 < 2", 0.0),
        ("where(not 1 < 2 or 3 == 3 and 4 != 4, 1, 0)", 0.0),
        ("heaviside(0)", 1.0),
        ("heaviside(0, 0.5)", 0.5),
        ("heaviside(-1)", 0.0),
        ("sign(-3)", -1.0),
        ("sign(0)", 0.0),
        ("abs(-3)", 3.0),
        ("floor(-1.5)", -2.0),
        ("ceil(-1.5)", -1.0),
        ("ln(e)", 1.0),
        ("arctan2(1, 1)", math.pi / 4),
        ("1 +\n  2", 3.0),
        ("  1\t+ 2  ", 3.0),
    ],
)
def test_numbers_mean_what_mathematics_says(text: str, value: float) -> None:
    assert number(text) == pytest.approx(value, rel=1e-15)


def test_a_caret_is_a_power_and_spaces_and_brackets_are_nothing() -> None:
    assert canonical(parse("-x^2")) == canonical(parse(" - ( x ** 2 ) "))
    assert canonical(parse("x^-y")) == canonical(parse("x**(-y)"))
    assert canonical(parse("-x^2")) != canonical(parse("(-x)^2"))


def test_the_tree_is_of_our_own_nodes_with_places() -> None:
    tree = parse("sigma*(y - x)", NAMES)
    assert tree == Apply("*", (Name("sigma"), Apply("-", (Name("y"), Name("x")))))
    assert parse("f(x, 2)", NAMES, OURS) == Call("f", (Name("x"), Number(2.0)))
    assert [node.at for node in postorder(tree) if isinstance(node, Name)] == [0, 7, 11]


def test_a_sum_of_a_thousand_terms_is_no_nesting() -> None:
    assert number("+".join(["1"] * 1000)) == 1000.0
    assert len(list(postorder(parse("*".join(["x"] * 2000))))) == 3999


def test_e_is_a_constant_unless_it_is_a_name() -> None:
    assert number("e^2") == pytest.approx(math.e**2)
    assert parse("e*x", ("e", "x")) == Apply("*", (Name("e"), Name("x")))


# Text, what the message must say, column from 1.
MALFORMED = [
    ("", "empty", 1),
    ("   ", "empty", 1),
    ("\n\t\n", "empty", 1),
    ("x +", "missing after '+'", 4),
    ("x *", "missing after '*'", 4),
    ("x ^", "missing after '^'", 4),
    ("x **", "missing after '**'", 5),
    ("x <", "missing after '<'", 4),
    ("x and", "missing after 'and'", 6),
    ("-", "missing after '-'", 2),
    ("not", "missing after 'not'", 4),
    ("* x", "'*' cannot stand at the start", 1),
    ("/ x", "'/' cannot stand at the start", 1),
    ("^2", "'^' cannot stand at the start", 1),
    (", x", "',' cannot stand at the start", 1),
    (") x", "')' cannot stand at the start", 1),
    ("and x", "'and' cannot stand at the start", 1),
    ("if x", "'if' cannot stand at the start", 1),
    ("x * / y", "'/' cannot stand after '*'", 5),
    ("x + * y", "'*' cannot stand after '+'", 5),
    ("x ^^ 2", "'^' cannot stand after '^'", 4),
    ("x *** 2", "'*' cannot stand after '**'", 5),
    ("x < > y", "'>' cannot stand after '<'", 5),
    ("x => y", "'=='", 3),
    ("x = y", "'=='", 3),
    ("x := y", "':'", 3),
    ("x ! y", "not", 3),
    ("!x", "not", 1),
    ("x & y", "'and'", 3),
    ("x && y", "'and'", 3),
    ("x | y", "'or'", 3),
    ("2x", "operator is missing between '2' and 'x'", 2),
    ("2 x", "operator is missing", 3),
    ("x y", "operator is missing between 'x' and 'y'", 3),
    ("x 2", "operator is missing", 3),
    ("2(x)", "operator is missing", 2),
    ("(x)(y)", "operator is missing", 4),
    ("(x)y", "operator is missing", 4),
    ("(x)2", "operator is missing", 4),
    ("1 2", "operator is missing", 3),
    ("1.2.3", "operator is missing", 4),
    ("1e5x", "operator is missing", 4),
    ("0x10", "operator is missing", 2),
    ("1_000", "cannot be called '_000'", 2),
    ("1j", "operator is missing", 2),
    ("x not y", "operator is missing", 3),
    ("(x", "never closed", 1),
    ("sin(x", "never closed", 4),
    ("((x)", "never closed", 1),
    ("x)", "closes nothing", 2),
    ("(x))", "closes nothing", 4),
    ("1) + (2", "closes nothing", 2),
    ("()", "nothing between", 2),
    ("x + ()", "nothing between", 6),
    ("x, y", "belongs between the arguments", 2),
    ("(x, y)", "not part of the language", 1),
    ("sin(x,)", "')' cannot stand after ','", 7),
    ("sin(,x)", "',' cannot stand after '('", 5),
    ("f(x,,y)", "',' cannot stand after ','", 5),
    ("sin()", "nothing between", 5),
    ("sin(x, y)", "'sin' takes 1 argument, got 2", 1),
    ("atan2(x)", "'atan2' takes 2 arguments, got 1", 1),
    ("where(x > 0, 1)", "'where' takes 3 arguments, got 2", 1),
    ("heaviside(x, 1, 2)", "'heaviside' takes 1 or 2 arguments, got 3", 1),
    ("min(x)", "'min' takes 2 or more arguments, got 1", 1),
    ("pow(x)", "'pow' takes 2 arguments, got 1", 1),
    ("mod(x)", "'mod' takes 2 arguments", 1),
    ("f(x)", "'f' takes 2 arguments, got 1", 1),
    ("g(x, y)", "'g' takes 1 argument, got 2", 1),
    ("where(x, 1, 2)", "a condition such as x > 0", 7),
    ("x and y", "a condition such as x > 0", 1),
    ("x > 0 and y", "a condition such as x > 0", 11),
    ("not x", "a condition such as x > 0", 5),
    ("1 if x else 2", "a condition such as x > 0", 6),
    ("x if x > 0", "cannot be read", 1),
    ("x else y", "cannot be read", 3),
    ("sgma*x", "did you mean 'sigma'", 1),
    ("x + roh", "did you mean 'rho'", 5),
    ("q", "unknown name 'q'; known are", 1),
    ("x + sine(x)", "unknown function 'sine'; did you mean 'sin", 5),
    ("tg(x)", "unknown function 'tg'", 1),
    ("eval(x)", "unknown function 'eval'", 1),
    ("exec(x)", "unknown function 'exec'", 1),
    ("open(x)", "unknown function 'open'", 1),
    ("getattr(x, y)", "unknown function 'getattr'", 1),
    ("print(x)", "unknown function 'print'", 1),
    ("globals(x)", "unknown function 'globals'", 1),
    ("x(y)", "'x' is not a function; write x*(...)", 1),
    ("rho(1 - x)", "'rho' is not a function", 1),
    ("t(x)", "unknown function 't'", 1),
    ("pi(x)", "unknown function 'pi'", 1),
    ("sin", "'sin' is a function; write sin(...)", 1),
    ("x + cos", "'cos' is a function", 5),
    ("f + 1", "'f' is a function", 1),
    ("pow", "'pow' is a function", 1),
    ("arcsin", "'arcsin' is a function", 1),
    ("sin x", "operator is missing", 5),
    ("sin(x)(y)", "operator is missing", 7),
    ("f(x, y)(z)", "operator is missing", 8),
    ("x.real", "attributes are not part", 2),
    ("x.__class__", "attributes are not part", 2),
    ("x . y", "attributes are not part", 3),
    ("(x).y", "attributes are not part", 4),
    ("math.sin(x)", "attributes are not part", 5),
    ("np.sin(x)", "attributes are not part", 3),
    ("os.system(x)", "attributes are not part", 3),
    ("1..real", "attributes are not part", 3),
    ("().__class__", "nothing between", 2),
    ("__import__(x)", "cannot be called", 1),
    ("__class__", "cannot be called", 1),
    ("_x", "cannot be called", 1),
    ("_", "cannot be called", 1),
    ("x[0]", "indexing", 2),
    ("[x]", "indexing", 1),
    ("[x for x in y]", "indexing", 1),
    ("{x}", "unexpected character {", 1),
    ("{x: y}", "unexpected character {", 1),
    ("'x'", "quotes", 1),
    ('"x"', "quotes", 1),
    ("f'{x}'", "quotes", 2),
    ("b'x'", "quotes", 2),
    ("'''x", "quotes", 1),
    ("x; y", "one expression only", 2),
    ("x: y", "':'", 2),
    ("lambda: x", "call it 'lam'", 1),
    ("lambda", "call it 'lam'", 1),
    ("lambda*x", "call it 'lam'", 1),
    ("x + lambda", "call it 'lam'", 5),
    ("import os", "reserved word", 1),
    ("from os", "reserved word", 1),
    ("for x in y", "reserved word", 1),
    ("x in y", "reserved word", 3),
    ("x is y", "reserved word", 3),
    ("def f", "reserved word", 1),
    ("class x", "reserved word", 1),
    ("return x", "reserved word", 1),
    ("yield x", "reserved word", 1),
    ("await x", "reserved word", 1),
    ("async x", "reserved word", 1),
    ("del x", "reserved word", 1),
    ("global x", "reserved word", 1),
    ("nonlocal x", "reserved word", 1),
    ("raise x", "reserved word", 1),
    ("try", "reserved word", 1),
    ("while x", "reserved word", 1),
    ("with x", "reserved word", 1),
    ("assert x", "reserved word", 1),
    ("pass", "reserved word", 1),
    ("break", "reserved word", 1),
    ("continue", "reserved word", 1),
    ("True", "reserved word", 1),
    ("False", "reserved word", 1),
    ("None", "reserved word", 1),
    ("x + True", "reserved word", 5),
    ("x # comment", "unexpected character #", 3),
    ("x \\ y", "unexpected character \\", 3),
    ("x @ y", "unexpected character @", 3),
    ("@x", "unexpected character @", 1),
    ("~x", "unexpected character ~", 1),
    ("$x", "unexpected character $", 1),
    ("x?", "unexpected character ?", 2),
    ("`x`", "unexpected character `", 1),
    ("x -> y", "'>' cannot stand after '-'", 4),
    ("...", "attributes are not part", 1),
    ("x…", "unexpected character …", 2),
    ("x \u2212 y", "write '-'", 3),
    ("x \u00b7 y", "write '*'", 3),
    ("x \u00d7 y", "write '*'", 3),
    ("x\u00b2", "cannot be called", 1),
    ("x \u2264 y", "unexpected character", 3),
    ("\u221ax", "unexpected character", 1),
    ("x\u0663", "did you mean 'x'", 1),
    ("\u0663", "unexpected character", 1),
    ("\u03d5", "write '\u03c6'", 1),
    ("\ufb01", "write 'fi'", 1),
    ("\x00", "unexpected character '\\x00'", 1),
    ("x\x00", "unexpected character '\\x00'", 2),
    ("x\x07y", "unexpected character", 2),
    ("\ud800", "unexpected character '\\ud800'", 1),
    ("\ufeffx", "unexpected character", 1),
    ("x\u200b+y", "unexpected character", 2),
    ("\u202ex", "unexpected character", 1),
    ("1e999", "too large", 1),
    ("9" * 400, "too large", 1),
    ("x + 1e400", "too large", 5),
    ("sin(*x)", "'*' cannot stand after '('", 5),
    ("sin(**x)", "'**' cannot stand after '('", 5),
    ("sin(x=1)", "'=='", 6),
    ("sin(x for x in y)", "reserved word", 7),
    ("x +\ny +", "missing after '+'", 4),
    ("x +\n\n  q", "unknown name 'q'", 3),
    ("x\r\n+ q", "unknown name 'q'", 3),
    ("(" * 101 + "x" + ")" * 101, "100 deep", 101),
    ("x" * (MAXIMUM_LENGTH + 1), "10000 characters", 1),
]


@pytest.mark.parametrize(("text", "says", "column"), MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_text_is_refused_with_a_place(text: str, says: str, column: int) -> None:
    with pytest.raises(EquationError) as caught:
        parse(text, NAMES, OURS)
    assert says in caught.value.message
    assert caught.value.column == column
    assert caught.value.picture().splitlines()[-1].endswith("^")


@pytest.mark.parametrize("text", ["-" * 150 + "x", "x" + "^x" * 150, "x" + " if x>0 else x" * 150])
def test_deep_nesting_is_refused_however_it_is_written(text: str) -> None:
    with pytest.raises(EquationError, match="100 deep"):
        parse(text, NAMES)


def test_a_place_on_a_later_line_is_found() -> None:
    with pytest.raises(EquationError) as caught:
        parse("x +\n y*\n  roh", NAMES)
    assert (caught.value.line, caught.value.column) == (3, 3)
    assert caught.value.picture() == "  roh\n  ^"


def test_letters_beyond_ascii_do_not_shift_the_place() -> None:
    with pytest.raises(EquationError) as caught:
        parse("\u03c1*\u03c3 + q", ("\u03c1", "\u03c3"))
    assert caught.value.column == 7


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "9^9^9^9^9^9",
        "2^1024",
        "1/0",
        "0/0",
        "log(0)",
        "sqrt(-1)",
        "(-8)^(1/3)",
        "1e308*10",
        "0^-1",
        "exp(1e9)",
        "floor(1/0)",
        "mod(1, 0)",
        "x",
        "t",
        "1 +",
    ],
)
def test_what_has_no_finite_value_is_no_number(text: str) -> None:
    with pytest.raises(EquationError):
        number(text)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, True, None, [], 10**400, 1 << 100_000], ids=range(8)
)
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    with pytest.raises(EquationError):
        number(value)  # type: ignore[arg-type]


def test_every_builtin_and_every_dunder_is_unknown() -> None:
    for name in dir(builtins):
        if name in FUNCTIONS or name in RESERVED:
            continue
        with pytest.raises(EquationError):
            parse(f"{name}(1)", ())
        with pytest.raises(EquationError):
            parse(name, ())


OPERATIONS = {*FUNCTIONS, *CONDITIONS, "+", "-", "*", "/", "^", "negate"}


def check(text: str) -> None:
    """Either an EquationError whose place lies in the text, or a tree of our nodes only."""
    refused: EquationError | None = None
    try:
        tree = parse(text, NAMES, OURS)
    except EquationError as error:
        refused = error
    if refused is not None:
        assert 1 <= refused.line <= len(text.splitlines()) + 1
        assert refused.column >= 1
        refused.picture()
        return
    for node in postorder(tree):
        match node:
            case Number(value):
                assert math.isfinite(value)
            case Name(name):
                assert name in (*NAMES, "t", "pi", "e")
            case Apply(operation):
                assert operation in OPERATIONS
            case Call(function, arguments):
                assert OURS[function] == len(arguments)
            case _:
                pytest.fail(f"a foreign node {node!r}")


@given(st.text(max_size=60))
@settings(max_examples=400, deadline=None)
def test_no_text_raises_anything_else(text: str) -> None:
    check(text)


FRAGMENTS = [
    *NAMES,
    *OURS,
    *FUNCTIONS,
    *ALIASES,
    *CONDITIONS,
    *"+-*/%^(),.<>=![]{}:;#@&|~'\"\\",
    "**",
    "//",
    " ",
    "\n",
    "1",
    "2.5",
    "1e3",
    "9**9**9",
    "__import__",
    "lambda",
    "os",
    ".__class__",
    "if",
    "else",
    "for",
    "in",
    "t",
    "pi",
    "e",
    "\x00",
    "\u03c1",
    "True",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40), st.sampled_from(["", " "]))
@settings(max_examples=800, deadline=None)
def test_no_mixture_of_fragments_raises_anything_else(parts: list[str], glue: str) -> None:
    check(glue.join(parts))


def expressions() -> st.SearchStrategy[str]:
    leaves = st.sampled_from([*NAMES, "t", "pi", "1", "2.5", ".5e-3"])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*/%^"), inner).map(
                lambda p: f"({p[0]} {p[1]} {p[2]})"
            ),
            st.tuples(st.sampled_from(["sin", "exp", "abs", "sign", "-"]), inner).map(
                lambda p: f"{p[0]}({p[1]})"
            ),
            st.tuples(inner, st.sampled_from(["<", ">=", "=="]), inner, inner).map(
                lambda p: f"where({p[0]} {p[1]} {p[2]}, {p[3]}, {p[0]})"
            ),
        ),
        max_leaves=25,
    )


@given(expressions())
@settings(max_examples=200, deadline=None)
def test_what_is_well_formed_is_read(text: str) -> None:
    tree = parse(text, NAMES)
    assert canonical(tree) == canonical(parse(f" ( {text} ) ".replace("^", "**"), NAMES))


@given(st.text(alphabet=string.printable, max_size=30))
@settings(max_examples=200, deadline=None)
def test_number_raises_nothing_else(text: str) -> None:
    try:
        value = number(text)
    except EquationError:
        return
    assert math.isfinite(value)


@pytest.mark.parametrize(
    "unit",
    [
        "(",
        "-",
        "x+",
        "x^",
        "sin(",
        "not ",
        "x if x>0 else ",
        "x<",
        "x>0 and ",
        "1.",
        "9^",
        "f(x,",
        "x,",
        "((x)*",
    ],
)
def test_ten_thousand_characters_of_anything_end_well(unit: str) -> None:
    for tail in ("", "x", "x>0"):
        check((unit * MAXIMUM_LENGTH)[: MAXIMUM_LENGTH - len(tail)] + tail)


def test_numbers_are_folded_as_floats_and_never_as_growing_integers() -> None:
    # An integer power of this size would not end.
    with pytest.raises(EquationError, match="finite"):
        number("9**9**9**9**9")
    assert {operation for operation in OPERATIONS if operation not in EVALUATE} == set()


def test_python_agrees_on_precedence() -> None:
    # Python's own reading of the same arithmetic is an independent witness.
    for text, expected in (
        ("1+2*3-4/5", 1 + 2 * 3 - 4 / 5),
        ("-2**2*3", -(2**2) * 3),
        ("2*-3**2", 2 * -(3**2)),
        ("7%4*2", 7 % 4 * 2),
        ("2**-1**2", 2 ** -(1**2)),
        ("-3%5", -3 % 5),
    ):
        assert number(text) == pytest.approx(expected)
