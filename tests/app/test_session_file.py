"""Sessions come back as they were saved; whatever else a file holds is refused in a sentence."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import session_file
from app.document import Document
from app.session_file import Session, SessionView, load, loads, save
from engine.catalogue import Catalogue
from engine.errors import FileFormatError, ParameterError
from engine.exhibit import Channel, Exhibit, Parameter, Process, Values, ViewSpec
from engine.files.atomic import ExportError


class Pendulum(Exhibit):
    """An exhibit that only declares itself."""

    key, title, family, kind, summary = "pendulum", "Pendulum", "tests", "flow", ""
    parameters = MappingProxyType(
        {
            "length": Parameter("length", 1.0),
            "mode": Parameter("mode", "free", scale="choice", choices=("free", "driven")),
            "count": Parameter("count", 3, scale="integer"),
        }
    )
    channels = MappingProxyType({"orbit": Channel("orbit", "trajectory", names=("angle",))})
    views = (ViewSpec("attractor", "orbit", {"width": 1.5}),)

    def start(self, values: Values, seed: int = 0) -> Process:
        raise NotImplementedError


EXHIBITS = Catalogue({}, {}, {"pendulum": Pendulum()})
FULL = Session(
    exhibit="pendulum",
    values={"length": 8 / 3, "mode": "driven", "count": 4},
    seed=2**63,
    speed=0.1,
    running=True,
    theme="light",
    views=(
        SessionView(
            "attractor",
            "attractor",
            "orbit",
            {"azimuth": -35.5, "x": "angle", "turning": "on", "range": [0.0, 1.0]},
            "main",
        ),
        SessionView("attractor-2", "attractor", "orbit", {}, "bottom", "tab"),
    ),
    layout={"window": "AAAA/w==", "geometry": ""},
    notes='ünïcode\nand "quotes"',
)


def test_a_session_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.phasescope"
    save(path, FULL)
    assert load(path, EXHIBITS) == FULL


def test_what_a_document_holds_survives_a_file(tmp_path: Path) -> None:
    document = Document(EXHIBITS)
    document.open("pendulum")
    document.set({"length": 2.5})
    save(tmp_path / "a.phasescope", Session.from_tree(document.tree()))
    other = Document(EXHIBITS)
    other.load(load(tmp_path / "a.phasescope", EXHIBITS).tree())
    assert other.tree() == document.tree()


TEXT = st.text(max_size=12)
SCALARS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), TEXT, st.integers(-(2**60), 2**60)
)


@given(
    values=st.dictionaries(TEXT, SCALARS, max_size=4),
    notes=TEXT,
    settings_=st.dictionaries(TEXT, SCALARS, max_size=4),
    seed=st.integers(0, 2**64 - 1),
    speed=st.floats(1e-300, 1e300),
    running=st.booleans(),
)
def test_any_session_survives(
    values: dict[str, Any],
    notes: str,
    settings_: dict[str, Any],
    seed: int,
    speed: float,
    running: bool,
) -> None:
    session = Session(
        "pendulum",
        values,
        seed,
        speed,
        running,
        "dark",
        (SessionView("a", "curves", "orbit", settings_),),
        notes=notes,
    )
    assert loads(session_file.dumps(session).encode()) == session


def test_a_view_range_that_is_not_finite_does_not_cost_the_session() -> None:
    session = Session(
        "pendulum",
        {"length": 1.0},
        views=(SessionView("a", "curves", "orbit", {"low": math.nan, "high": 2.0}),),
    )
    assert loads(session_file.dumps(session).encode()).views[0].settings == {"high": 2.0}
    with pytest.raises(ParameterError, match="'length' must be a finite number"):
        session_file.dumps(Session("pendulum", {"length": math.inf}))


def changed(**changes: Any) -> bytes:
    data = json.loads(session_file.dumps(FULL))
    for place, value in changes.items():
        node: Any = data
        *parents, last = [int(part) if part.isdigit() else part for part in place.split("__")]
        for part in parents:
            node = node[part]
        if value is ...:
            del node[last]
        else:
            node[last] = value
    return json.dumps(data).encode()


WRONG: list[tuple[bytes, str]] = [
    (b"", "is no JSON, or was cut off"),
    (b"\xff\xfe\x00", "no text in UTF-8"),
    (b"[1]", "expected a JSON object"),
    (b"{}", "no session file"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"a": NaN}', "must be finite, got NaN"),
    (b'{"a": 1, "a": 2}', "a: stands there twice"),
    (b'{"a": ' + b"9" * 5000 + b"}", "cannot be read"),
    (session_file.dumps(FULL).encode()[:200], "cut off"),
    (changed(version=2), "version: the session is of version 2 .* update"),
    (changed(version=0), "version 0 cannot be read"),
    (changed(version="1"), "version: expected a whole number, got '1'"),
    (changed(version=True), "version: expected a whole number"),
    (changed(version=10**400), "version: "),
    (changed(exhibit=...), "exhibit: expected text, got nothing"),
    (changed(exhibit="pendulun"), "exhibit: there is no exhibit 'pendulun' here; did you mean"),
    (changed(values=[1]), "values: expected names with values, got a list"),
    (changed(values__length=None), "values.length: expected a finite number, got nothing"),
    (changed(values__length=True), "values.length: expected a finite number, got True"),
    (changed(values__length=10**400), "values.length: expected a finite number"),
    (changed(values__length="long"), "values.length: .* must be a finite number, got 'long'"),
    (changed(values__mode="both"), "values.mode: .* must be one of free, driven"),
    (changed(values__count=1.5), "values.count: .* whole number"),
    (changed(values__mass=1), "values.mass: 'pendulum' has no such parameter; it has length"),
    (changed(seed=-1), "seed: expected a whole number from 0 on"),
    (changed(speed=0), "speed: expected a number above 0"),
    (changed(running="yes"), "running: expected true or false"),
    (changed(theme="pink"), "theme: expected dark or light"),
    (changed(views={"a": 1}), "views: expected a list"),
    (changed(views=[{}] * 201), "views: are more than 200"),
    (changed(views__0=3), r"views\[0\]: expected names with values"),
    (changed(views__0__kind=...), r"views\[0\].kind: expected text"),
    (changed(views__0__area="left"), r"views\[0\].area: expected main or right or bottom"),
    (changed(views__1__id="attractor"), r"views\[1\].id: expected a name no other view has"),
    (changed(views__0__settings__x=None), r"views\[0\].settings.x: expected text or a finite"),
    (changed(views__1__channel="smell"), r"views\[1\].channel: .* it has orbit"),
    (changed(layout__window=3), "layout.window: expected text, got 3"),
    (changed(layout__window="ü"), "layout.window: expected base64"),
    (changed(notes=[]), "notes: expected text, got a list"),
]


@pytest.mark.parametrize(("content", "says"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "wrong.phasescope"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=says) as caught:
        load(path, EXHIBITS)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_numbers_beyond_float64_are_refused() -> None:
    text = changed(values__length=12345.5).replace(b"12345.5", b"1e999")
    with pytest.raises(FileFormatError, match=r"values\.length: expected a finite number, got inf"):
        loads(text)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.phasescope"
    with open(path, "wb") as file:
        file.truncate(session_file.SIZE_LIMIT + 1)
    with pytest.raises(FileFormatError, match="larger than 16 MB"):
        load(path)


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no such file"):
        load(tmp_path / "none.phasescope")
    with pytest.raises(FileFormatError, match="cannot be read"):
        load(tmp_path)
    with pytest.raises(FileFormatError, match="cannot be read"):
        load("a\0b")
    with pytest.raises(ExportError, match="does not exist"):
        save(tmp_path / "none" / "a.phasescope", FULL)


def test_an_old_file_passes_through_every_migration() -> None:
    def rename(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "exhibit": data["system"]}

    def scale(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "speed": data["speed"] * 60}

    old = {"format": session_file.FORMAT, "version": 1, "system": "pendulum", "speed": 2.0}
    new = session_file.migrate(old, migrations={1: rename, 2: scale}, target=3)
    assert new["exhibit"] == "pendulum"
    assert new["speed"] == 120.0
    with pytest.raises(FileFormatError, match="version 2 cannot be read"):
        session_file.migrate(old, migrations={1: rename}, target=3)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "exhibit",
        "version",
        "values",
        "seed",
        "speed",
        "running",
        "theme",
        "views",
        "layout",
        "notes",
        "app_version",
        "created",
    ]
)


@settings(
    max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.dictionaries(FIELDS, JSON, max_size=5).map(lambda fields: changed(**fields)),
        st.tuples(st.integers(0, 700), st.binary(max_size=3)).map(
            lambda cut: (
                session_file.dumps(FULL).encode()[: cut[0]]
                + cut[1]
                + session_file.dumps(FULL).encode()[cut[0] + 1 :]
            )
        ),
    )
)
def test_no_content_raises_anything_but_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fuzz.phasescope"
    path.write_bytes(content)
    said = "fuzz.phasescope"
    try:
        load(path, EXHIBITS)
    except FileFormatError as error:
        said = str(error)
    assert "fuzz.phasescope" in said
