"""Starts Phasescope: ``python main.py`` opens the window, ``python main.py --help`` says more."""

import sys

from app.cli import main

# The guard is needed: child processes import this file again.
if __name__ == "__main__":
    sys.exit(main())
