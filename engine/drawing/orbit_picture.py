"""What an orbit looks like, kept up to date as its tape grows: pieces of curve, box, heads.

An `OrbitComposer` remembers the body of the curve between pictures, so that a live head at
60 Hz costs a few hundred rows and not a hundred thousand. It decides when the body is
rebuilt, keeps the ghost of the last run, and chooses ranges; the vertices themselves come
from `engine.drawing.curves`. It knows no renderer, no theme and no camera. Used by one thread.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.drawing import curves
from engine.drawing.curves import Selection
from engine.tape import Tape

Numbers = NDArray[np.float64]
Vertices = NDArray[np.float32]

FRESH_ROWS = 2_000
"""Rows that may be younger than the body before it is rebuilt."""
REST = 0.5
"""Seconds without a change of parameters after which the next change leaves a ghost."""
SETTLED = 0.15
"""Seconds between two runs within which a hand is taken to be moving a slider."""
MANY_ROWS = 20_000
"""Rows below which nothing is saved by leaving some out."""
COARSER = 4.0
"""How much wider the tube of the coarse curve is, for slow renderers in motion."""
SAMPLE = 2_000
"""Values looked at for the range of colours."""

_serials = itertools.count(1)


@dataclass(frozen=True)
class Request:
    """What is wanted in the picture.

    Attributes
    ----------
    selection : Selection
        The three axes.
    names : tuple of str
        What stands at the axes.
    colour : int
        Column that colours the curve; 0 for time, `curves.SPEED` for speed.
    dots : bool
        True for points (a map), False for a curve.
    tail : float
        Only so much time before the head is wanted; infinite for the whole orbit.
    limit : float
        Radius of the simplifying tube in unit-cube units.
    ghost : bool
        Keep the orbit from before the parameters changed.
    dimension : int
        Number of state variables, to read twins.
    opened : hashable
        What is open; another one forgets everything.
    values : hashable
        Parameter values, to tell a change from a restart.
    """

    selection: Selection
    names: tuple[str, str, str]
    colour: int = curves.SPEED
    dots: bool = False
    tail: float = np.inf
    limit: float = 0.004
    ghost: bool = False
    dimension: int = 3
    opened: Hashable = None
    values: Hashable = None

    @property
    def recipe(self) -> Hashable:
        """What the body's vertices depend on, besides the rows."""
        chosen = self.selection
        return (
            chosen.columns.tobytes(),
            chosen.shifts.tobytes(),
            self.colour,
            self.dots,
            self.tail,
            self.limit,
            self.opened,
        )


@dataclass(frozen=True, eq=False)
class Piece:
    """Vertices of a piece of orbit; nobody writes into them. See `engine.drawing.curves`.

    Attributes
    ----------
    serial : int
        Different for different vertices, so that a renderer uploads once.
    place, along : ndarray of float32
        The strip, (v, 4) both; for dots (k, 4) and the times (k,).
    coarse : tuple of arrays or None
        The same with fewer points, for slow renderers in motion.
    dots : bool
    centre, scale : ndarray, shape (3,)
        ``(value - centre) * scale`` is the place in the unit cube.
    origin : float
        Time that counts as zero in the vertices.
    length : float
        Of the curve in unit-cube units; for dots their number.
    strands : float
        How many strands run through a small cell that the curve passes, on average.
    cell : float
        Side of that cell in unit-cube units.
    """

    place: Vertices
    along: Vertices
    dots: bool
    centre: Numbers
    scale: Numbers
    origin: float
    length: float
    coarse: tuple[Vertices, Vertices] | None = None
    strands: float = 1.0
    cell: float = 2.0 / curves.CELLS
    serial: int = field(default_factory=lambda: next(_serials))


@dataclass(frozen=True, eq=False)
class OrbitPicture:
    """All that a renderer draws of an orbit.

    Attributes
    ----------
    body, fresh, ghost, twins : Piece or None
        The whole orbit, what came since it was built, the last run, twin orbits (their
        value picks the colour of the series).
    low, high : ndarray, shape (3,)
        Extent of body and fresh on the three axes, in the system's units.
    head : ndarray, shape (3,), or None
        Where the orbit is now.
    twin_heads : ndarray, shape (k, 3)
    time : float
        Of the head.
    names : tuple of str
    flat : bool
        True where there is no third axis.
    opened : hashable
        What is open, so that a new one may be framed at once.
    quick : bool
        True where it was made from every other row, because the hand was moving; it is worth
        composing again when the hand rests.
    """

    body: Piece | None
    fresh: Piece | None
    ghost: Piece | None
    twins: Piece | None
    low: Numbers
    high: Numbers
    head: Numbers | None
    twin_heads: Numbers
    time: float
    names: tuple[str, str, str]
    flat: bool
    opened: Hashable
    quick: bool = False


@dataclass(frozen=True, eq=False)
class _Body:
    """The body and what its continuation needs."""

    piece: Piece | None
    low: Numbers
    high: Numbers
    value_range: tuple[float, float]
    generation: int
    appended: int
    recipe: Hashable
    values: Hashable
    quick: bool = False


class OrbitComposer:
    """Pictures of one orbit, one after another."""

    def __init__(self) -> None:
        self._body: _Body | None = None
        self._ghost: Piece | None = None
        self._changed = -np.inf
        self._restarted = -np.inf
        self._last: Hashable = None
        self._asked: Request | None = None

    def compose(
        self, tape: Tape, request: Request, twins: Tape | None = None, now: float | None = None
    ) -> OrbitPicture | None:
        """The picture of what the tape holds, or None where nothing changed since the last.

        Another request object always gets a picture, even where it asks for the same.

        Parameters
        ----------
        tape : Tape
            Rows ``(m, 1 + n)``: time, then the variables.
        request : Request
        twins : Tape, optional
            Rows ``(m, 1 + k * n)``: time, then the variables of each twin.
        now : float, optional
            Seconds on a steady clock.
        """
        now = time.monotonic() if now is None else now
        state = (
            tape.generation,
            tape.appended,
            request.recipe,
            request.ghost,
            request.names,
            None if twins is None else (twins.generation, twins.appended),
        )
        if state == self._last and request is self._asked:
            return None
        self._last, self._asked = state, request
        selection = request.selection
        rows = tape.rows
        body = self._current(tape, request, now)
        fresh = None
        low, high = body.low, body.high
        newer = tape.appended - body.appended
        if newer > 0:
            first = max(0, curves.readable(rows, selection) - newer - 1)
            young = rows[first:]
            least, most = curves.extent(young, selection)
            low, high = np.minimum(low, least), np.maximum(high, most)
            frame = _frame(body) if body.piece is not None else _normalise(low, high)
            fresh, _ = _piece(young, request, *frame, body.value_range)
        head = _head(rows, selection)
        pair = None
        heads = np.zeros((0, 3))
        if twins is not None and len(twins.rows):
            pair, heads = _twins(twins.rows, request, *_normalise(low, high))
        return OrbitPicture(
            body.piece,
            fresh,
            self._ghost if request.ghost else None,
            pair,
            low,
            high,
            head,
            heads,
            float(rows[-1, 0]) if len(rows) else 0.0,
            request.names,
            selection.flat,
            (request.opened, request.names),
            body.quick,
        )

    def _current(self, tape: Tape, request: Request, now: float) -> _Body:
        """The body, rebuilt where it has to be."""
        old = self._body
        recipe = request.recipe
        restarted = old is None or old.generation != tape.generation
        if (
            old is not None
            and not restarted
            and old.recipe == recipe
            and tape.appended - old.appended <= FRESH_ROWS
            and not (old.quick and now - self._restarted >= SETTLED)
        ):
            return old
        if old is not None and old.recipe != recipe:
            self._ghost = None
        elif old is not None and restarted and old.values != request.values:
            # The orbit a person was looking at stays as a ghost; those of the drag do not.
            if now - self._changed >= REST and request.ghost:
                self._ghost = old.piece
            self._changed = now
        quick = False
        if restarted:
            # Runs that follow each other like this follow a hand: every other row will do, and
            # the next value is not kept waiting by the picture of this one.
            quick = now - self._restarted < SETTLED and not request.dots
            self._restarted = now
        self._body = _build(tape, request, quick)
        return self._body


def _build(tape: Tape, request: Request, quick: bool = False) -> _Body:
    rows = tape.rows
    quick = quick and not any(request.selection.shifts) and len(rows) >= MANY_ROWS
    if quick:
        # From the end, so that the newest row is among them.
        rows = np.ascontiguousarray(rows[(len(rows) - 1) % 2 :: 2])
    if np.isfinite(request.tail) and len(rows):
        first = int(np.searchsorted(rows[:, 0], rows[-1, 0] - request.tail))
        rows = rows[min(first, len(rows) - 2) if len(rows) > 1 else 0 :]
    low, high = curves.extent(rows, request.selection)
    piece, value_range = _piece(rows, request, *_normalise(low, high), None)
    return _Body(
        piece,
        low,
        high,
        value_range,
        tape.generation,
        tape.appended,
        request.recipe,
        request.values,
        quick,
    )


def _frame(body: _Body) -> tuple[Numbers, Numbers]:
    assert body.piece is not None
    return body.piece.centre, body.piece.scale


def _normalise(low: Numbers, high: Numbers) -> tuple[Numbers, Numbers]:
    """Centre and scale that take [low, high] to [-1, 1]; a point stays a point."""
    known = np.isfinite(low) & np.isfinite(high)
    low, high = np.where(known, low, -1.0), np.where(known, high, 1.0)
    centre, half = low / 2 + high / 2, high / 2 - low / 2
    half = np.maximum(half, 1e-9 * np.maximum(np.abs(centre), 1e-6))
    return centre, 1.0 / half


def _piece(
    rows: Numbers,
    request: Request,
    centre: Numbers,
    scale: Numbers,
    value_range: tuple[float, float] | None,
) -> tuple[Piece | None, tuple[float, float]]:
    """Vertices of `rows`, and the range of values their colours stand for."""
    selection = request.selection
    count = curves.readable(rows, selection)
    if count < 1:
        return None, value_range or (0.0, 1.0)
    origin = float(rows[0, 0])
    if request.dots:
        kept = np.arange(count, dtype=np.int64)
    else:
        kept = curves.simplify(rows, selection, centre, scale, request.limit)
    values = curves.colour_values(rows, selection, request.colour, kept)
    chosen = value_range or _range(values, request.colour)
    if request.dots:
        place, moment = curves.dots(rows, selection, centre, scale, origin, chosen, kept, values)
        if not len(place):
            return None, chosen
        return Piece(place, moment, True, centre, scale, origin, float(len(place))), chosen
    place, along, length = curves.strip(
        rows, selection, centre, scale, origin, chosen, kept, values
    )
    if len(place) < 4:
        return None, chosen
    coarse = None
    if value_range is None and len(kept) > 2 * FRESH_ROWS:
        coarse = _coarse(rows, request, centre, scale, origin, chosen, kept, values)
    # A continuation is drawn like its body, so it needs no measure of its own.
    strands = 1.0
    if value_range is None:
        strands = curves.crowding(place if coarse is None else coarse[0], length)
    return Piece(place, along, False, centre, scale, origin, length, coarse, strands), chosen


def _coarse(
    rows: Numbers,
    request: Request,
    centre: Numbers,
    scale: Numbers,
    origin: float,
    chosen: tuple[float, float],
    kept: curves.Whole,
    values: Numbers,
) -> tuple[Vertices, Vertices]:
    """The same curve with fewer points, chosen among those of the fine one."""
    selection, limit = request.selection, COARSER * request.limit
    if selection.shifts.any() or (kept < 0).any():
        fewer = curves.simplify(rows, selection, centre, scale, limit)
        shades = curves.colour_values(rows, selection, request.colour, fewer)
    else:
        among = curves.simplify(rows[kept], selection, centre, scale, limit)
        fewer, shades = kept[among], values[among]
    return curves.strip(rows, selection, centre, scale, origin, chosen, fewer, shades)[:2]


def _range(values: Numbers, colour: int) -> tuple[float, float]:
    """Values that become the ends of the colour map: all but the rarest."""
    finite = values[:: max(1, len(values) // SAMPLE)]
    finite = finite[np.isfinite(finite)]
    if not len(finite):
        return 0.0, 1.0
    if colour == 0:
        return float(values[0]), float(max(values[-1], values[0] + 1e-12))
    finite = np.sort(finite)
    rare = len(finite) // 50
    low, high = float(finite[rare]), float(finite[-1 - rare])
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _head(rows: Numbers, selection: Selection) -> Numbers | None:
    """The newest place on the three axes."""
    last = curves.readable(rows, selection) - 1
    if last < 0:
        return None
    head = np.array(
        [
            rows[last + shift, column] if column >= 0 else 0.0
            for column, shift in zip(selection.columns, selection.shifts, strict=True)
        ]
    )
    return head if np.isfinite(head).all() else None


def _twins(
    rows: Numbers, request: Request, centre: Numbers, scale: Numbers
) -> tuple[Piece | None, Numbers]:
    """All twins in one piece, coloured by which of them it is, and their heads."""
    dimension = request.dimension
    count = (rows.shape[1] - 1) // dimension
    columns = request.selection.columns
    origin = float(rows[0, 0])
    places: list[Vertices] = []
    alongs: list[Vertices] = []
    heads: list[Numbers] = []
    length = 0.0
    for twin in range(count):
        moved = np.where(columns > 0, columns + twin * dimension, columns)
        selection = Selection(moved, request.selection.shifts)
        head = _head(rows, selection)
        if head is not None:
            heads.append(head)
        kept = curves.simplify(rows, selection, centre, scale, request.limit)
        if len(kept) < 2:
            continue
        values = np.full(len(kept), (twin + 0.5) / count)
        place, along, own = curves.strip(
            rows, selection, centre, scale, origin, (0.0, 1.0), kept, values
        )
        if places:  # repeated vertices: nothing is drawn from one twin to the next
            places += [places[-1][-1:], place[:1]]
            alongs += [alongs[-1][-1:], along[:1]]
        places.append(place)
        alongs.append(along)
        length += own
    shown = np.array(heads).reshape(-1, 3)
    if not places:
        return None, shown
    return (
        Piece(np.concatenate(places), np.concatenate(alongs), False, centre, scale, origin, length),
        shown,
    )
