"""What the names of an XPPAUT file mean while its formulas are translated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.files.xppaut.networks import Network
from engine.files.xppaut.places import Folding


@dataclass
class Scope:
    """What the names of a file mean.

    Attributes
    ----------
    names : dict of str to str
        Name in small letters -> our name, for variables, parameters, quantities and noises.
    functions : dict of str to (str, int)
        Functions and tables: our name and number of arguments.
    variables : tuple of str
        State variables in small letters; the only things that can be delayed.
    fixed : frozenset of str
        What stays as it is during a run: parameters, constants, derived parameters.
    constants : dict of str to float
        The values of numbers that are never changed.
    rows : sequence of sequence of str
        Lists that ``shift`` walks along, in small letters.
    specials : mapping of str to Network
        Sums over networks.
    start : str
        The time the run starts at, added to ``t``; empty where it is 0.
    remainder : str
        Our name for the function `REMAINDER`; `uses_remainder` tells whether it is needed.
    """

    names: dict[str, str] = field(default_factory=dict)
    functions: dict[str, tuple[str, int]] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    fixed: frozenset[str] = frozenset()
    constants: dict[str, float] = field(default_factory=dict)
    rows: Sequence[Sequence[str]] = ()
    specials: Mapping[str, Network] = field(default_factory=dict)
    start: str = ""
    remainder: str = "remainder"
    uses_remainder: bool = False
    used: set[str] = field(default_factory=set)
    """Names and functions met, in small letters, since it was last emptied."""
    delays: bool = False
    """Whether a delayed term was met."""
    folding: Folding | None = None
    """Families, where the file keeps its ranges."""
