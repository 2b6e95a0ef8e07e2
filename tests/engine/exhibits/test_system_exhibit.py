"""Systems as exhibits: orbits that can be known, twins, hysteresis, ends and restarts."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.errors import ParameterError
from engine.exhibit import Frame, Parameter
from engine.exhibits import _orbit_leg, _system_process
from engine.exhibits.system import SystemExhibit
from engine.systems.system import KnownFigure, OrbitDiagramDefaults, RunDefaults, System
from engine.tape import Data

DECAY = System(
    key="decay",
    title="Decay",
    kind="flow",
    variables=("x",),
    equations={"x": "-k*x"},
    parameters={"k": Parameter("k", 1.0, 0.1, 5.0)},
    initial=(2.0,),
    run=RunDefaults(step=0.01, length=500, speed=1.0),
)
DOUBLING = System(
    key="doubling",
    title="Doubling",
    kind="map",
    variables=("x",),
    equations={"x": "a*x"},
    parameters={"a": Parameter("a", 2.0, 1.0, 3.0)},
    initial=(1.0,),
    run=RunDefaults(method="iterate", step=1.0, length=10, bound=1e3),
)


def orbit(frame: Frame) -> np.ndarray:
    return frame.channels["orbit"]


def test_the_first_frame_is_the_whole_orbit_and_then_it_runs_on() -> None:
    process = SystemExhibit(DECAY).start({})
    first = process.advance(1.0, 0.0)
    rows = orbit(first)
    assert rows.shape == (500, 2)
    np.testing.assert_allclose(rows[:, 0], 0.01 * np.arange(500), atol=1e-12)
    np.testing.assert_allclose(rows[:, 1], 2.0 * np.exp(-rows[:, 0]), rtol=1e-9)
    more = process.advance(1.0, 0.05 * (1 + 1e-9))
    assert not more.restarted
    assert orbit(more).shape == (5, 2)
    np.testing.assert_allclose(orbit(more)[:, 1], 2.0 * np.exp(-orbit(more)[:, 0]), rtol=1e-9)
    assert more.time == pytest.approx(5.04)
    assert {"method": "rk4", "step": 0.01, "device": "CPU", "message": ""}.items() <= (
        more.status.items()
    )
    assert 0.0 < more.status["error"] < 1e-9


@pytest.mark.parametrize("method", ["rk4", "dop853"])
def test_the_orbit_is_the_one_that_simulate_gives(method: str) -> None:
    system = engine.systems()["lorenz"]
    frame = (
        SystemExhibit(system)
        .start({"run.method": method, "run.length": 2001, "run.step": 0.005, "rho": 30.0})
        .advance(1.0, 0.0)
    )
    expected = engine.simulate(
        system, duration=10.0, step=0.005, method=method, values={"rho": 30.0}
    )
    np.testing.assert_array_equal(orbit(frame)[:, 1:], expected.states)


def test_several_changes_are_one_new_orbit() -> None:
    process = SystemExhibit(DECAY).start({})
    process.advance(1.0, 0.0)
    process.set("k", 3.0)
    process.set("initial.x", -1.0)
    process.set("run.length", 50)
    frame = process.advance(1.0, 0.0)
    assert frame.restarted
    rows = orbit(frame)
    assert len(rows) == 50
    np.testing.assert_allclose(rows[:, 1], -np.exp(-3.0 * rows[:, 0]), rtol=1e-7)
    assert not process.advance(1.0, 0.0).restarted


def test_a_changed_parameter_may_start_from_the_last_state() -> None:
    process = SystemExhibit(DECAY).start({"run.restart": "last state"})
    last = orbit(process.advance(1.0, 0.0))[-1]
    process.set("k", 2.0)
    rows = orbit(process.advance(1.0, 0.0))
    np.testing.assert_array_equal(rows[0], last)
    np.testing.assert_allclose(
        rows[:, 1], last[1] * np.exp(-2.0 * (rows[:, 0] - last[0])), rtol=1e-7
    )
    process.set("initial.x", 7.0)
    assert orbit(process.advance(1.0, 0.0))[0].tolist() == [0.0, 7.0]


def test_an_orbit_too_long_for_a_frame_is_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_system_process, "FILL", 0.0)
    exhibit = SystemExhibit(engine.systems()["lorenz"])
    process = exhibit.start({"run.length": 50_000})
    data = Data()
    frame = process.advance(0.0, 0.0)
    assert frame.restarted
    assert frame.status["message"] == "filling the orbit"
    data.update(frame, exhibit.channels)
    while frame.status["message"]:
        frame = process.advance(1e-4, 0.0)
        data.update(frame, exhibit.channels)
    at_once = exhibit.start({"run.length": 50_000})
    monkeypatch.setattr(_system_process, "FILL", 10.0)
    np.testing.assert_array_equal(data.tapes["orbit"].rows, orbit(at_once.advance(1.0, 0.0)))


def test_a_tape_keeps_as_many_rows_as_the_run_asks_for() -> None:
    exhibit = SystemExhibit(DECAY)
    process = exhibit.start({"run.length": 100})
    data = Data()
    for limit in (0.0, 2.0, 2.0):
        data.update(process.advance(1.0, limit), exhibit.channels)
    rows = data.tapes["orbit"].rows
    assert len(rows) == 100
    np.testing.assert_array_equal(rows, process.state()["rows"])


def test_an_orbit_that_leaves_is_finished_and_says_where() -> None:
    process = SystemExhibit(DOUBLING).start({"run.length": 100})
    frame = process.advance(1.0, 0.0)
    assert process.finished
    # 2^10 is the first beyond 1e3.
    assert orbit(frame)[:, 1].tolist() == [2.0**n for n in range(10)]
    assert frame.status["message"] == "left the region |x| > 1000 at iteration 10"
    assert not process.advance(1.0, 5.0).channels
    process.set("a", 1.0)
    assert not process.finished
    assert len(orbit(process.advance(1.0, 0.0))) == 100


def test_twins_leave_together_and_part_at_the_rate_of_the_map() -> None:
    # Under x' = 2 x the distance doubles at every iteration.
    process = SystemExhibit(DOUBLING).start({"run.twins": 3, "run.length": 8})
    frame = process.advance(1.0, 0.0)
    twins = frame.channels["twins"]
    assert twins.shape == (8, 4)
    np.testing.assert_array_equal(twins[:, :2], orbit(frame))
    growth = _system_process.APART * 2.0 ** np.arange(8)
    np.testing.assert_allclose(twins[:, 2] - twins[:, 1], growth, rtol=1e-7)
    np.testing.assert_allclose(twins[:, 3] - twins[:, 1], 2 * growth, rtol=1e-7)
    live = process.advance(1.0, 1.0).channels
    assert live["twins"].shape == (1, 4)
    process.set("run.twins", 1)
    alone = process.advance(1.0, 0.0)
    assert alone.restarted
    assert set(alone.channels) == {"orbit"}


def test_twins_of_a_long_orbit_leave_it_late_and_live_on_with_it() -> None:
    process = SystemExhibit(engine.systems()["lorenz"]).start(
        {"run.twins": 2, "run.length": 20_000}
    )
    frame = process.advance(5.0, 0.0)
    twins = frame.channels["twins"]
    np.testing.assert_array_equal(twins[:, :4], orbit(frame)[-_system_process.TWIN_ROWS :])
    apart = np.abs(twins[:, 4:] - twins[:, 1:4]).max(axis=1)
    assert apart[0] == pytest.approx(1e-6)
    assert apart.max() > 1.0
    assert process.advance(5.0, 0.1).channels["twins"].shape == (20, 7)


@pytest.mark.parametrize(
    ("key", "method"),
    [("lorenz", "rk4"), ("lorenz", "tsit5"), ("duffing", "rk4"), ("henon", "iterate")],
)
def test_legs_change_nothing_for_one_who_resumes(
    key: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_orbit_leg, "LEG", 70)
    exhibit = SystemExhibit(engine.systems()[key])
    values = {"run.method": method, "run.length": 200, "run.twins": 2}
    process, other = exhibit.start(values), exhibit.start({})
    process.advance(1.0, 0.0)
    for _ in range(4):
        process.advance(1.0, 37 * exhibit.pace.step)
        other.restore(process.state())
        other.advance(1.0, 0.0)
        one = process.advance(1.0, 33 * exhibit.pace.step * (1 + 1e-9)).channels
        two = other.advance(1.0, 33 * exhibit.pace.step * (1 + 1e-9)).channels
        for name in ("orbit", "twins"):
            np.testing.assert_array_equal(one[name], two[name])


def test_a_run_that_ended_is_restored_as_ended() -> None:
    exhibit = SystemExhibit(DOUBLING)
    process, other = exhibit.start({"run.length": 50}), exhibit.start({})
    frame = process.advance(1.0, 0.0)
    other.restore(process.state())
    again = other.advance(1.0, 0.0)
    assert other.finished
    assert again.status["message"] == frame.status["message"]
    np.testing.assert_array_equal(orbit(again), orbit(frame))


@pytest.mark.parametrize(
    ("name", "value"),
    [("run.length", 1), ("run.length", 2_000_000), ("run.twins", 13), ("run.step", 0.0)],
)
def test_runs_that_cannot_be_are_refused(name: str, value: float) -> None:
    exhibit = SystemExhibit(DECAY)
    with pytest.raises(ParameterError, match=f"'{name}' of 'decay' must"):
        exhibit.start({name: value})
    process = exhibit.start({})
    with pytest.raises(ParameterError, match=f"'{name}' of 'decay' must"):
        process.set(name, value)
    assert len(orbit(process.advance(1.0, 0.0))) == 500


def test_a_preset_leaves_nothing_of_the_one_before() -> None:
    exhibit = SystemExhibit(engine.systems()["lorenz"])
    everything = {*exhibit.system.parameters, *(f"initial.{v}" for v in "xyz")}
    for preset in exhibit.presets:
        assert set(preset.values) == everything


def test_known_figures_become_claims() -> None:
    known = KnownFigure("fixed-point", 0.0, 1e-9, "x = 0 solves -k x = 0", {"k": 2.0}, "exact")
    from dataclasses import replace

    (claim,) = SystemExhibit(replace(DECAY, known=(known,))).claims
    assert claim.sentence == "The first coordinate of a fixed point of Decay at k = 2 is 0"
    assert claim.measure(0).passed
    wrong = replace(known, quantity="colour")
    (claim,) = SystemExhibit(replace(DECAY, known=(wrong,))).claims
    result = claim.measure(0)
    assert not result.passed
    assert "'colour' of 'decay' is no quantity that can be measured" in result.detail


def test_views_follow_the_dimension() -> None:
    kinds = {
        key: [view.kind for view in SystemExhibit(engine.systems()[key]).views]
        for key in ("lorenz", "van-der-pol", "henon", "logistic")
    }
    assert kinds["lorenz"] == ["attractor", "phase_portrait", "time_series", "orbit_diagram"]
    assert kinds["van-der-pol"][0] == "phase_portrait"
    assert kinds["henon"][0] == "phase_portrait"
    assert kinds["logistic"][0] == "orbit_diagram"
    assert OrbitDiagramDefaults() == DECAY.orbit_diagram
    assert [view.kind for view in SystemExhibit(DECAY).views] == ["time_series"]


def test_views_follow_what_a_system_is() -> None:
    def views(key: str) -> list[tuple[str, str]]:
        exhibit = SystemExhibit(engine.systems()[key])
        return [(view.kind, view.area) for view in exhibit.views]

    # One variable of a flow or of noise has nothing but time to be drawn against.
    assert views("ornstein-uhlenbeck") == [("time_series", "main")]
    assert views("leaky-integrate-and-fire") == [("time_series", "main")]
    assert views("saddle-node") == [("orbit_diagram", "main"), ("time_series", "bottom")]
    # A spike is an event in time.
    assert views("izhikevich") == [("time_series", "main"), ("phase_portrait", "right")]
    # A planet's way is a curve in the plane, though four numbers say where it is.
    assert views("kepler")[0] == ("phase_portrait", "main")
    portrait = SystemExhibit(engine.systems()["kepler"]).views[0]
    assert dict(portrait.settings) == {"x": "x", "y": "y", "aspect": "equal"}
    # Phases that grow for ever are a line in space; what else has many variables is not.
    assert "attractor" not in dict(views("kuramoto"))
    assert ("attractor", "right") in views("lorenz-96")


def test_a_family_over_place_and_time_fills_its_view() -> None:
    field = SystemExhibit(engine.systems()["lorenz-96"]).views[0]
    assert (field.kind, dict(field.settings)) == ("field", {"aspect": "fill"})


def test_the_colours_of_angles_go_once_round_the_whole_turn() -> None:
    angles, speeds = SystemExhibit(engine.systems()["swing"]).views[:2]
    assert (angles.settings["low"], angles.settings["high"]) == (-np.pi, np.pi)
    assert "low" not in speeds.settings


def test_variables_carry_their_letters() -> None:
    channel = SystemExhibit(engine.systems()["kuramoto"]).channels["orbit"]
    assert channel.symbols[30] == r"\theta_{30}"
