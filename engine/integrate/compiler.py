"""A process that compiles kernels, so that nothing else waits for Numba's lock.

Numba compiles one function at a time in a process. While the window waits for the few lines
of a new system, no kernel that only makes a later picture faster may be in the way; so those
are compiled in a process of their own, which leaves them in the cache on disk. Started when
first needed; ends by itself when it has long had nothing to do, and with its parent.

Run as a module it is that process: a line of JSON asks, a line of JSON answers.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

IDLE_SECONDS = 120.0
"""After which a process with nothing to do ends."""

_log = logging.getLogger(__name__)


class Compiler:
    """Someone who compiles generated modules elsewhere. Used by one thread at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._closed = False
        atexit.register(self.close)

    def compile(self, name: str, path: Path) -> bool:
        """Import a generated module there, so that it is loaded in no time here.

        Parameters
        ----------
        name : str
            Of the module; part of what Numba caches.
        path : Path
            Its file, as ``kernel_cache.write`` left it.

        Returns
        -------
        bool
            False where that did not work; the caller then compiles by itself.
        """
        return self._ask({"name": name, "path": str(path)})

    def prepare(self) -> bool:
        """Have the kernels that all systems share compiled there, when nothing else is asked."""
        return self._ask({"prepare": True})

    def close(self) -> None:
        """End the process; nothing is compiled elsewhere any more."""
        self._closed = True
        self._drop()

    def _ask(self, question: dict[str, object]) -> bool:
        # A process that ended of idleness is noticed by writing to it: once more, then.
        for _ in range(2):
            try:
                process = self._started()
                if process is None or process.stdin is None or process.stdout is None:
                    return False
                process.stdin.write(json.dumps(question) + "\n")
                process.stdin.flush()
                answer = process.stdout.readline()
            except (OSError, ValueError) as error:
                _log.debug("the compiler's process: %s", error)
                answer = ""
            if answer:
                said = json.loads(answer)
                if said["error"]:
                    _log.warning("a kernel could not be compiled elsewhere: %s", said["error"])
                return not said["error"]
            self._drop()
        return False

    def _drop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _started(self) -> subprocess.Popen[str] | None:
        if self._process is None and not self._closed:
            root = str(Path(__file__).resolve().parent.parent.parent)
            paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            )
        return self._process


def _main() -> None:
    """Answer questions until there are no more."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = sys.stderr  # whatever a module prints is no answer
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        os._exit(0)  # the parent is gone, and nobody wants what is being compiled

    threading.Thread(target=read, daemon=True).start()
    from engine.equations import kernel_cache
    from engine.integrate import prepare

    shared: Iterator[str] = iter(())
    while True:
        try:
            question = json.loads(lines.get_nowait())
        except queue.Empty:
            if next(shared, None) is None:
                try:
                    question = json.loads(lines.get(timeout=IDLE_SECONDS))
                except queue.Empty:
                    return
            else:
                continue
        error = ""
        if question.get("prepare"):
            shared = iter(()) if prepare.prepared() else prepare.steps()
        else:
            try:
                kernel_cache.execute(question["name"], Path(question["path"]))
            except Exception as problem:
                error = f"{type(problem).__name__}: {problem}"
        answers.write(json.dumps({"error": error}) + "\n")
        answers.flush()


if __name__ == "__main__":
    _main()
