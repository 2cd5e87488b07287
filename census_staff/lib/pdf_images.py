"""Pictures on their way into a PDF: JPEG untouched, everything else as plain pixels."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image

# Start-of-frame markers; C4, C8 and CC in their midst are something else.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
COLOURS = {1: "/DeviceGray", 3: "/DeviceRGB"}


class UnreadablePicture(ValueError):
    """The bytes are no picture of a kind that can be printed."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture as a PDF holds it: dictionary entries, bytes and perhaps its transparency."""

    width: int
    height: int
    entries: str
    body: bytes
    mask: bytes | None = None

    def stream(self, extra: str = "") -> bytes:
        """Return the image object."""
        head = (
            f"<< /Type /XObject /Subtype /Image /Width {self.width} /Height {self.height} "
            f"/BitsPerComponent 8 {self.entries} {extra} /Length {len(self.body)} >>\nstream\n"
        )
        return head.encode("ascii") + self.body + b"\nendstream"

    def mask_stream(self) -> bytes | None:
        """Return the object that says where the picture is transparent, if it is."""
        if self.mask is None:
            return None
        entries = "/ColorSpace /DeviceGray /Filter /FlateDecode"
        return Pixels(self.width, self.height, entries, self.mask).stream()


def jpeg(data: bytes) -> Pixels:
    """Return a JPEG as it is: nothing decoded, nothing lost."""
    width, height, components = _frame(data)
    colours = COLOURS.get(components)
    if colours is None:
        raise UnreadablePicture("a JPEG for printing is grey or RGB")
    return Pixels(width, height, f"/ColorSpace {colours} /Filter /DCTDecode", data)


def picture(data: bytes) -> Pixels:
    """Return any picture Pillow reads, with its transparency."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as opened:
            drawn = opened.convert("RGBA")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadablePicture(str(error)) from error
    alpha = drawn.getchannel("A")
    mask = None if alpha.getextrema() == (255, 255) else zlib.compress(alpha.tobytes())
    body = zlib.compress(drawn.convert("RGB").tobytes())
    return Pixels(*drawn.size, "/ColorSpace /DeviceRGB /Filter /FlateDecode", body, mask)


def _frame(data: bytes) -> tuple[int, int, int]:
    """Return width, height and number of colours, read from the header alone."""
    offset = 2
    if data[:2] != b"\xff\xd8":
        raise UnreadablePicture("not a JPEG")
    try:
        while True:
            if data[offset] != 0xFF:
                raise UnreadablePicture("a damaged JPEG")
            marker = data[offset + 1]
            if marker in FRAMES:
                height, width, colours = struct.unpack_from(">HHB", data, offset + 5)
                if not (width and height):
                    raise UnreadablePicture("a JPEG without a size")
                return width, height, colours
            offset += 1 if marker == 0xFF else 2 + struct.unpack_from(">H", data, offset + 2)[0]
    except (IndexError, struct.error) as error:
        raise UnreadablePicture("a JPEG that breaks off") from error
