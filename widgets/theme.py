"""The Qt side of the look: palette, style sheet and fonts, all made from one `Tokens`.

`apply` dresses the whole application: Fusion, a palette, the style sheet in
``assets/themes/widgets.qss`` with the tokens filled in, and Inter as the font. No widget
names a colour of its own; those that paint themselves ask `Tokens` and `mix`. Views of
data (pyqtgraph, vispy) are coloured elsewhere, from the same tokens.

For developers: style a widget by its ``role`` property, not by a sheet of its own. Labels
know ``title``, ``heading``, ``muted``, ``caption`` and ``error``; buttons ``primary``,
``chip`` and ``flat``; frames ``panel``, ``card`` and ``line``.
"""

from __future__ import annotations

import re
from functools import cache

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from engine.look import ASSETS, CORNER, TYPE_SIZES, Tokens, rgb
from widgets.cache import folder as cache_folder

SMALL, BODY, LARGE, TITLE = TYPE_SIZES
FAMILY = "Inter"
FONTS = ASSETS / "fonts"
SHEET = ASSETS / "themes" / "widgets.qss"


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` of the way from `first` to `second`, as ``#rrggbb``."""
    pairs = zip(rgb(first), rgb(second), strict=True)
    return "#" + "".join(f"{round(255 * (a + (b - a) * share)):02x}" for a, b in pairs)


def colour_of(tokens: Tokens, colour: str) -> str:
    """A token's colour by its name; anything that starts with ``#`` is returned as it is."""
    return colour if colour.startswith("#") else str(getattr(tokens, colour))


def on_accent(tokens: Tokens) -> str:
    """The colour of text on the accent."""
    return tokens.window if tokens.dark else tokens.panel


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21.

    References
    ----------
    W3C, Web Content Accessibility Guidelines 2.1, section 1.4.3.
    """

    def luminance(colour: str) -> float:
        red, green, blue = (
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb(colour)
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def derived(tokens: Tokens) -> dict[str, str]:
    """Every colour the style sheet may name: the tokens and mixtures of them."""
    names = (
        "window",
        "panel",
        "raised",
        "line",
        "text",
        "muted",
        "accent",
        "warm",
        "stable",
        "unstable",
    )
    colours = {name: str(getattr(tokens, name)) for name in names}
    return colours | {
        "hover": mix(tokens.raised, tokens.text, 0.07),
        "pressed": mix(tokens.raised, tokens.text, 0.14),
        "field": mix(tokens.panel, tokens.window, 0.7),
        "disabled": mix(tokens.muted, tokens.panel, 0.45),
        "edge": mix(tokens.line, tokens.muted, 0.25),
        "selected": mix(tokens.panel, tokens.accent, 0.20 if tokens.dark else 0.13),
        "accent-hover": mix(tokens.accent, tokens.text, 0.15),
        "accent-pressed": mix(tokens.accent, tokens.window, 0.15),
        "on-accent": on_accent(tokens),
        "handle": mix(tokens.line, tokens.muted, 0.35),
    }


@cache
def load_fonts() -> str:
    """Load Inter from ``assets/fonts`` and return the family to use.

    Where the files are missing the system's own interface font is used. Call it after the
    application exists.
    """
    files = sorted(FONTS.glob("*.otf")) + sorted(FONTS.glob("*.ttf"))
    loaded = [QFontDatabase.addApplicationFont(str(path)) for path in files]
    if loaded and all(index >= 0 for index in loaded):
        return FAMILY
    general = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    return FAMILY if FAMILY in QFontDatabase.families() else general.family()


def font(size: int = BODY, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The interface font at `size` pixels. Its figures all have the same width."""
    result = QFont(load_fonts())
    result.setPixelSize(size)
    result.setWeight(weight)
    # Tabular figures: numbers that change must not jitter.
    result.setFeature(QFont.Tag("tnum"), 1)
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return result


def number_font(size: int = BODY) -> QFont:
    """The font for numbers in columns and boxes: figures of one width."""
    return font(size)


def palette(tokens: Tokens) -> QPalette:
    """The Qt palette of a theme, for what a style sheet does not reach."""
    colours = {name: QColor(value) for name, value in derived(tokens).items()}
    role = QPalette.ColorRole
    table = {
        role.Window: "window",
        role.WindowText: "text",
        role.Base: "field",
        role.AlternateBase: "raised",
        role.Text: "text",
        role.Button: "raised",
        role.ButtonText: "text",
        role.BrightText: "warm",
        role.ToolTipBase: "raised",
        role.ToolTipText: "text",
        role.PlaceholderText: "muted",
        role.Highlight: "accent",
        role.HighlightedText: "on-accent",
        role.Link: "accent",
        role.LinkVisited: "accent",
        role.Light: "hover",
        role.Midlight: "raised",
        role.Mid: "line",
        role.Dark: "line",
        role.Shadow: "window",
        role.Accent: "accent",
    }
    result = QPalette()
    for which, name in table.items():
        result.setColor(which, colours[name])
    for which in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        result.setColor(QPalette.ColorGroup.Disabled, which, colours["disabled"])
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, colours["line"])
    return result


def qss(tokens: Tokens) -> str:
    """The style sheet of the application in the colours of a theme.

    In ``assets/themes/widgets.qss``, ``@name`` stands for a colour or a size and
    ``@icon(name, colour)`` for an icon drawn in that colour.
    """
    from widgets.icons import recoloured_file

    words = derived(tokens) | {
        "corner": f"{CORNER}px",
        "small-corner": f"{CORNER - 2}px",
        "small": f"{SMALL}px",
        "body": f"{BODY}px",
        "large": f"{LARGE}px",
        "title": f"{TITLE}px",
    }

    def picture(match: re.Match[str]) -> str:
        path = recoloured_file(match[1], words[match[2]], cache_folder("icons"))
        return f'url("{path.as_posix()}")'

    text = SHEET.read_text(encoding="utf-8")
    text = re.sub(r"@icon\(([\w-]+),\s*([\w-]+)\)", picture, text)
    return re.sub(r"@([a-z]+(?:-[a-z]+)*)", lambda match: words[match[1]], text)


def apply(app: QApplication, tokens: Tokens) -> None:
    """Dress the whole application in a theme. May be called again with another one."""
    sheet = qss(tokens)
    if app.property("phasescope.dressed") and app.styleSheet() == sheet:
        return  # setting the same sheet again polishes every widget there is: most of a second
    if app.property("phasescope.dressed") is None:  # another style object costs 20 ms
        app.setStyle("Fusion")
        app.setProperty("phasescope.dressed", True)
    scheme = Qt.ColorScheme.Dark if tokens.dark else Qt.ColorScheme.Light
    app.styleHints().setColorScheme(scheme)
    app.setPalette(palette(tokens))
    app.setFont(font())  # after the colour scheme, which brings the platform's fonts back
    if not app.styleSheet():
        # Under a style sheet Qt no longer hands the font on to widgets made before.
        for widget in app.allWidgets():
            app.sendEvent(widget, QEvent(QEvent.Type.ApplicationFontChange))
    app.setStyleSheet(sheet)


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget the style of `role`; takes effect at once, also after it was shown."""
    if widget.property("role") == role:
        return
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def set_flag(widget: QWidget, name: str, value: bool) -> None:
    """Set a yes-or-no property that the style sheet looks at, such as ``invalid``."""
    if bool(widget.property(name)) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
