"""Portraits: any JPEG or PNG in, one small clean JPEG out; and zips of them, read safely."""

from __future__ import annotations

import io
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from census_staff.lib.errors import Refused

SIZE = (295, 413)
SMALLEST = (240, 336)
MOST_BYTES = 25_000
MOST_PIXELS = 25_000_000
MOST_UPLOADED = 20 * 2**20
FORMATS = ("JPEG", "PNG")
SUFFIXES = (".jpg", ".jpeg", ".png")
LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """What a zip of photos may ask of us."""

    entries: int = 10_000
    each: int = MOST_UPLOADED
    total: int = 2 * 2**30


@dataclass(frozen=True, slots=True)
class ZipPhoto:
    """One file of a zip: its own name without folders, the name without suffix, its bytes.

    `refused` tells why there are no bytes; the rest of the zip is still read.
    """

    name: str
    stem: str
    data: bytes
    refused: Refused | None = None


def normalise(data: bytes) -> bytes:
    """Return the portrait as a JPEG of 295 by 413 pixels, at most 25 kB, without metadata."""
    if len(data) > MOST_UPLOADED:
        raise Refused(
            "photo_too_large",
            _("The photo file is larger than 20 MB. Please choose a smaller one."),
        )
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            portrait = _portrait(opened)
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except Exception as error:  # decoders fail in many ways, and every one means the same here
        raise _unreadable() from error
    return _encoded(portrait)


def iterate_zip(
    source: bytes | str | Path | IO[bytes], limits: ZipLimits | None = None
) -> Iterator[ZipPhoto]:
    """Yield the photos of a zip one by one; a hostile zip is refused before the first."""
    bounds = limits or ZipLimits()
    try:
        with zipfile.ZipFile(
            io.BytesIO(source) if isinstance(source, bytes) else source
        ) as package:
            entries = [entry for entry in package.infolist() if not _is_litter(entry)]
            _require_honest(entries, bounds)
            left = bounds.total
            for entry in entries:
                photo = _read(package, entry, min(bounds.each, left))
                left -= len(photo.data)
                yield photo
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError) as error:
        raise Refused(
            "photo_zip_damaged",
            _("The zip file is damaged or no zip file at all. Please pack the photos again."),
        ) from error


def _portrait(opened: Image.Image) -> Image.Image:
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise _too_many_pixels()
    if opened.format == "JPEG":
        # Lets the decoder skip detail we would throw away: a phone's photo in a tenth of the time.
        opened.draft("RGB", (SIZE[0] * 2, SIZE[1] * 2))
    opened.seek(0)
    opened.load()
    shown = ImageOps.exif_transpose(opened)
    turned = shown.size != opened.size
    real = (height, width) if turned else (width, height)
    scale = real[0] / shown.size[0]
    left, top, right, bottom = _crop(shown.size)
    if (right - left) * scale < SMALLEST[0] or (bottom - top) * scale < SMALLEST[1]:
        raise Refused(
            "photo_too_small",
            _("The photo is too small to print: it needs at least 240 by 336 pixels."),
            details={"width": real[0], "height": real[1]},
        )
    flat = _on_white(shown.crop((left, top, right, bottom)))
    flat = flat.resize(SIZE, Image.Resampling.LANCZOS)
    # Pixels alone go on: whatever else the file carried stays behind.
    return Image.frombytes("RGB", SIZE, flat.tobytes())


def _crop(size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the largest upright box: centred from side to side, near the top for the face."""
    width, height = size
    if width * SIZE[1] > height * SIZE[0]:
        wide = max(1, height * SIZE[0] // SIZE[1])
        left = (width - wide) // 2
        return left, 0, left + wide, height
    high = max(1, width * SIZE[1] // SIZE[0])
    top = (height - high) // 3
    return 0, top, width, top + high


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(ground, layer).convert("RGB")
    if image.mode.startswith("I"):
        image = image.point(lambda level: level / 256).convert("L")
    return image.convert("RGB")


def _encoded(portrait: Image.Image) -> bytes:
    for quality in (88, 80, 72, 64, 56, 48, 40, 32, 24, 16, 8, 1):
        out = io.BytesIO()
        portrait.save(out, "JPEG", quality=quality, optimize=True, progressive=False)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise _unreadable()


def _too_many_pixels() -> Refused:
    return Refused(
        "photo_too_large_pixels",
        _("The photo has more than 25 million pixels. Please take it with a lower resolution."),
    )


def _unreadable() -> Refused:
    return Refused(
        "photo_unreadable",
        _("The photo cannot be read. Please choose an undamaged JPEG or PNG photo."),
    )


def _is_litter(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
    return entry.is_dir() or not parts or any(
        part in LITTER or part.startswith("._") for part in parts
    )  # fmt: skip


def _require_honest(entries: list[zipfile.ZipInfo], limits: ZipLimits) -> None:
    if len(entries) > limits.entries or sum(entry.file_size for entry in entries) > limits.total:
        raise Refused(
            "photo_zip_too_large",
            _("The zip file holds too many or too large files. Please split it by township."),
            details={"entries": len(entries)},
        )
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        is_link = stat.S_ISLNK(entry.external_attr >> 16)
        if is_link or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise Refused(
                "photo_zip_unsafe",
                _(
                    "The zip file holds links or paths that lead out of it. Please pack the photos "
                    "again, without links."
                ),
            )
        if entry.flag_bits & 1:
            raise Refused(
                "photo_zip_encrypted",
                _("The zip file is protected by a password. Please pack it without one."),
            )


def _read(package: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> ZipPhoto:
    name = _name(entry)
    stem = PurePosixPath(name).stem.strip()
    refused: Refused | None = None
    data = b""
    if not name.lower().endswith(SUFFIXES):
        refused = Refused(
            "photo_wrong_kind", _("This file is no JPEG or PNG photo and was left out.")
        )
    elif entry.file_size > most:
        refused = Refused("photo_too_large", _("The photo file is too large and was left out."))
    else:
        try:
            with package.open(entry) as stream:
                data = stream.read(most + 1)
        except Exception:  # a broken entry, an unknown method: the other photos are still good
            refused = _unreadable()
        if len(data) > most:
            data, refused = b"", _unreadable()
    return ZipPhoto(name, stem, data, refused)


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the name without folders; Chinese Windows packs names as GB 18030, unmarked."""
    text = entry.filename
    if not entry.flag_bits & 0x800:
        with suppress(UnicodeError):
            text = text.encode("cp437").decode("gb18030")
    return unicodedata.normalize("NFC", PurePosixPath(text.replace("\\", "/")).name)
