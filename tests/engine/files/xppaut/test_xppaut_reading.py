"""XPPAUT files as systems: what each kind of line becomes, and what is refused where."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import pytest

from engine.errors import FileFormatError
from engine.files.xppaut import read, read_text
from engine.systems.system import System

FULL = """# A model with most of what there is
par a=2,b=.5 c=-1e-3
number k=3
!ab=a*b
init x=1, y=2
z(0)=0.25
f(u,v)=if(u>v)then(u-v)else(0)
q=f(x,y)+ab*k
dx/dt = -a*X + q
y' = Y*(1-y) \\
     -c*z
z'=-z
aux energy=x^2+y^2
aux 2 names!=q
set strong {a=5,x=3,total=7}
"{b=1} Half as strong
bdry x-x'
only x,y
@ total=40,dt=.01,meth=qualrk,bound=50,trans=5
@ xp=x,yp=y
done
this is not read
"""


def test_every_kind_of_line_has_its_place() -> None:
    system = read_text(FULL, "My Model")
    assert (system.key, system.title) == ("my-model", "A model with most of what there is")
    assert system.variables == ("x", "y", "z")
    assert system.initial == (1.0, 2.0, 0.25)
    assert {n: p.default for n, p in system.parameters.items()} == {"a": 2, "b": 0.5, "c": -1e-3}
    assert dict(system.equations) == {"x": "-a*x + q", "y": "y*(1 - y) - c*z", "z": "-z"}
    assert system.quantities["ab"] == "a*b"
    assert system.quantities["k"] == "3"
    assert system.functions == {"f(u, v)": "where(u > v, u - v, 0)"}
    assert system.options["aux"] == ("energy", "x2_names")
    assert [(p.title, dict(p.values)) for p in system.presets] == [
        ("strong", {"a": 5.0, "initial.x": 3.0}),
        ("Half as strong", {"b": 1.0}),
    ]
    assert system.options["boundaries"] == ("x-x'",)
    assert system.options["only"] == ("x", "y")
    assert (system.options["total"], system.options["dt"]) == (40.0, 0.01)
    assert system.options["method"] == "qualrk"
    assert (system.run.method, system.run.step, system.run.bound) == ("tsit5", 0.01, 50.0)
    assert system.run.transient == 5.0
    assert system.axes == ("x", "y")
    rate = system.rhs(0.0, [1.0, 2.0, 0.25])
    assert rate == pytest.approx([-2.0 + 0.0 + 1.0 * 3.0, -2.0 + 0.25e-3, -0.25])


def test_without_options_the_program_s_own_hold() -> None:
    system = read_text("x'=-x\ndone\n")
    assert dict(system.options) == {
        "total": 20.0,
        "dt": 0.05,
        "method": "rungekutta",
        "bound": 100.0,
    }
    assert (system.run.method, system.run.step, system.run.length) == ("rk4", 0.05, 400)


def test_capital_letters_make_no_difference() -> None:
    system = read_text("PAR Rate=2\nX'=-rate*x+P\np=SIN(T)\n@ TOTAL=5\n")
    assert dict(system.equations) == {"X": "-Rate*X + p"}
    assert dict(system.quantities) == {"p": "sin(t)"}
    assert system.options["total"] == 5.0


@pytest.mark.parametrize("text", ["x(t+1)=a*x*(1-x)\npar a=3\n", "x'=3*x*(1-x)\n@ meth=disc\n"])
def test_maps(text: str) -> None:
    system = read_text(text)
    assert (system.kind, system.run.method, system.run.step) == ("map", "iterate", 1.0)
    assert system.rhs(0.0, [0.25])[0] == pytest.approx(0.5625)


def test_names_that_are_words_with_us_get_another_one() -> None:
    system = read_text("par lambda=2,where=3\nx'=lambda*x+where+hypot\nhypot=1\n")
    assert list(system.parameters) == ["lambda_", "where_"]
    assert system.equations["x"] == "lambda_*x + where_ + hypot_"
    assert "'lambda' is called 'lambda_' here." in system.notes


def test_the_arguments_of_a_function_hide_other_names() -> None:
    system = read_text("par x=9\nk(t)=5*exp(-2*t)+X\ng(x)=x^2\ny'=k(1)+g(2)+t\n")
    expected = 5 * math.exp(-2) + 9 + 4 + 0.5
    assert system.rhs(0.5, [0.0])[0] == pytest.approx(expected)


def test_small_ranges_are_written_out() -> None:
    system = read_text(
        "x[1..3]'=-x[j]+[j+1]*p[j]\npar p[1..3]=[j]\ninit x[2..3]=7\nx[1..1](0)=4\n"
        "%[1..2]\nu[j]'=v[j]\nv[j]'=-u[j*2]\n%\nu4=1\nu3=u4\n@ bound=9\n".replace("u3=u4", "w=u4")
    )
    assert system.variables == ("x1", "x2", "x3", "u1", "v1", "u2", "v2")
    assert system.initial == (4.0, 7.0, 7.0, 0.0, 0.0, 0.0, 0.0)
    assert system.equations["x3"] == "-x3 + 4*p3"
    assert system.equations["v2"] == "-u4"
    assert [p.default for p in system.parameters.values()] == [1.0, 2.0, 3.0]


def large(ring: str) -> System:
    return read_text(
        f"par d=.3,a=.1\nf(v)=v*(1-v)*(v-a)\nv0'=f(v0)+d*(v1-v0)\n"
        f"v[1..29]'=f(v[j])+d*(v[j-1]-2*v[j]+v[j+1])\nv30'=f(v30)+d*(v29-v30)\n"
        f"m=sum(0,30)of(shift(v0,i'))/31\n{ring}init v[0..4]=1\n"
    )


def test_large_ranges_become_families_with_the_same_numbers() -> None:
    kept = large("")
    # A second range that does not start at 0 keeps the whole file from being folded.
    written = large("w[1..2]'=v[j]-w[j]\naux z[1..2]=w[j]\n")
    assert dict(kept.families) == {"v": 31}
    assert kept.quantities["m"].startswith("sum(")
    state = np.random.default_rng(1).normal(size=31)
    rates = kept.rhs(0.0, state)
    assert rates[0] == pytest.approx(
        state[0] * (1 - state[0]) * (state[0] - 0.1) + 0.3 * (state[1] - state[0])
    )
    assert kept.initial == written.initial[:31]
    longer = np.concatenate([state, [0.0, 0.0]])
    assert written.rhs(0.0, longer)[:31] == pytest.approx(rates, rel=1e-13)


@pytest.mark.parametrize("edge", ["even", "0", "periodic"])
def test_convolutions_are_sums_over_neighbours(edge: str) -> None:
    system = read_text(
        f"table w % 5 -2 2 10^(t+2)\nspecial z=conv({edge},20,2,w,u0)\nu[0..19]'=z([j])\n"
    )
    assert dict(system.families) == {"u": 20}
    state = np.random.default_rng(2).normal(size=20)
    padded = {
        "even": np.pad(state, 2, mode="reflect"),
        "0": np.pad(state, 2),
        "periodic": np.pad(state, 2, mode="wrap"),
    }[edge]
    expected = sum(10.0**k * padded[k : k + 20] for k in range(5))
    assert system.rhs(0.0, state) == pytest.approx(expected)


def test_events_set_one_thing_after_the_other() -> None:
    system = read_text("x'=1\ny'=0\nglobal 1 x-1 {x=0;y=y+x;arret=1}\nglobal -1 {y} {x=y}\n")
    first, second = system.events
    assert (first.when, first.direction, first.terminal) == ("x - 1", "up", True)
    assert dict(first.changes) == {"x": "0", "y": "y + (0)"}
    assert (second.direction, dict(second.changes), second.terminal) == ("down", {"x": "y"}, False)


def test_noise_and_delays_say_what_kind_of_system_it_is() -> None:
    noisy = read_text("wiener w\nx'=-x+s*w\npar s=.1\n@ meth=euler\n")
    assert (noisy.kind, noisy.noise, noisy.run.method) == ("sde", ("w",), "euler-maruyama")
    delayed = read_text("x'=-delay(x,tau)\npar tau=1\nx(0)=cos(t)\ninit x=2\n@ delay=5\n")
    assert (delayed.kind, delayed.run.method) == ("dde", "steps-rk4")
    assert dict(delayed.equations) == {"x": "-x(t - tau)"}
    assert dict(delayed.history) == {"x": "cos(t)"}
    assert delayed.initial == (2.0,)
    # What was before is 0 in that program unless the file says so.
    assert dict(read_text("x'=-delay(x,1)\ninit x=2\n").history) == {"x": "0"}


def test_tables_go_on_along_their_last_piece(tmp_path: Path) -> None:
    (tmp_path / "f.tab").write_text("3\n0\n2\n0\n1\n4\n")
    file = tmp_path / "table.ode"
    file.write_text("table f f.tab\ntable g % 3 -1 1 2*t\nx'=f(x)+0*g(x)\n")
    system = read(file)
    values = [system.rhs(0.0, [x])[0] for x in (-1.0, 0.0, 0.5, 1.5, 2.0, 4.0)]
    assert values == pytest.approx([-1.0, 0.0, 0.5, 2.5, 4.0, 10.0])


def test_included_files_lie_in_the_same_folder(tmp_path: Path) -> None:
    (tmp_path / "more.inc").write_text("par a=3\n")
    file = tmp_path / "main.ode"
    file.write_text("#include more.inc\nx'=a\n")
    assert read(file).parameters["a"].default == 3.0
    (tmp_path / "more.inc").write_text("par a=3\nx'=oops*\n")
    with pytest.raises(FileFormatError, match=r"line 2 of more\.inc"):
        read(file)
    file.write_text("x'=1\n#include ../secret\n")
    with pytest.raises(FileFormatError, match=r"line 2: .* must lie in the folder"):
        read(file)
    (tmp_path / "more.inc").write_text("#include more.inc\n")
    file.write_text("#include more.inc\n")
    with pytest.raises(FileFormatError, match="include each other too deeply"):
        read(file)


def test_an_old_encoding_is_read_and_told(tmp_path: Path) -> None:
    file = tmp_path / "umlaut.ode"
    file.write_bytes("# Schrödinger\nx'=-x\n".encode("latin-1"))
    system = read(file)
    assert (system.title, system.options["encoding"]) == ("Schrödinger", "latin-1")
    file.write_text("# Schrödinger\nx'=-x\n", "utf-8")
    assert (read(file).title, "encoding" in read(file).options) == ("Schrödinger", False)
    for content, message in (
        (b"x'=\0-x\n", "byte 3 is zero"),
        ("x'=-x\n".encode("utf-16"), "UTF-16"),
        (b"#" * 1_000_001, "1,000,000 bytes"),
    ):
        file.write_bytes(content)
        with pytest.raises(FileFormatError, match=message):
            read(file)


def test_a_start_that_is_not_zero_moves_the_time() -> None:
    system = read_text("x'=t\n@ t0=2\n")
    assert system.rhs(1.0, [0.0])[0] == 3.0
    assert "t counts from the start" in system.notes


def test_folding_needs_equations_of_that_period() -> None:
    text = "x'=1+sin(y-x)\ny'=1\n@ fold=x,fold=y,tor_per={}\n"
    assert read_text(text.format("6.283185307")).options["folded"] == ("x", "y")
    with pytest.raises(FileFormatError, match="'x' is folded with period 5"):
        read_text(text.format("5"))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x'=-x\n0=x+y\n", 2, "algebraic equations"),
        ("u(t)=sin(t)+int{exp(-t)#u}\n", 1, "integral equations"),
        ("volt u=1\n", 1, "integral equations"),
        ("markov z 2\n", 1, "Markov variables"),
        ("x'=1\nexport {x} {y}\n", 2, "compiled library"),
        ("x'=1\nsolv y=1\n", 2, "algebraic"),
        ("options default.opt\n", 1, "older format"),
        ("3 1 0\n", 1, "old form of the format"),
        ("par a=1\n\nx'=a*q\n", 3, "unknown name 'q'"),
        ("x'=1\nx'=2\n", 2, "capital letters make no difference"),
        ("x'=1\npar X=2\n", 2, "is a parameter and also a variable"),
        ("par a = 3\nx'=a\n", 1, "name=value without blanks"),
        ("par a=1/3\nx'=a\n", 1, "must be a number, got '1/3'"),
        ("x'=1\ninit y=2\n", 2, "which is no variable"),
        ("x'=a\na=b+1\nb=t\n", 2, "uses 'b' before that is worked out"),
        ("x'=a\na=a+1\n", 2, "uses 'a' before"),
        ("f(u)=b\nb=f(1)\nx'=b\n", 2, "uses 'b' before"),
        ("!k=x\nx'=k\n", 1, "it may depend on parameters only"),
        ("x'=1\nglobal 0 {x} {x=1}\n", 2, "0 is not supported"),
        ("x'=1\npar a=1\nglobal 1 {x} {a=2}\n", 3, "which is a parameter"),
        ("x(t+1)=x\ny'=1\n", 1, "is written as a map"),
        ("x'=1\n@ dt=-.1\n", 2, "backwards in time"),
        ("x'=1\n@ meth=quantum2\n@ meth=zz\n", 3, "there is no method 'zz'"),
        ("x'=1\n@ total=soon\n", 2, "must be a number, got 'soon'"),
        ("x'=1\n@ total = 3\n", 2, "without blanks"),
        ("x[1..9]'=y[1..2]\n", 1, "one range a line"),
        ("x[1..2000000]'=1\n", 1, "a range may have 50,000 places"),
        ("%[1..3]\nx[j]'=1\n", 1, "not closed"),
        ("x'=1\nfrobnicate y\n", 2, "this line cannot be read"),
        ("x'=1 \\", 1, "nothing follows"),
        ("table f nowhere.tab\nx'=f(x)\n", 1, "is looked for beside a file"),
        ("x'=1\ntable f % 1 0 1 t\n", 2, "2 to 100,000 points"),
        ("special z=gill(0,a)\nx'=z(0)\n", 1, "'gill' is not supported"),
        ("x'=-delay(x,x)\n", 1, "one that changes with 'x'"),
        ("f(u,u)=u\nx'=1\n", 1, "names an argument twice"),
        ("sin(x)=2\nx'=1\n", 1, "a word of the format"),
        ("x'=1\n" + "y=" + "1+" * 6_000 + "1\n", 2, "10,000 characters"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        read_text(text, "bad")
    assert str(caught.value).startswith(f"bad: line {line}: "), caught.value
    assert message in str(caught.value)


def test_an_empty_file_says_what_is_expected() -> None:
    for text in ("", "# nothing\n", "done\nx'=1\n"):
        with pytest.raises(FileFormatError, match="there is no equation"):
            read_text(text)


def test_hostile_files_are_refused() -> None:
    for text in (
        "x[0..49999]'=" + "x[j]+" * 300 + "1\n",
        "x'=" + "(" * 4_000 + "\n",
        "f(u)=f(u)+1\nx'=f(1)\n",
        "a(u)=b(u)\nb(u)=a(u)\nx'=a(1)\n",
        "x'=sum(0,4999)of(sin(i'*x)+cos(i'*x)+exp(i'*x))\n",
        "x[1..9000]'=x[j]\ny[1..9000]'=x[j]\nz[1..9000]'=x[j]\n",
    ):
        with pytest.raises(FileFormatError):
            read_text(text)


def test_ranges_of_many_thousands_cost_little() -> None:
    began = time.process_time()
    assert read_text("x[0..4999]'=-x[j]\n").families == {"x": 5000}
    with pytest.raises(FileFormatError, match=r"line 1: a system may have 20,000 variables"):
        read_text("x[0..49999]'=-x[j]\n")
    assert time.process_time() - began < 5.0


@pytest.mark.parametrize("words", ["#include ", "table f "])
def test_a_file_whose_name_is_too_long_is_told_with_its_line(words: str, tmp_path: Path) -> None:
    place = tmp_path / "long.ode"
    place.write_text(f"x'=-x\n{words}{'a' * 5000}\n")
    with pytest.raises(FileFormatError, match=r"line 2: .* cannot be read"):
        read(place)
