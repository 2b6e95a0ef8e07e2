"""Equations are broken where a person would, drawn once, and kept without a colour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.look import Tokens
from widgets import theme
from widgets.latex import Formula, Typesetter
from widgets.typesetting import split_equation, svg_of, terms, tidy

LORENZ = (
    r"\dot{x} = \sigma \left(y - x\right)",
    r"\dot{y} = x \left(\rho - z\right) - y",
    r"\dot{z} = x y - \beta z",
)


@pytest.fixture
def setter(tmp_path: Path) -> Iterator[Typesetter]:
    setter = Typesetter(tmp_path)
    yield setter
    setter.wait(10.0)


def size_of(svg: bytes) -> tuple[float, float]:
    found = re.search(rb'width="([\d.]+)" height="([\d.]+)"', svg)
    assert found is not None
    return float(found[1]), float(found[2])


def test_an_equation_is_split_at_its_own_equals_sign() -> None:
    left, right = split_equation(r"f{(a=b)} = c")
    assert left == r"f{(a=b)}"
    assert right.startswith("=")
    assert split_equation("a + b") == ("", "a + b")


def test_terms_are_cut_outside_brackets_only() -> None:
    assert terms(r"= a \left(b - c\right) - \frac{d + e}{f} + g") == [
        r"= a \left(b - c\right)",
        r"- \frac{d + e}{f}",
        "+ g",
    ]
    assert terms("- a + b") == ["- a", "+ b"]


def test_what_mathtext_does_not_know_is_rewritten() -> None:
    assert tidy(r"$\displaystyle \tfrac{1}{2} \text{if}$").split() == [
        r"\dfrac{1}{2}",
        r"\mathrm{if}",
    ]


def test_functions_and_fractions_are_set_as_in_a_displayed_equation() -> None:
    assert tidy(r"g \sin{\left(x \right)} + \frac{\frac{a}{b}}{c}") == (
        r"g\,\sin\left(x \right) + \dfrac{\frac{a}{b}}{c}"
    )
    assert tidy(r"\sinh{\left(\cos{\left(x \right)} \right)}") == (
        r"\sinh\left(\cos\left(x \right) \right)"
    )
    svg_of([tidy(r"g \sin{\left(x \right)} + \frac{\frac{a}{b}}{c} \tanh{\left(u \right)}")])


def test_the_drawing_has_no_colour_and_one_outline_a_part() -> None:
    svg = svg_of(LORENZ)
    assert svg.count(b"<path") == 2 * len(LORENZ)
    assert b"#" not in svg
    assert svg.count(b"currentColor") == 1


def test_the_right_sides_stand_under_each_other() -> None:
    places = re.findall(rb"translate\(([\d.]+) ([\d.]+)\)", svg_of(LORENZ))
    right = {x for x, _ in places[1::2]}
    assert len(right) == 1
    lines = [float(y) for _, y in places[::2]]
    assert lines == sorted(lines)


def test_a_long_line_is_broken_and_a_short_one_is_not() -> None:
    long = r"\dot{v} = " + " + ".join(rf"a_{{{i}}} v^{{{i}}}" for i in range(12))
    wide, narrow = size_of(svg_of([long], width=2000)), size_of(svg_of([long], width=200))
    assert wide[0] > 200 >= narrow[0] - 2
    assert narrow[1] > 2 * wide[1]


def test_a_formula_is_plain_text_first_and_drawn_then(
    qtbot: QtBot, qapp: QApplication, setter: Typesetter, dark: Tokens, tmp_path: Path
) -> None:
    theme.apply(qapp, dark)
    formula = Formula(setter)
    qtbot.addWidget(formula)
    formula.set_theme(dark)
    formula.resize(300, 120)
    formula.show()
    formula.show_lines(LORENZ)
    assert not formula.is_drawn
    formula.grab()
    assert "σ" in formula.accessibleName()
    with qtbot.waitSignal(formula.drawn, timeout=20_000):
        pass
    assert formula.is_drawn
    assert formula.heightForWidth(300) > 60
    ink = {
        formula.grab().toImage().pixelColor(x, y).lightness() for x in range(120) for y in range(80)
    }
    assert max(ink) - min(ink) > 80
    assert len(list(tmp_path.glob("*.svg"))) == 1


def test_a_drawing_is_made_once_for_both_themes_and_the_next_start(
    qtbot: QtBot, tmp_path: Path, dark: Tokens, light: Tokens
) -> None:
    first = Typesetter(tmp_path)
    assert first.drawing(LORENZ, 16.0, 320) is None
    with qtbot.waitSignal(first.ready, timeout=20_000):
        pass
    first.wait()
    formula = Formula(Typesetter(tmp_path))
    qtbot.addWidget(formula)
    formula.resize(330, 100)
    formula.show()
    formula.set_theme(dark)
    formula.show_lines(LORENZ)
    assert formula.is_drawn
    formula.set_theme(light)
    assert formula.is_drawn


def test_what_cannot_be_drawn_stays_text(qtbot: QtBot, setter: Typesetter) -> None:
    with qtbot.waitSignal(setter.ready, timeout=20_000) as signal:
        assert setter.drawing([r"\begin{cases} x \end{cases}"], 16.0, 320) is None
    assert signal.args[1] == b""
    assert setter.drawing([r"\begin{cases} x \end{cases}"], 16.0, 320) == b""


def test_a_damaged_drawing_is_drawn_again(qtbot: QtBot, setter: Typesetter, tmp_path: Path) -> None:
    with qtbot.waitSignal(setter.ready, timeout=20_000):
        setter.drawing(["a = b"], 16.0, 320)
    setter.wait()
    kept = next(tmp_path.glob("*.svg"))
    kept.write_bytes(kept.read_bytes()[:40])
    again = Typesetter(tmp_path)
    with qtbot.waitSignal(again.ready, timeout=20_000):
        assert again.drawing(["a = b"], 16.0, 320) is None
    again.wait()
    assert kept.read_bytes().endswith(b"</svg>")
