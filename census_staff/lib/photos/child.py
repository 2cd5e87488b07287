"""The process that opens other people's pictures and zips, run as a script under hard limits.

It imports nothing of ours and gets no environment; it answers in lines of JSON, each followed by
the bytes of the picture it speaks of.
"""

from __future__ import annotations

import io
import json
import resource
import stat
import sys
import unicodedata
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import PurePosixPath
from typing import IO, Any

from PIL import Image, ImageOps

SIZE = (295, 413)
SMALLEST = (240, 336)
MOST_BYTES = 25_000
MOST_PIXELS = 25_000_000
FORMATS = ("JPEG", "PNG")
SUFFIXES = (".jpg", ".jpeg", ".png")
LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
SECONDS_EACH = 10


class Stop(Exception):
    """The picture or the zip is refused: a code and what may be said about it."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code, self.details = code, details


# --- one picture -----------------------------------------------------------------------------


def portrait(data: bytes) -> bytes:
    """Return the portrait as a small upright JPEG that carries nothing but its pixels."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            drawn = _drawn(opened)
    except Stop:
        raise
    except Image.DecompressionBombError as error:
        raise Stop("photo_too_large_pixels") from error
    except Exception as error:  # decoders fail in many ways, and every one means the same here
        raise Stop("photo_unreadable") from error
    return _encoded(drawn)


def _drawn(opened: Image.Image) -> Image.Image:
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise Stop("photo_too_large_pixels")
    if opened.format == "JPEG":
        # Lets the decoder skip detail we would throw away: a phone's photo in a tenth of the time.
        opened.draft("RGB", (SIZE[0] * 2, SIZE[1] * 2))
    opened.seek(0)
    opened.load()
    shown = ImageOps.exif_transpose(opened)
    turned = shown.size != opened.size
    real = (height, width) if turned else (width, height)
    times = min(shown.size[0] // (SIZE[0] * 2), shown.size[1] // (SIZE[1] * 2))
    if times > 1 and shown.mode in ("RGB", "RGBA", "L", "LA", "CMYK"):
        # What follows makes several copies: of a smaller picture they cost little.
        shown = shown.reduce(times)
    scale = real[0] / shown.size[0]
    left, top, right, bottom = _crop(shown.size)
    if (right - left) * scale < SMALLEST[0] or (bottom - top) * scale < SMALLEST[1]:
        raise Stop("photo_too_small", width=real[0], height=real[1])
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


def _encoded(drawn: Image.Image) -> bytes:
    for quality in (88, 80, 72, 64, 56, 48, 40, 32, 24, 16, 8, 1):
        out = io.BytesIO()
        drawn.save(out, "JPEG", quality=quality, optimize=True, progressive=False)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise Stop("photo_unreadable")


# --- zips ------------------------------------------------------------------------------------


def listed(package: zipfile.ZipFile, limits: dict[str, int]) -> list[zipfile.ZipInfo]:
    """Return the photos of an honest zip; a hostile one is stopped as a whole."""
    entries = [entry for entry in package.infolist() if not _is_litter(entry)]
    if len(entries) > limits["entries"] or sum(e.file_size for e in entries) > limits["total"]:
        raise Stop("photo_zip_too_large", entries=len(entries))
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        is_link = stat.S_ISLNK(entry.external_attr >> 16)
        if is_link or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise Stop("photo_zip_unsafe")
        if entry.flag_bits & 1:
            raise Stop("photo_zip_encrypted")
    _require_apart(package, entries)
    return entries


def _require_apart(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Stop where entries share their bytes: a small file that unpacks to many large ones."""
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < end:
            raise Stop("photo_zip_unsafe")
        end = entry.header_offset + 30 + entry.compress_size
    if end > package.start_dir:
        raise Stop("photo_zip_damaged")


def _is_litter(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
    return entry.is_dir() or not parts or any(
        part in LITTER or part.startswith("._") for part in parts
    )  # fmt: skip


def name_of(entry: zipfile.ZipInfo) -> str:
    """Return the name without folders; Chinese Windows packs names as GB 18030, unmarked."""
    text = entry.filename
    if not entry.flag_bits & 0x800:
        with suppress(UnicodeError):
            text = text.encode("cp437").decode("gb18030")
    name = PurePosixPath(text.replace("\\", "/")).name[-200:]
    return unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())


def fault(entry: zipfile.ZipInfo, limits: dict[str, int]) -> str:
    """Return the code of what keeps an entry from being opened, empty where nothing does."""
    if not name_of(entry).lower().endswith(SUFFIXES):
        return "photo_wrong_kind"
    return "photo_too_large" if entry.file_size > limits["each"] else ""


def unpacked(package: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Return the bytes of an entry, which are no more than it declared."""
    try:
        with package.open(entry) as stream:
            data = stream.read(most + 1)
    except MemoryError:
        raise
    except Exception as error:  # a broken entry, an unknown method: the others are still good
        raise Stop("photo_unreadable") from error
    if len(data) > most:
        raise Stop("photo_unreadable")
    return data


# --- the process -----------------------------------------------------------------------------


def say(head: dict[str, Any], data: bytes = b"") -> None:
    """Write one answer: a line, and the bytes it announces."""
    out = sys.stdout.buffer
    out.write(json.dumps(head | {"size": len(data)}).encode() + b"\n" + data)
    out.flush()


def _try(head: dict[str, Any], data: Any) -> None:
    """Answer for one picture, which may take its own time and no more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(used.ru_utime + used.ru_stime) + SECONDS_EACH
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, hard), hard))
    try:
        jpeg = portrait(data())
    except Stop as stop:
        say(head | {"code": stop.code, "details": stop.details})
    except MemoryError:
        say(head | {"code": "photo_unreadable", "details": {}})
    else:
        say(head, jpeg)


def main() -> None:
    """Do what standard input asks and end: 0 done, 3 refused with a code."""
    source: IO[bytes] = sys.stdin.buffer
    ask = json.loads(source.readline())
    if ask["verb"] == "normalise":
        _try({}, source.read)
        return
    try:
        with zipfile.ZipFile(ask["path"]) as package:
            _answer(package, listed(package, ask["limits"]), ask)
    except Stop as stop:
        json.dump({"code": stop.code, "details": stop.details}, sys.stderr)
        sys.exit(3)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError, NotImplementedError):
        json.dump({"code": "photo_zip_damaged", "details": {}}, sys.stderr)
        sys.exit(3)


def _answer(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo], ask: dict[str, Any]) -> None:
    limits = ask["limits"]
    if ask["verb"] == "list":
        for entry in entries:
            say({"name": name_of(entry), "code": fault(entry, limits)})
        return
    wanted: Iterable[int] = ask["wanted"]
    for number in wanted:
        entry = entries[number - 1]
        _try({"number": number}, lambda entry=entry: unpacked(package, entry, entry.file_size))


if __name__ == "__main__":
    main()
