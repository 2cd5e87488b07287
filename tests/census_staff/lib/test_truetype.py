"""Subsets of fonts are whole fonts: another reader finds the same shapes in them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from census_staff.lib.fonts import HERE, chain
from census_staff.lib.truetype import TrueTypeFont

TEXT = "普查员证䃥䶮𫖯Åéﬁ0·"


@pytest.mark.parametrize("bold", [False, True])
def test_a_subset_holds_the_same_outlines_and_widths(bold: bool) -> None:
    font = chain(bold=bold)[0]
    glyphs = [0, *(font.glyph(character) for character in TEXT if font.glyph(character))]
    name = "NotoSansSC-Bold.ttf" if bold else "NotoSansSC-Regular.ttf"
    whole = TTFont(HERE / name, lazy=True)
    cut = TTFont(io.BytesIO(font.subset(glyphs)))
    for place, glyph in enumerate(glyphs):
        assert drawn(cut, place) == drawn(whole, glyph)
        assert widths(cut, place) == widths(whole, glyph)


def test_a_glyph_made_of_others_brings_its_parts(tmp_path: Path) -> None:
    path = tmp_path / "built.ttf"
    build(path)
    cut = TTFont(io.BytesIO(TrueTypeFont(path).subset([0, 3])))
    assert cut["maxp"].numGlyphs == 4
    assert drawn(cut, 1) == drawn(TTFont(path), 3)


def test_the_character_map_agrees_with_another_reader() -> None:
    theirs = TTFont(HERE / "NotoSansSC-ExtB.ttf", lazy=True)
    ours = TrueTypeFont(HERE / "NotoSansSC-ExtB.ttf")
    for code, name in theirs.getBestCmap().items():
        assert ours.glyph(chr(code)) == theirs.getGlyphID(name)
    assert ours.glyph("\U00021243") == 0
    assert ours.name == "NotoSansCJKsc-Regular"


def build(path: Path) -> None:
    """Write a font whose third character is the first two side by side, one of them scaled."""
    pens = {name: TTGlyphPen(None) for name in (".notdef", "one", "two")}
    for width, pen in enumerate(pens.values(), start=1):
        pen.moveTo((0, 0))
        pen.lineTo((100 * width, 0))
        pen.lineTo((100 * width, 500))
        pen.closePath()
    glyphs = {name: pen.glyph() for name, pen in pens.items()}
    pair = TTGlyphPen(glyphs)
    pair.addComponent("two", (1, 0, 0, 1, 0, 0))
    pair.addComponent("one", (0.5, 0, 0, 0.5, 300, 0))
    glyphs["pair"] = pair.glyph()
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(list(glyphs))
    font.setupCharacterMap({0x20001: "one", 0x20002: "two", 0x20003: "pair"})
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics(dict.fromkeys(glyphs, (600, 0)))
    font.setupHorizontalHeader(ascent=880, descent=-120)
    font.setupNameTable({"psName": "Built"})
    font.setupPost()
    font.save(path)


def drawn(font: TTFont, glyph: int) -> list[tuple[str, tuple[object, ...]]]:
    glyphs = font.getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)
    glyphs[font.getGlyphOrder()[glyph]].draw(pen)
    return pen.value


def widths(font: TTFont, glyph: int) -> int:
    return font["hmtx"].metrics[font.getGlyphOrder()[glyph]][0]
