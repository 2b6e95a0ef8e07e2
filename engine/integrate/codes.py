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
