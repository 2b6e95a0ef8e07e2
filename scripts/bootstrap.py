"""Sets the project up and runs it: everything ``make run`` and ``make test`` do.

Needs only the standard library. Creates ``.venv``, installs the pinned requirements and the
project into it, installs the Debian packages a screenless or fresh machine lacks where it
may, and then does its job. Nothing is done twice: a stamp in ``.venv`` says what is installed.

Usage::

    python scripts/bootstrap.py run [ARGUMENTS OF main.py]
    python scripts/bootstrap.py test [ARGUMENTS OF pytest]
    python scripts/bootstrap.py setup
    python scripts/bootstrap.py python SCRIPT [ARGUMENTS]
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "phasescope-stamp"
LOCK = ROOT / "requirements.lock"
OLDEST = (3, 11)

# What Qt and Mesa need that a bare Debian or Ubuntu does not have.
DEBIAN_PACKAGES = [
    "xvfb",
    "xauth",
    "libgl1-mesa-dri",
    "libegl1",
    "libgl1",
    "libxkbcommon-x11-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-shape0",
    "libxcb-image0",
    "libxcb-render-util0",
    "libxcb-xinerama0",
    "libdbus-1-3",
    "libfontconfig1",
]
# The benchmarks compare with a C loop; nothing else needs a compiler.
DEBIAN_OPTIONAL = ["gcc"]
# The tests hold our .ode files against the program they are made for.
DEBIAN_PEERS = ["xppaut"]
# The tests hold our equations against a collection of them. Only its equations are read, so
# it is installed without what it needs to do more.
PEERS = ROOT / "requirements-peers.lock"


def say(text: str) -> None:
    print(f"phasescope: {text}", file=sys.stderr, flush=True)


def python() -> Path:
    """The interpreter of the virtual environment."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def call(*command: str | Path, env: dict[str, str] | None = None) -> int:
    return subprocess.call([str(part) for part in command], cwd=ROOT, env=env)


def wanted_stamp() -> str:
    digest = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    digest.update(f"{sys.version_info[:3]} {ROOT}".encode())
    return digest.hexdigest()


def set_up_python() -> None:
    """Create ``.venv`` and install what is pinned, once."""
    stamp = wanted_stamp()
    if STAMP.exists() and STAMP.read_text() == stamp and python().exists():
        return
    if not python().exists():
        say(f"creating {VENV.relative_to(ROOT)}")
        try:
            venv.create(VENV, with_pip=True)
        except (subprocess.CalledProcessError, OSError) as error:
            shutil.rmtree(VENV, ignore_errors=True)
            raise SystemExit(
                f"phasescope: cannot create a virtual environment ({error}); on Debian and Ubuntu "
                "run: sudo apt-get install python3-venv"
            ) from error
    say("installing the pinned requirements (a few minutes the first time)")
    quiet = ["-q", "--disable-pip-version-check"]
    if call(python(), "-m", "pip", "install", *quiet, "-r", LOCK) != 0:
        raise SystemExit("phasescope: the requirements could not be installed; see the lines above")
    if (
        call(
            python(), "-m", "pip", "install", *quiet, "--no-deps", "--no-build-isolation", "-e", "."
        )
        != 0
    ):
        raise SystemExit("phasescope: the project could not be installed; see the lines above")
    say("compiling what the first pictures need (seconds, once)")
    call(python(), "main.py", "prepare", "--quick")
    STAMP.write_text(stamp)


def missing_packages(names: list[str]) -> list[str]:
    """Those Debian packages that are not installed; empty where there is no dpkg."""
    if not shutil.which("dpkg-query"):
        return []
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Status}\n", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    installed = {
        line.split()[0]
        for line in answer.stdout.splitlines()
        if line.endswith("install ok installed")
    }
    return [name for name in names if name not in installed]


def set_up_peers() -> None:
    """Install what only tests compare with; they say so where it is missing."""
    stamp = VENV / "phasescope-peers-stamp"
    text = PEERS.read_text()
    if stamp.exists() and stamp.read_text() == text:
        return
    quiet = ["-q", "--disable-pip-version-check", "--no-deps"]
    if call(python(), "-m", "pip", "install", *quiet, "-r", PEERS) == 0:
        stamp.write_text(text)
    else:
        say("the peers could not be installed; the tests that need them will be skipped")


def set_up_system(more: list[str]) -> None:
    """Install missing Debian packages where this may be done, or print the line that would."""
    if not sys.platform.startswith("linux"):
        return
    missing = missing_packages([*DEBIAN_PACKAGES, *more])
    if not missing:
        return
    optional = [] if shutil.which("gcc") else DEBIAN_OPTIONAL
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing, *optional]
    if os.geteuid() == 0:
        prefix: list[str] = []
    elif (
        shutil.which("sudo")
        and subprocess.call(
            ["sudo", "-n", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        == 0
    ):
        prefix = ["sudo", "-n"]
    else:
        say("these system packages may be needed; to install them:")
        say(f"  sudo apt-get install --no-install-recommends {' '.join(missing)}")
        return
    say(f"installing system packages: {' '.join(missing)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.call([*prefix, "apt-get", "update", "-qq"], env=env)
    if subprocess.call([*prefix, *install], env=env, stdout=subprocess.DEVNULL) != 0:
        say(f"they could not be installed; try: sudo apt-get install {' '.join(missing)}")


def has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(arguments: list[str]) -> int:
    """The window; where there is no display, the tour of it on a virtual one."""
    if not arguments and not has_display():
        say(
            "no display here (neither DISPLAY nor WAYLAND_DISPLAY is set): "
            "running 'python main.py tour --out out' on a virtual screen instead"
        )
        arguments = ["tour", "--out", "out"]
    return call(python(), "main.py", *arguments)


def test(arguments: list[str]) -> int:
    """Lint, types, import contracts, tests; all of them, even where one fails."""
    bin_folder = python().parent
    checks: list[tuple[str, list[str | Path]]] = [
        ("format", [bin_folder / "ruff", "format", "--check", "--quiet", "."]),
        ("lint", [bin_folder / "ruff", "check", "--quiet", "."]),
        ("types", [bin_folder / "mypy"]),
        ("import contracts", [bin_folder / "lint-imports"]),
    ]
    tests: list[str | Path] = [python(), "-m", "pytest", *arguments]
    if not has_display() and shutil.which("xvfb-run"):
        screen = "-screen 0 1600x1000x24 +extension GLX"
        tests = ["xvfb-run", "-a", "-s", screen, *tests]
    checks.append(("tests", tests))
    failed = []
    for name, command in checks:
        say(name)
        if call(*command) != 0:
            failed.append(name)
    if failed:
        say(f"failed: {', '.join(failed)}")
        return 1
    return 0


def main(arguments: list[str]) -> int:
    if sys.version_info < OLDEST:
        say(f"needs Python {'.'.join(map(str, OLDEST))} or later, this is {sys.version.split()[0]}")
        return 2
    command, rest = (arguments[0], arguments[1:]) if arguments else ("run", [])
    if command not in ("run", "test", "setup", "python"):
        say(f"'{command}' is none of: run, test, setup, python")
        return 2
    set_up_system(DEBIAN_PEERS if command == "test" else [])
    set_up_python()
    if command == "run":
        return run(rest)
    if command in ("setup", "test"):
        # Where a window opens, that is done beside it.
        call(python(), "main.py", "prepare")
    if command == "test":
        set_up_peers()
        return test(rest)
    if command == "python":
        return call(python(), *rest)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
