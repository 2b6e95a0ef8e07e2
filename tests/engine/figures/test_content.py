"""A figure made from a fresh run shows what the exhibit shows."""

from __future__ import annotations

import io

import numpy as np
import pytest

import engine
from engine import figures
from engine.errors import ParameterError
from engine.exhibit import Exhibit


@pytest.fixture(scope="module")
def lorenz() -> Exhibit:
    return engine.catalogue()["lorenz"]


SHORT = {"run.length": 2000}


def test_a_fresh_run_is_the_orbit_that_the_engine_computes(lorenz: Exhibit) -> None:
    content = figures.content_from_run(lorenz, {"rho": 24.5, **SHORT}, 0, "attractor")
    step = float(content.values["run.step"])
    trajectory = engine.simulate(
        engine.systems()["lorenz"], duration=10.0, step=step, values={"rho": 24.5}
    )
    np.testing.assert_allclose(content.rows[:500, 1:], trajectory.states[:500], rtol=1e-9)
    assert content.provenance.values["rho"] == 24.5
    assert content.provenance.initial == tuple(lorenz.system.initial)  # type: ignore[union-attr]
    assert content.provenance.method == "rk4"
    assert content.provenance.step == step


def test_a_duration_runs_on(lorenz: Exhibit) -> None:
    short = figures.content_from_run(lorenz, SHORT, 0, "attractor")
    long = figures.content_from_run(lorenz, SHORT, 0, "attractor", duration=5.0)
    assert long.rows[-1, 0] == pytest.approx(short.rows[-1, 0] + 5.0, abs=0.1)


def test_an_exhibit_that_starts_with_nothing_is_run_for_a_while() -> None:
    content = figures.content_from_run(engine.catalogue()["deep-linear-exact"], {}, 0, "curves")
    assert len(content.rows) > 100
    assert [channel.name for channel, _ in content.related] == ["theory"]


def test_the_same_seed_gives_the_same_numbers() -> None:
    exhibit = engine.catalogue()["edge-of-chaos-eca"]
    one, two, other = (
        figures.content_from_run(exhibit, {}, seed, "field").array for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


@pytest.mark.parametrize(
    ("key", "kind", "settings"),
    [
        ("van-der-pol", "phase_portrait", {}),
        ("van-der-pol", "phase_portrait", {"field": "streamlines", "nullclines": "hidden"}),
        ("henon", "phase_portrait", {}),
        ("kepler", "phase_portrait", {"aspect": "equal"}),
        ("lorenz", "phase_portrait", {"x": "y", "y": "z"}),
        ("lorenz", "attractor", {"camera": "top", "colour": "z", "axes": "off"}),
        ("lorenz", "attractor", {"show": "tail", "tail": 3.0, "z_axis": "none"}),
        ("lorenz", "time_series", {"layout": "overlaid", "window": 4.0}),
        ("lorenz", "time_series", {"show.y": "hidden", "behind": 2.0}),
        ("henon", "time_series", {}),
        ("edge-of-chaos-eca", "curves", {"x scale": "log"}),
        ("edge-of-chaos-eca", "field", {"left": 10.0, "right": 60.0, "bottom": 5.0, "top": 50.0}),
        ("deep-linear-exact", "field", {"colours": "batlow", "aspect": "fill"}),
    ],
)
def test_the_options_of_the_views_are_understood(
    key: str, kind: str, settings: dict[str, float | str]
) -> None:
    exhibit = engine.catalogue()[key]
    values = SHORT if exhibit.system is not None else {}
    content = figures.content_from_run(exhibit, values, 0, kind, settings=settings)
    buffer = io.BytesIO()
    figures.render(kind, content, buffer, format="png", size_mm=(60, 45), dpi=60)
    assert buffer.getvalue().startswith(b"\x89PNG")


def test_an_orbit_diagram_is_computed_where_there_is_none_yet() -> None:
    exhibit = engine.catalogue()["logistic"]
    content = figures.content_from_run(
        exhibit, {}, 0, "orbit_diagram", settings={"columns": 64, "low": 2.8, "high": 3.2}
    )
    assert content.result is None
    done = figures.prepared("orbit_diagram", content)
    # Below 3 the fixed point 1 - 1/r, a classic.
    r = done.result.parameter_values
    row = int(np.argmin(np.abs(r - 2.9)))
    np.testing.assert_allclose(done.result.samples[row][0], 1 - 1 / r[row], atol=1e-6)
    buffer = io.BytesIO()
    figures.render("orbit_diagram", done, buffer, format="pdf", size_mm=(60, 45))
    assert buffer.getvalue().startswith(b"%PDF")


def test_what_does_not_fit_is_named(lorenz: Exhibit) -> None:
    with pytest.raises(ParameterError, match="'lorenz' has nothing that a view 'field'"):
        figures.content_from_run(lorenz, SHORT, 0, "field")
    with pytest.raises(ParameterError, match="no channel 'smell'; it has orbit"):
        figures.content_from_run(lorenz, SHORT, 0, "attractor", "smell")
    with pytest.raises(ParameterError, match="duration"):
        figures.content_from_run(lorenz, SHORT, 0, "attractor", duration=-1.0)
    with pytest.raises(ParameterError, match="no parameter 'rh'"):
        figures.content_from_run(lorenz, {"rh": 1.0}, 0, "attractor")
