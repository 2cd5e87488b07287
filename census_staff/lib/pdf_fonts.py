"""The fonts of one PDF: which characters were used, and only those embedded."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from census_staff.lib.fonts import chain
from census_staff.lib.text_runs import MissingGlyph, is_selector, rank_of
from census_staff.lib.truetype import TrueTypeFont

CMAP_HEAD = (
    "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
    "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
    "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
    "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
)
CMAP_FOOT = "endcmap CMapName currentdict /CMap defineresource pop end end"


class EmbeddedFont:
    """One font file inside one PDF; every character gets a code of its own.

    A code per character and not per glyph: two characters that look alike are still copied
    out of the PDF as what they are.
    """

    def __init__(self, name: str, font: TrueTypeFont) -> None:
        self.name, self.font = name, font
        self._characters: list[str] = []
        self._glyphs: list[int] = [0]

    def code(self, character: str) -> int:
        """Return the code of a character not asked for before."""
        self._characters.append(character)
        self._glyphs.append(self.font.glyph(character))
        return len(self._characters)

    def objects(self, reserve: Callable[[], int], font_id: int) -> dict[int, bytes]:
        """Return the objects of the PDF that make up this font, by their numbers."""
        descendant, descriptor, file, unicode_map = (reserve() for _ in range(4))
        font = self.font
        program = font.subset(self._glyphs)
        tag = hashlib.sha256(repr(self._glyphs).encode()).digest()
        name = "".join(chr(65 + byte % 26) for byte in tag[:6]) + "+" + font.name
        widths = " ".join(str(font.advance(glyph)) for glyph in self._glyphs)
        box = " ".join(str(value) for value in font.box)
        system = "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
        parts = {
            font_id: f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
            f"/DescendantFonts [{descendant} 0 R] /ToUnicode {unicode_map} 0 R >>",
            descendant: f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} {system} "
            f"/FontDescriptor {descriptor} 0 R /CIDToGIDMap /Identity /W [0 [{widths}]] >>",
            descriptor: f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{box}] "
            f"/ItalicAngle 0 /Ascent {font.ascent} /Descent {font.descent} /CapHeight 733 "
            f"/StemV 80 /FontFile2 {file} 0 R >>",
        }
        written = {number: part.encode("ascii") for number, part in parts.items()}
        written[file] = stream(program, f"/Length1 {len(program)}")
        written[unicode_map] = stream(self._unicode_map().encode("ascii"))
        return written

    def _unicode_map(self) -> str:
        """Return what copies the text out again; characters beyond U+FFFF as two halves."""
        lines = [
            f"<{code:04X}> <{character.encode('utf-16-be').hex().upper()}>"
            for code, character in enumerate(self._characters, start=1)
        ]
        blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
        body = "".join(
            f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks
        )
        return CMAP_HEAD + body + CMAP_FOOT


@dataclass(frozen=True, slots=True)
class Cell:
    """One character as one weight draws it: font, code as written, width per thousand."""

    font: EmbeddedFont
    code: str
    width: int
    is_borrowed: bool


class Weight(dict[str, Cell]):
    """The cells of regular or of bold text in one PDF, made as they are asked for."""

    def __init__(self, *, bold: bool, embed: Callable[[TrueTypeFont], EmbeddedFont]) -> None:
        super().__init__()
        self.bold = bold
        self._fonts, self._embed = chain(bold=bold), embed

    def __missing__(self, character: str) -> Cell:
        rank = rank_of(character, self._fonts)
        if rank is None:
            raise MissingGlyph(character)
        font = self._embed(self._fonts[rank])
        width = font.font.advance(font.font.glyph(character))
        cell = Cell(font, f"{font.code(character):04X}", width, rank > 0)
        self[character] = cell
        return cell

    def cells(self, text: str) -> list[Cell]:
        """Return the cells of the text; raise MissingGlyph naming all that cannot be drawn."""
        try:
            return [self[one] for one in text if not is_selector(one)]
        except MissingGlyph:
            lost = [c for c in text if not is_selector(c) and rank_of(c, self._fonts) is None]
            raise MissingGlyph(lost) from None

    def width(self, text: str, size: float) -> float:
        """Return how wide the text is at this size, in the unit of the size."""
        return sum(cell.width for cell in self.cells(text)) * size / 1000


def stream(body: bytes, entries: str = "", *, level: int = 6) -> bytes:
    """Return a compressed stream object."""
    packed = zlib.compress(body, level)
    head = f"<< /Filter /FlateDecode /Length {len(packed)} {entries} >>\nstream\n"
    return head.encode("ascii") + packed + b"\nendstream"
