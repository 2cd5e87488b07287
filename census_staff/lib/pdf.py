"""Write a PDF as it is drawn: millimetres from the top left, memory flat at any length.

Page after page goes straight to the file; photos are passed through as they are; each font is
embedded once, with the characters used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from typing import BinaryIO, Literal

from census_staff.lib import pdf_images
from census_staff.lib.pdf_fonts import Cell, EmbeddedFont, Weight, stream
from census_staff.lib.truetype import TrueTypeFont

POINTS = 72 / 25.4
A4 = (210.0, 297.0)
# Where the baseline runs in the square of an ideograph.
BASELINE = 0.88
# How far a circle's handles reach.
ROUND = 0.5523
Align = Literal["left", "centre", "right"]


class Drawing:
    """A page or a form under the pen."""

    def __init__(self, document: Document, width: float, height: float) -> None:
        self.document, self.width, self.height = document, width, height
        self.operations: list[str] = []
        self.used: dict[str, int] = {}
        self._fill = _paint("#000000")

    def fill(self, colour: str) -> None:
        """Draw what follows in this colour, written #rrggbb."""
        paint = _paint(colour)
        if paint != self._fill:
            self._fill = paint
            self.operations.append(f"{paint} rg")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        align: Align = "left",
        spacing: float = 0,
    ) -> None:
        """Write one line; y is the top of the ideographs and x where `align` says."""
        cells = self.document.weight(bold=bold).cells(text)
        if not cells:
            return
        if align != "left":
            width = sum(cell.width for cell in cells) * size / 1000 + spacing * (len(cells) - 1)
            x -= width / 2 if align == "centre" else width
        baseline = self.height - y - BASELINE * size
        parts = [f"BT 1 0 0 1 {x:.2f} {baseline:.2f} Tm {spacing:.3f} Tc"]
        parts += _shown(cells, size, bold=bold, colour=self._fill)
        self.operations.append(" ".join(parts) + " ET")

    def rectangle(self, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle."""
        y = self.height - y - height
        self.operations.append(f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re f")

    def pill(self, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle whose short ends are half circles."""
        r, low, high = height / 2, self.height - y - height, self.height - y
        end, middle, k = x + width, (low + high) / 2, r * (1 - ROUND)
        self.operations.append(
            f"{x + r:.2f} {low:.2f} m {end - r:.2f} {low:.2f} l "
            f"{end - k:.2f} {low:.2f} {end:.2f} {low + k:.2f} {end:.2f} {middle:.2f} c "
            f"{end:.2f} {high - k:.2f} {end - k:.2f} {high:.2f} {end - r:.2f} {high:.2f} c "
            f"{x + r:.2f} {high:.2f} l "
            f"{x + k:.2f} {high:.2f} {x:.2f} {high - k:.2f} {x:.2f} {middle:.2f} c "
            f"{x:.2f} {low + k:.2f} {x + k:.2f} {low:.2f} {x + r:.2f} {low:.2f} c f"
        )

    def polygon(self, points: list[tuple[float, float]]) -> None:
        """Fill the shape between these points."""
        (x, y), *others = points
        path = [f"{x:.2f} {self.height - y:.2f} m"]
        path += [f"{x:.2f} {self.height - y:.2f} l" for x, y in others]
        self.operations.append(" ".join(path) + " f")

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        colour: str = "#000000",
        width: float = 0.1,
        dash: float = 0,
    ) -> None:
        """Draw a line between two points, dashed where `dash` is a length."""
        first = f"{start[0]:.2f} {self.height - start[1]:.2f}"
        last = f"{end[0]:.2f} {self.height - end[1]:.2f}"
        self.operations.append(f"q {_pen(colour, width, dash)} {first} m {last} l S Q")

    def ring(
        self, x: float, y: float, r: float, *, colour: str, width: float, dash: float = 0
    ) -> None:
        """Draw a circle around a point."""
        y, k = self.height - y, r * ROUND
        self.operations.append(
            f"q {_pen(colour, width, dash)} {x + r:.2f} {y:.2f} m "
            f"{x + r:.2f} {y + k:.2f} {x + k:.2f} {y + r:.2f} {x:.2f} {y + r:.2f} c "
            f"{x - k:.2f} {y + r:.2f} {x - r:.2f} {y + k:.2f} {x - r:.2f} {y:.2f} c "
            f"{x - r:.2f} {y - k:.2f} {x - k:.2f} {y - r:.2f} {x:.2f} {y - r:.2f} c "
            f"{x + k:.2f} {y - r:.2f} {x + r:.2f} {y - k:.2f} {x + r:.2f} {y:.2f} c S Q"
        )

    def squares(self, x: float, y: float, module: float, path: str) -> None:
        """Fill a path of whole numbers, counted from the top left, one unit a `module` wide."""
        self.operations.append(
            f"q 0 g {module:.5f} 0 0 {-module:.5f} {x:.2f} {self.height - y:.2f} cm {path} f Q"
        )

    def place(self, name: str, x: float, y: float, width: float, height: float) -> None:
        """Put an image or a form with its top left corner here, this large."""
        number, wide, high = self.document.objects[name]
        self.used[name] = number
        y = self.height - y - height
        scale = f"{width / wide:.4f} 0 0 {height / high:.4f}"
        self.operations.append(f"q {scale} {x:.2f} {y:.2f} cm /{name} Do Q")

    def resources(self) -> str:
        """Return the dictionary of what this drawing refers to."""
        names = " ".join(f"/{name} {number} 0 R" for name, number in self.used.items())
        return f"<< /Font {self.document.fonts_id} 0 R /XObject << {names} >> >>"


class Document:
    """A PDF being written to a file; `close` ends it."""

    def __init__(self, out: BinaryIO, *, title: str, made_at: datetime) -> None:
        self._out, self._title, self._made_at = out, title, made_at
        self._offsets: list[int] = [0]
        self._position = 0
        self._pages: list[int] = []
        self._embedded: dict[TrueTypeFont, EmbeddedFont] = {}
        self._weights = {bold: Weight(bold=bold, embed=self._embed) for bold in (False, True)}
        self.objects: dict[str, tuple[int, float, float]] = {}
        self._put(b"%PDF-1.7\n%\xe4\xbd\xa0\xe5\xa5\xbd\n")
        self._catalog, self._tree, self.fonts_id = (self._reserve() for _ in range(3))

    def weight(self, *, bold: bool) -> Weight:
        """Return the cells of regular or bold text."""
        return self._weights[bold]

    @contextmanager
    def page(self, width: float = A4[0], height: float = A4[1]) -> Iterator[Drawing]:
        """Give a page to draw on; it is in the file when the block ends."""
        drawing = Drawing(self, width, height)
        yield drawing
        body = f"{POINTS:.6f} 0 0 {POINTS:.6f} 0 0 cm\n" + "\n".join(drawing.operations)
        contents, page = self._reserve(), self._reserve()
        self._write(contents, stream(body.encode("ascii"), level=5))
        box = f"[0 0 {width * POINTS:.3f} {height * POINTS:.3f}]"
        self._write(
            page,
            f"<< /Type /Page /Parent {self._tree} 0 R /MediaBox {box} "
            f"/Resources {drawing.resources()} /Contents {contents} 0 R >>".encode("ascii"),
        )
        self._pages.append(page)
        # What only this page showed need not be remembered: photos never come twice.
        for name in drawing.used:
            if name.startswith("P"):
                del self.objects[name]

    @contextmanager
    def form(
        self, name: str, width: float, height: float, *, bleed: float = 0
    ) -> Iterator[Drawing]:
        """Give a part to draw once and place often, allowed to run over its edges by `bleed`."""
        drawing = Drawing(self, width, height)
        yield drawing
        number = self._reserve()
        box = f"[{-bleed} {-bleed} {width + bleed} {height + bleed}]"
        entries = f"/Type /XObject /Subtype /Form /BBox {box} /Resources {drawing.resources()}"
        self._write(number, stream("\n".join(drawing.operations).encode("ascii"), entries))
        self.objects[name] = (number, width, height)

    def photo(self, data: bytes) -> str:
        """Take in a JPEG for the page being drawn and return its name."""
        image = pdf_images.jpeg(data)
        number = self._reserve()
        self._write(number, image.stream())
        self.objects[f"P{number}"] = (number, 1, 1)
        return f"P{number}"

    def picture(self, data: bytes) -> tuple[str, float]:
        """Take in any picture for all pages; return its name and its width over its height."""
        image = pdf_images.picture(data)
        number, extra = self._reserve(), ""
        if (mask := image.mask_stream()) is not None:
            mask_number = self._reserve()
            self._write(mask_number, mask)
            extra = f"/SMask {mask_number} 0 R"
        self._write(number, image.stream(extra))
        self.objects[f"I{number}"] = (number, 1, 1)
        return f"I{number}", image.width / image.height

    def close(self) -> None:
        """Write fonts, page tree and cross references; the file is complete."""
        names = {embedded: self._reserve() for embedded in self._embedded.values()}
        for embedded, number in names.items():
            for key, body in sorted(embedded.objects(self._reserve, number).items()):
                self._write(key, body)
        fonts = " ".join(f"/{embedded.name} {number} 0 R" for embedded, number in names.items())
        self._write(self.fonts_id, f"<< {fonts} >>".encode("ascii"))
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        tree = f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>"
        self._write(self._tree, tree.encode("ascii"))
        # Actual size and turned over the long edge, unless the reader says otherwise.
        wishes = "/PrintScaling /None /Duplex /DuplexFlipLongEdge /DisplayDocTitle true"
        catalog = f"<< /Type /Catalog /Pages {self._tree} 0 R /Lang (zh-CN) "
        self._write(self._catalog, f"{catalog}/ViewerPreferences << {wishes} >> >>".encode("ascii"))
        info = self._reserve()
        title = (b"\xfe\xff" + self._title.encode("utf-16-be")).hex()
        made = self._made_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ")
        self._write(info, f"<< /Title <{title}> /CreationDate ({made}) >>".encode("ascii"))
        self._end(info)

    def _end(self, info: int) -> None:
        start, size = self._position, len(self._offsets)
        lines = [f"xref\n0 {size}\n0000000000 65535 f \n"]
        lines += [f"{offset:010d} 00000 n \n" for offset in self._offsets[1:]]
        lines.append(f"trailer\n<< /Size {size} /Root {self._catalog} 0 R /Info {info} 0 R >>\n")
        self._put(("".join(lines) + f"startxref\n{start}\n%%EOF\n").encode("ascii"))

    def _embed(self, font: TrueTypeFont) -> EmbeddedFont:
        if font not in self._embedded:
            self._embedded[font] = EmbeddedFont(f"F{len(self._embedded) + 1}", font)
        return self._embedded[font]

    def _reserve(self) -> int:
        self._offsets.append(0)
        return len(self._offsets) - 1

    def _write(self, number: int, body: bytes) -> None:
        self._offsets[number] = self._position
        self._put(f"{number} 0 obj\n".encode("ascii") + body + b"\nendobj\n")

    def _put(self, data: bytes) -> None:
        self._out.write(data)
        self._position += len(data)


def _shown(cells: list[Cell], size: float, *, bold: bool, colour: str) -> list[str]:
    """Return the operators that show the cells, changing font where they do."""
    # Rare characters have no bold font: an outline of their own colour makes them so.
    outlined = f"2 Tr {size * 0.035:.3f} w {colour} RG"
    return [
        f"/{font.name} {size:.2f} Tf {outlined if bold and is_borrowed else '0 Tr'} "
        f"<{''.join(cell.code for cell in run)}> Tj"
        for (font, is_borrowed), run in groupby(cells, lambda cell: (cell.font, cell.is_borrowed))
    ]


def _pen(colour: str, width: float, dash: float) -> str:
    return f"{_paint(colour)} RG {width:.2f} w" + (f" [{dash:.2f}] 0 d" if dash else "")


def _paint(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return f"{red:.3f} {green:.3f} {blue:.3f}"
