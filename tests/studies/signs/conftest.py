"""Tiny stand-ins for packages, so that nothing is fetched."""

import io
import tarfile

import pytest

pytest.importorskip("resvg_py")
pytest.importorskip("fontTools")


@pytest.fixture
def square_set():
    """Return an icon set of two drawings and an alias."""
    from studies.signs.vector import IconSet

    square = '<path fill="currentColor" d="M0 0h8v8H0z"/>'
    return IconSet(
        {
            "width": 16,
            "height": 16,
            "icons": {
                "box-outline": {"body": square},
                "wide": {"body": square, "width": 32},
                "old": {"body": square, "hidden": True},
            },
            "aliases": {"case": {"parent": "box-outline"}},
        },
        {"1f4e6": "box-outline", "2b1b-fe0f": "wide", "1f468-200d-1f4bb": "old"},
    )


@pytest.fixture
def tiny_archive(tmp_path):
    """Write an npm archive of one file, and return its package."""
    from studies.signs.packages import Package

    item = Package("npm", "@maker/tiny", "1.0.0", "MIT", "training", "Maker")
    with tarfile.open(tmp_path / item.archive, "w:gz") as archive:
        entry = tarfile.TarInfo("package/icons.json")
        entry.size = 2
        archive.addfile(entry, io.BytesIO(b"{}"))
    return item


@pytest.fixture
def tiny_font():
    """Make a font that draws A, Greek Gamma and Armenian Ayb as one square."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    from studies.signs.font_glyphs import Font

    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((100, 500), (600, 500), (600, 0)):
        pen.lineTo(point)
    pen.closePath()
    empty = TTGlyphPen(None).glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "square"])
    builder.setupCharacterMap({0x41: "square", 0x393: "square", 0x531: "square"})
    builder.setupGlyf({".notdef": empty, "square": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (700, 0), "square": (700, 100)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Tiny", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    content = io.BytesIO()
    builder.save(content)
    return Font([content.getvalue()])
