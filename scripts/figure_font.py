"""Makes the TrueType face for figures from the OpenType one: ``python scripts/figure_font.py``.

matplotlib embeds only TrueType outlines in PDF as text; the window uses the OpenType file as
it is. Run it again when Inter is updated. Letters that figures never need are left out.
"""

from __future__ import annotations

from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

FONTS = Path(__file__).resolve().parent.parent / "assets" / "fonts"
SOURCE = FONTS / "Inter-Regular.otf"
TARGET = FONTS / "figures" / "Inter-Regular.ttf"
BLOCKS = (
    (0x20, 0x7F),
    (0xA0, 0x250),
    (0x370, 0x460),
    (0x1E00, 0x1F00),
    (0x2010, 0x2060),
    (0x2070, 0x20A0),
    (0x2100, 0x2150),
    (0x2190, 0x2300),
)
"""Latin, Greek, Cyrillic, punctuation, super- and subscripts, arrows, mathematics."""
LARGEST_ERROR = 1.0
"""Font units between the cubic and the quadratic outline; an em has 2,816 of them."""


def main() -> None:
    """Read, drop letters, turn cubic outlines into quadratic ones, write."""
    font = TTFont(SOURCE)
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl"]
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.hinting = False
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=[code for first, last in BLOCKS for code in range(first, last)])
    chosen.subset(font)
    order, outlines = font.getGlyphOrder(), font.getGlyphSet()
    table = newTable("glyf")
    table.glyphOrder = order
    table.glyphs = {}
    for name in order:
        pen = TTGlyphPen(outlines)
        outlines[name].draw(Cu2QuPen(pen, LARGEST_ERROR, reverse_direction=True))
        table.glyphs[name] = pen.glyph()
    for old in ("CFF ", "VORG"):
        if old in font:
            del font[old]
    font["glyf"], font["loca"] = table, newTable("loca")
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    for name in (
        "TwilightPoints",
        "Storage",
        "FunctionDefs",
        "InstructionDefs",
        "StackElements",
        "SizeOfInstructions",
        "ComponentElements",
        "Points",
        "Contours",
        "CompositePoints",
        "CompositeContours",
        "ComponentDepth",
    ):
        setattr(limits, f"max{name}", 0)
    limits.maxZones = 1
    font["post"].formatType = 2.0
    font["post"].extraNames, font["post"].mapping = [], {}
    font["post"].glyphOrder = order
    font["head"].glyphDataFormat = 0
    font.sfntVersion = "\x00\x01\x00\x00"
    TARGET.parent.mkdir(exist_ok=True)
    font.save(TARGET)
    print(f"{len(order)} letters, {TARGET.stat().st_size // 1024} kB in {TARGET}")


if __name__ == "__main__":
    main()
