"""What `list` and `show` say: the catalogue on the command line."""

from __future__ import annotations

import argparse
import math
from typing import Any

from app.cli_commands import say, say_json
from app.opening import exhibit_of
from engine.analysis._reference_rows import with_error
from engine.analysis.reference import row_of
from engine.catalogue import catalogue
from engine.errors import PhasescopeError
from engine.exhibit import Exhibit, Parameter


def _references(exhibit: Exhibit) -> list[dict[str, Any]]:
    return [vars(reference) for reference in exhibit.references]


def do_list(arguments: argparse.Namespace) -> int:
    """What can be opened."""
    found, broken = [], 0
    exhibits = catalogue()
    for key in exhibits:
        try:
            found.append(exhibits[key])
        except PhasescopeError as error:
            broken = 1
            say(f"phasescope: '{key}' cannot be opened: {error}", problem=True)
    if arguments.json:
        say_json(
            {
                "key": exhibit.key,
                "title": exhibit.title,
                "family": exhibit.family,
                "kind": exhibit.kind,
                "tags": list(exhibit.tags),
                "aliases": dict(exhibit.aliases),
                "references": _references(exhibit),
            }
            for exhibit in found
        )
        return broken
    table = [
        [exhibit.key, exhibit.kind, exhibit.title, _source(exhibit), _figures(exhibit.key)]
        for exhibit in found
    ]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)] if table else []
    for line in table:
        words = "  ".join(f"{word:{width}}" for word, width in zip(line, widths, strict=True))
        say(words.rstrip())
    return broken


def _source(exhibit: Exhibit) -> str:
    """The first reference in a few words: Lorenz 1963."""
    if not exhibit.references:
        return ""
    first = exhibit.references[0]
    one, *others = first.authors.replace(" and ", ", ").split(", ")
    words = one.split()
    # Initials go, and with them nothing of "van der Pol".
    name = " ".join(word for word in words if not word.endswith(".")) or one
    return f"{name}{' et al.' if len(others) > 1 else ''} {first.year}"


def _figures(key: str) -> str:
    """The Lyapunov spectrum of the table, with its standard errors."""
    from app.cli_reference import few

    row = row_of(key)
    return few(row.exponents, row.stderr) if row is not None and row.exponents else ""


def _spectrum(key: str) -> dict[str, Any] | None:
    row = row_of(key)
    if row is None or not row.exponents:
        return None
    return {
        "exponents": row.exponents,
        "stderr": row.stderr,
        "kaplan_yorke": row.kaplan_yorke,
        "kaplan_yorke_stderr": row.kaplan_yorke_stderr,
        "divergence": row.divergence,
        "period": row.period,
        "method": row.method,
        "known": [{**vars(known), "agrees": known.agrees} for known in row.known],
    }


def _spectrum_lines(key: str) -> list[str]:
    """Our figures, and those of the literature beside them."""
    row = row_of(key)
    if row is None or not row.exponents:
        return []
    pairs = list(zip(row.exponents, row.stderr, strict=True))
    lines = [with_error(value, error) for value, error in pairs[:8]]
    if len(pairs) > 8:
        lines.append(f"and {len(pairs) - 8} more, down to {with_error(*pairs[-1])}")
    if math.isfinite(row.kaplan_yorke):
        lines.append(
            f"Kaplan-Yorke dimension {with_error(row.kaplan_yorke, row.kaplan_yorke_stderr)}"
        )
    lines.append(f"by {row.method}")
    for known in row.known:
        at = ", ".join(f"{name} = {value:g}" for name, value in known.values.items())
        lines.append(
            f"{known.quantity}{f' at {at}' if at else ''}: {known.theirs:.7g} ({known.label}: "
            f"{known.source}), ours {with_error(known.ours, known.stderr)}"
            f"{'' if known.agrees else '; THEY DIFFER'}"
        )
    return lines


def do_show(arguments: argparse.Namespace) -> int:
    """One exhibit."""
    exhibit = exhibit_of(arguments.key)
    if arguments.json:
        say_json(
            [
                {
                    "key": exhibit.key,
                    "title": exhibit.title,
                    "family": exhibit.family,
                    "kind": exhibit.kind,
                    "summary": " ".join(exhibit.summary.split()),
                    "tags": list(exhibit.tags),
                    "aliases": dict(exhibit.aliases),
                    "equations": list(exhibit.latex()),
                    "parameters": [vars(parameter) for parameter in exhibit.parameters.values()],
                    "channels": [vars(channel) for channel in exhibit.channels.values()],
                    "views": [vars(view) for view in exhibit.views],
                    "presets": [vars(preset) for preset in exhibit.presets],
                    "claims": [
                        {
                            "name": claim.name,
                            "sentence": claim.sentence,
                            "source": claim.source,
                            "quick": claim.quick,
                            "label": claim.label,
                        }
                        for claim in exhibit.claims
                    ],
                    "references": _references(exhibit),
                    "spectrum": _spectrum(exhibit.key),
                }
            ]
        )
        return 0
    say(f"{exhibit.title} ({exhibit.key}, {exhibit.kind})")
    say(" ".join(exhibit.summary.split()))
    for title, lines in (
        ("Equations", list(exhibit.latex())),
        ("Parameters", [_parameter_line(parameter) for parameter in exhibit.parameters.values()]),
        (
            "Channels",
            [
                f"{name} ({channel.kind}): {channel.title}"
                for name, channel in exhibit.channels.items()
            ],
        ),
        ("Views", [f"{view.kind} of {view.channel}" for view in exhibit.views]),
        ("Presets", [f"{preset.title}: {preset.summary}" for preset in exhibit.presets]),
        ("Claims", [f"{claim.name}: {claim.sentence}" for claim in exhibit.claims]),
        ("Lyapunov spectrum", _spectrum_lines(exhibit.key)),
        ("References", [reference.line() for reference in exhibit.references]),
    ):
        if lines:
            say(f"\n{title}")
            for line in lines:
                say(f"  {line}")
    return 0


def _parameter_line(parameter: Parameter) -> str:
    default = parameter.default
    value = f"{default:g}" if isinstance(default, float) else str(default)
    words = f": {parameter.help}" if parameter.help else ""
    return f"{parameter.name} = {value}{words}"
