"""Why a driver returned: the numbers that kernels and callers share."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
"""All steps asked for were made."""
LEFT: Final = 1
"""A state left the bound or is no finite number."""
CANCELLED: Final = 2
"""The cancel flag was set."""
STUCK: Final = 3
"""The adaptive step fell below the resolution of time."""
LIMIT: Final = 4
"""The adaptive driver used up the steps it was allowed; call it again."""
HAPPENED: Final = 5
"""An event may lie in the step just made, or in the one to make."""
NO_NUMBER: Final = 6
"""A state is no number; drivers say `LEFT`, runs tell the two apart."""
TERMINAL: Final = 7
"""An event that ends the run happened."""
PILED: Final = 8
"""Events follow each other faster than time resolves."""
SINGULAR: Final = 9
"""A linear system of a stiff step cannot be solved, however short the step."""

SIGN: Final = 0
DIRECTION: Final = 1
FRESH: Final = 2
GAUGE: Final = 3
"""Rows of the table ``(GAUGE, events)`` that drivers and runs share: on which side of zero
every event is (-1, 1, or 0 where it is not known), in which direction it counts (-1 down, 1
up, 0 both), and scratch."""
