"""Every command as data: menus, shortcuts, tooltips and the palette come from this one table.

What a command does is the window's method ``do_<id>`` with dots and dashes as underscores.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """A command.

    Attributes
    ----------
    id : str
        Its objectName is ``action.<id>``.
    text : str
        In menus and the palette.
    menu : str
        The menu it stands in; empty for the palette and shortcut only.
    shortcut : str
        Portable key sequence, several separated by a space.
    icon : str
        Name of an icon in ``assets/icons``.
    hint : str
        One line for tooltip and status.
    checkable, checked : bool
    separator : bool
        True where a line stands above it in its menu.
    """

    id: str
    text: str
    menu: str = ""
    shortcut: str = ""
    icon: str = ""
    hint: str = ""
    checkable: bool = False
    checked: bool = False
    separator: bool = False


MENUS = ("File", "Edit", "Run", "View", "Help")

ACTIONS = (
    Action(
        "file.new-system",
        "New system…",
        "File",
        "Ctrl+N",
        "plus",
        "Type equations and see them run",
    ),
    Action(
        "file.open",
        "Open…",
        "File",
        "Ctrl+O",
        "folder",
        "Open a .phasescope session, or equations from a .toml or .ode file",
    ),
    Action(
        "file.save",
        "Save session",
        "File",
        "Ctrl+S",
        "save",
        "Save exhibit, values, views and layout to a file",
    ),
    Action(
        "file.save-as", "Save session as…", "File", "Ctrl+Shift+S", "save", "Save to another file"
    ),
    Action(
        "file.save-system",
        "Save to my systems",
        "File",
        "",
        "equation",
        "Write the equations being edited into your own folder",
    ),
    Action(
        "file.export-figure",
        "Export figure…",
        "File",
        "Ctrl+E",
        "camera",
        "A view as PNG, SVG or PDF, drawn anew for print",
        separator=True,
    ),
    Action(
        "file.export-data",
        "Export data…",
        "File",
        "Ctrl+Shift+E",
        "table",
        "The trajectory or diagram as CSV, NPZ or HDF5",
    ),
    Action(
        "file.export-equations",
        "Export equations…",
        "File",
        "",
        "equation",
        "The system as TOML or as an XPPAUT .ode file",
    ),
    Action(
        "file.screenshot",
        "Save picture of the window…",
        "File",
        "",
        "camera",
        "The window as it stands, as PNG",
    ),
    Action(
        "file.copy-python",
        "Copy as Python",
        "File",
        "Ctrl+Shift+C",
        "copy",
        "A script that reproduces the active view with the engine alone",
    ),
    Action(
        "file.quit",
        "Quit",
        "File",
        "Ctrl+Q",
        "",
        "Close; the work comes back next time",
        separator=True,
    ),
    Action("edit.undo", "Undo", "Edit", "Ctrl+Z", "undo", "Take the last change back"),
    Action("edit.redo", "Redo", "Edit", "Ctrl+Shift+Z", "redo", "Make it again"),
    Action(
        "edit.reset-values",
        "Reset all parameters",
        "Edit",
        "Ctrl+Backspace",
        "reset",
        "Every parameter and the initial state back to its default",
        separator=True,
    ),
    Action(
        "edit.randomise",
        "Perturb the initial state",
        "Edit",
        "Ctrl+R",
        "",
        "Move the initial state by a thousandth at random",
    ),
    Action(
        "edit.equations",
        "Edit equations",
        "Edit",
        "",
        "equation",
        "Open the equations of the open system in the editor",
        separator=True,
    ),
    Action("run.toggle", "Run or pause", "Run", "Space", "play", "Let the exhibit go on, or stop"),
    Action("run.step", "Step", "Run", ".", "step", "One step of the exhibit's own clock"),
    Action("run.reset", "Start again", "Run", "Ctrl+Home", "reset", "Back to the initial state"),
    Action("run.faster", "Faster", "Run", "Ctrl+Up", "", "Double the speed", separator=True),
    Action("run.slower", "Slower", "Run", "Ctrl+Down", "", "Halve the speed"),
    Action(
        "run.search-chaos",
        "Search for chaos",
        "Run",
        "Ctrl+Shift+F",
        "search",
        "Draw parameters until orbits stay bounded and part; again to stop",
        separator=True,
    ),
    Action(
        "run.previous-find",
        "Previous find",
        "Run",
        "Alt+Left",
        "chevron-left",
        "Values and state of the find before",
    ),
    Action(
        "run.next-find",
        "Next find",
        "Run",
        "Alt+Right",
        "chevron-right",
        "Values and state of the next find",
    ),
    Action(
        "view.palette",
        "Command palette…",
        "View",
        "Ctrl+Shift+P",
        "search",
        "Find any command by typing",
    ),
    Action(
        "view.search",
        "Search the catalogue",
        "View",
        "Ctrl+F",
        "search",
        "Put the cursor into the catalogue's search box",
    ),
    Action(
        "view.surprise",
        "Surprise me",
        "View",
        "Ctrl+Shift+R",
        "seed",
        "Open any exhibit of those that the catalogue shows",
    ),
    Action(
        "view.browser",
        "Catalogue",
        "View",
        "Ctrl+1",
        "",
        "Show or hide the catalogue",
        checkable=True,
        checked=True,
        separator=True,
    ),
    Action(
        "view.parameters",
        "Parameters",
        "View",
        "Ctrl+2",
        "",
        "Show or hide the parameters",
        checkable=True,
        checked=True,
    ),
    Action(
        "view.inspector",
        "About the exhibit",
        "View",
        "Ctrl+3",
        "",
        "Show or hide equations, description, citation and claims",
        checkable=True,
        checked=True,
    ),
    Action(
        "view.chaos",
        "Search for chaos",
        "View",
        "Ctrl+5",
        "",
        "Show or hide the search for chaos",
        checkable=True,
    ),
    Action(
        "view.equations",
        "Equations",
        "View",
        "Ctrl+4",
        "",
        "Show or hide the equation editor",
        checkable=True,
    ),
    Action(
        "view.theme",
        "Light theme",
        "View",
        "Ctrl+T",
        "sun",
        "Change between the dark and the light theme",
        checkable=True,
        separator=True,
    ),
    Action(
        "view.motion",
        "Turn the attractor slowly",
        "View",
        "",
        "orbit",
        "Let three-dimensional views turn by themselves",
        checkable=True,
        checked=True,
    ),
    Action("view.full-screen", "Full screen", "View", "F11", "", "Fill the screen", checkable=True),
    Action(
        "view.reset-view",
        "Reset the active view",
        "View",
        "Home",
        "home",
        "Camera and axes of the active view back to automatic",
    ),
    Action(
        "view.reset-layout",
        "Reset layout",
        "View",
        "",
        "home",
        "The views this exhibit suggests, where they belong",
    ),
    Action(
        "help.citation", "Copy citation", "Help", "", "copy", "The exhibit's reference as BibTeX"
    ),
    Action(
        "help.claims",
        "Check the claims",
        "Help",
        "",
        "check",
        "Measure the paper's claims on a fresh run",
    ),
    Action(
        "help.shortcuts",
        "Keyboard shortcuts",
        "Help",
        "F1",
        "info",
        "Every command with its keys",
        separator=True,
    ),
    Action("help.about", "About Phasescope", "Help", "", "info", "Version and licence"),
)

BY_ID = {action.id: action for action in ACTIONS}


def handler_name(action_id: str) -> str:
    """Name of the window's method for an action."""
    return "do_" + action_id.replace(".", "_").replace("-", "_")
