"""Read a TrueType font where it lies and cut small subsets out of it."""

from __future__ import annotations

import mmap
import struct
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

KEPT_AS_THEY_ARE = ("cvt ", "fpgm", "prep")
WORDS, SCALE, MORE, XY_SCALE, TWO_BY_TWO = 0x01, 0x08, 0x20, 0x40, 0x80


class TrueTypeFont:
    """One font file, mapped and never copied: three of them cost a few megabytes, not 150."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        count = struct.unpack_from(">H", self._data, 4)[0]
        self._tables: dict[str, tuple[int, int]] = {}
        for index in range(count):
            tag, _sum, offset, length = struct.unpack_from(">4sIII", self._data, 12 + 16 * index)
            self._tables[tag.decode("ascii")] = (offset, length)
        head, hhea = self._tables["head"][0], self._tables["hhea"][0]
        self._em: int = struct.unpack_from(">H", self._data, head + 18)[0]
        self._long_loca = struct.unpack_from(">h", self._data, head + 50)[0] == 1
        self._metrics: int = struct.unpack_from(">H", self._data, hhea + 34)[0]
        self.box = tuple(self._scaled(v) for v in struct.unpack_from(">4h", self._data, head + 36))
        self.ascent, self.descent = (
            self._scaled(v) for v in struct.unpack_from(">hh", self._data, hhea + 4)
        )
        self.name = self._postscript_name() or path.stem

    def glyph(self, character: str) -> int:
        """Return the glyph of one character, 0 where the font has none."""
        starts, ends, glyphs = self._groups
        code = ord(character)
        index = bisect_right(starts, code) - 1
        if index < 0 or code > ends[index]:
            return 0
        return glyphs[index] + code - starts[index]

    def advance(self, glyph: int) -> int:
        """Return how far a glyph moves the pen, in thousandths of the font size."""
        offset = self._tables["hmtx"][0] + 4 * min(glyph, self._metrics - 1)
        width: int = struct.unpack_from(">H", self._data, offset)[0]
        return self._scaled(width)

    def subset(self, wanted: Sequence[int]) -> bytes:
        """Return a font file whose glyph n is `wanted[n]`; parts they are built of follow."""
        outlines, order = self._outlines(wanted)
        loca, glyf = array("I", [0]), bytearray()
        for outline in outlines:
            glyf += outline + b"\0" * (-len(outline) % 4)
            loca.append(len(glyf))
        loca.byteswap()
        tables = {
            "glyf": bytes(glyf),
            "head": self._patched("head", 50, 1),
            "hhea": self._patched("hhea", 34, len(order)),
            "hmtx": b"".join(self._metric(glyph) for glyph in order),
            "loca": loca.tobytes(),
            "maxp": self._patched("maxp", 4, len(order)),
        }
        tables |= {tag: self._table(tag) for tag in KEPT_AS_THEY_ARE if tag in self._tables}
        return _assembled(tables)

    def _outlines(self, wanted: Sequence[int]) -> tuple[list[bytes], list[int]]:
        """Return the outlines with their parts renumbered, and the glyphs they come from."""
        order, outlines = list(wanted), []
        place = {glyph: index for index, glyph in reversed(list(enumerate(order)))}
        for glyph in order:  # grows while it is walked: parts of parts are found too
            outline = self._outline(glyph)
            if outline[:2] >= b"\x80":  # a negative number of contours: made of other glyphs
                changed = bytearray(outline)
                for offset in _parts(outline):
                    part = struct.unpack_from(">H", outline, offset)[0]
                    if part not in place:
                        place[part] = len(order)
                        order.append(part)
                    struct.pack_into(">H", changed, offset, place[part])
                outline = bytes(changed)
            outlines.append(outline)
        return outlines, order

    def _outline(self, glyph: int) -> bytes:
        loca, glyf = self._tables["loca"][0], self._tables["glyf"][0]
        if self._long_loca:
            first, last = struct.unpack_from(">II", self._data, loca + 4 * glyph)
        else:
            first, last = (2 * v for v in struct.unpack_from(">HH", self._data, loca + 2 * glyph))
        return self._data[glyf + first : glyf + last]

    def _metric(self, glyph: int) -> bytes:
        hmtx = self._tables["hmtx"][0]
        if glyph < self._metrics:
            return self._data[hmtx + 4 * glyph : hmtx + 4 * glyph + 4]
        width = self._data[hmtx + 4 * self._metrics - 4 : hmtx + 4 * self._metrics - 2]
        bearing = hmtx + 4 * self._metrics + 2 * (glyph - self._metrics)
        return width + self._data[bearing : bearing + 2]

    @cached_property
    def _groups(self) -> tuple[array[int], array[int], array[int]]:
        """Return the starts, ends and first glyphs of the runs of the Unicode character map."""
        cmap = self._tables["cmap"][0]
        for index in range(struct.unpack_from(">H", self._data, cmap + 2)[0]):
            table = cmap + struct.unpack_from(">I", self._data, cmap + 8 + 8 * index)[0]
            if struct.unpack_from(">H", self._data, table)[0] == 12:
                count = struct.unpack_from(">I", self._data, table + 12)[0]
                flat = array("I", self._data[table + 16 : table + 16 + 12 * count])
                flat.byteswap()
                return flat[0::3], flat[1::3], flat[2::3]
        raise ValueError(f"{self.name} has no character map that reaches beyond U+FFFF")

    def _table(self, tag: str) -> bytes:
        offset, length = self._tables[tag]
        return self._data[offset : offset + length]

    def _patched(self, tag: str, offset: int, value: int) -> bytes:
        table = bytearray(self._table(tag))
        struct.pack_into(">H", table, offset, value)
        return bytes(table)

    def _scaled(self, value: int) -> int:
        return round(value * 1000 / self._em)

    def _postscript_name(self) -> str:
        table = self._tables["name"][0]
        count, strings = struct.unpack_from(">HH", self._data, table + 2)
        for index in range(count):
            platform, _enc, _lang, name, length, offset = struct.unpack_from(
                ">6H", self._data, table + 6 + 12 * index
            )
            if platform == 3 and name == 6:
                start = table + strings + offset
                return self._data[start : start + length].decode("utf-16-be")
        return ""


def _parts(outline: bytes) -> list[int]:
    """Return where the glyph numbers of the parts of a composite outline stand."""
    offset, found = 10, []
    while True:
        flags = struct.unpack_from(">H", outline, offset)[0]
        found.append(offset + 2)
        offset += 8 if flags & WORDS else 6
        if flags & SCALE:
            offset += 2
        elif flags & XY_SCALE:
            offset += 4
        elif flags & TWO_BY_TWO:
            offset += 8
        if not flags & MORE:
            return found


def _assembled(tables: dict[str, bytes]) -> bytes:
    """Return the font file of these tables, with the sums that readers check."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    header = struct.pack(
        ">IHHHH", 0x10000, count, 16 * power, power.bit_length() - 1, 16 * (count - power)
    )
    directory, body, offset = b"", b"", 12 + 16 * count
    for tag in sorted(tables):
        table = tables[tag]
        padded = table + b"\0" * (-len(table) % 4)
        words = array("I", padded)
        words.byteswap()
        total = sum(words) & 0xFFFFFFFF
        directory += struct.pack(">4sIII", tag.encode("ascii"), total, offset, len(table))
        body += padded
        offset += len(padded)
    return header + directory + body
