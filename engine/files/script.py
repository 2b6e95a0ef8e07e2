"""A view as a short Python script that makes the same picture with ``engine`` alone.

The script is text for a person to read, change and run; it is never run here. Every value
in it is a literal, so nothing typed into the window becomes code.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.exhibit import Exhibit, Value, Values
from engine.files.provenance import version


def as_python(
    exhibit: Exhibit,
    values: Values,
    seed: int,
    view_kind: str,
    settings: Mapping[str, Value],
    channel: str = "",
    duration: float | None = None,
) -> str:
    """A script that makes the picture of a view.

    Parameters
    ----------
    exhibit : Exhibit
        What is open.
    values : mapping
        Its parameter values.
    seed : int
    view_kind : str
        Kind of the view, for example ``attractor``.
    settings : mapping
        The view's options.
    channel : str
        The channel it shows; the one the exhibit suggests where empty.
    duration : float, optional
        How far to run, in units of the exhibit's clock.

    Returns
    -------
    str
        It leaves a PDF beside itself and the numbers in ``content``.
    """
    words = view_kind.replace("_", " ")
    lines = [
        f'"""{_plain(exhibit.title)}: {words}. Made with Phasescope {version()}."""',
        "",
        "import engine",
        "from engine import figures",
        "",
        f"exhibit = engine.catalogue()[{exhibit.key!r}]",
        *_assignment("values", _telling(exhibit, values), "the others are at their defaults"),
        *_assignment("settings", settings, "of the view"),
        "content = figures.content_from_run(",
        f"    exhibit, values, seed={int(seed)}, view_kind={view_kind!r}, settings=settings,",
    ]
    if channel:
        lines.append(f"    channel={channel!r},")
    if duration is not None:
        lines.append(f"    duration={float(duration)!r},  # {_plain(exhibit.pace.unit)}")
    lines.append(")")
    if view_kind == "orbit_diagram":
        lines += [
            f"content = figures.prepared({view_kind!r}, content)",
            "diagram = content.result  # parameter_values (columns,), samples (columns, keep)",
        ]
    else:
        lines.append("array = content.array  # the numbers behind the picture")
    name = f"{exhibit.key}-{view_kind.replace('_', '-')}.pdf"
    lines += [
        f"figures.render({view_kind!r}, content, {name!r}, size_mm=(160, 120))",
        f"print({f'wrote {name}'!r})",
    ]
    return "\n".join(lines) + "\n"


def _telling(exhibit: Exhibit, values: Values) -> dict[str, Value]:
    """All values of the model, and the others where they are not the default."""
    return {
        name: values.get(name, parameter.default)
        for name, parameter in exhibit.parameters.items()
        if parameter.group == "model" or values.get(name, parameter.default) != parameter.default
    }


def _assignment(name: str, items: Mapping[str, Value], remark: str) -> list[str]:
    """``name = {...}``, one entry a line where it would be long."""
    parts = [f"{key!r}: {_literal(value)}" for key, value in items.items()]
    short = f"{name} = {{{', '.join(parts)}}}  # {remark}"
    if len(short) <= 96:
        return [short]
    return [f"{name} = {{  # {remark}", *(f"    {part}," for part in parts), "}"]


def _literal(value: Value) -> str:
    """A value as a Python literal; numpy's numbers as plain ones."""
    if isinstance(value, bool | str):
        return repr(value)
    return repr(int(value)) if isinstance(value, int) else repr(float(value))


def _plain(text: str) -> str:
    """Text that can stand in a docstring or a remark."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())
