"""Pictures and zips built to harm: cleaned of all but their pixels, or refused in one sentence."""

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from PIL import Image, PngImagePlugin

from census_staff.lib import photos, sandbox
from census_staff.lib.errors import Refused
from census_staff.lib.photos import child, reading
from tests.hostile.rosters.packages import package
from tests.hostile.test_workbook_attacks import many_entries, nested, overlapping
from tests.hostile.watching import quick

SECRET = b"GEHEIM-34.7466N"
Image.init()


def noise(size: tuple[int, int] = (400, 560), mode: str = "RGB") -> Image.Image:
    return Image.effect_noise(size, 60).convert(mode)


def saved(image: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """Return the JPEG with one more segment after its start."""
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def png_with(kind: bytes, body: bytes) -> bytes:
    """Return a PNG with one more chunk after its head."""
    png = saved(noise(), "PNG")
    made = struct.pack(">I", len(body)) + kind + body
    return png[:33] + made + struct.pack(">I", zlib.crc32(kind + body)) + png[33:]


def exif() -> Image.Exif:
    found = Image.Exif()
    found[0x010F], found[0x9286], found[0x010E] = SECRET.decode(), SECRET, SECRET.decode()
    gps = found.get_ifd(0x8825)
    gps[1], gps[2], gps[29] = "N", (31.7, 44.0, 46.0), SECRET.decode()
    return found


def text_chunk() -> PngImagePlugin.PngInfo:
    made = PngImagePlugin.PngInfo()
    made.add_text("Comment", SECRET.decode())
    made.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return made


JPEG = saved(noise())
HTML = b"<html><script>alert(1)</script>" + SECRET
GOOD: dict[str, Callable[[], bytes]] = {
    "exif-and-gps": lambda: saved(noise(), exif=exif()),
    "comment": lambda: with_segment(JPEG, 0xFE, SECRET),
    "nine-comments": lambda: with_segment(with_segment(JPEG, 0xFE, SECRET * 9), 0xFE, SECRET),
    "xmp": lambda: with_segment(JPEG, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET),
    "iptc": lambda: with_segment(JPEG, 0xED, b"Photoshop 3.0\0008BIM\x04\x04\0\0\0\0\0\x10" + SECRET),
    "profile": lambda: saved(noise(), icc_profile=SECRET * 90),
    "second-picture-inside": lambda: with_segment(JPEG, 0xE2, b"MPF\0" + SECRET),
    "html-behind": lambda: JPEG + HTML,
    "html-in-comment": lambda: with_segment(JPEG, 0xFE, HTML),
    "zip-behind": lambda: JPEG + package({"a.html": HTML}),
    "cmyk": lambda: saved(noise(mode="CMYK")),
    "grey": lambda: saved(noise(mode="L")),
    "progressive": lambda: saved(noise(), progressive=True),
    "png-text": lambda: saved(noise(), "PNG", pnginfo=text_chunk()),
    "png-exif": lambda: saved(noise(), "PNG", exif=exif()),
    "png-time-and-more": lambda: png_with(b"zzZz", SECRET),
    "png-moving": lambda: saved(noise(), "PNG", save_all=True, append_images=[noise()] * 4),
    "png-16-bit": lambda: saved(Image.new("I;16", (400, 560), 30000), "PNG"),
    "png-palette-transparent": lambda: saved(noise(mode="P"), "PNG", transparency=0),
    "png-black-and-white": lambda: saved(noise(mode="1"), "PNG"),
    "png-interlaced-large": lambda: saved(Image.new("RGBA", (4900, 5000), (9, 9, 9, 90)), "PNG"),
    "jpeg-named-otherwise": lambda: JPEG,
}  # fmt: skip


def markers(jpeg: bytes) -> set[int]:
    found, at = set(), 2
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


@pytest.mark.parametrize("name", GOOD)
def test_a_picture_is_kept_as_pixels_and_nothing_else(name: str) -> None:
    data = GOOD[name]()

    with quick():
        made = photos.normalise(data)

    assert SECRET not in made and b"script" not in made
    # JFIF, tables, frame, scan; the file ends where the picture ends.
    assert markers(made) <= {0xE0, 0xDB, 0xC0, 0xC4} and made.endswith(b"\xff\xd9")
    with Image.open(io.BytesIO(made)) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", photos.SIZE, "RGB")
        assert not image.getexif() and set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}  # fmt: skip


def png_head(width: int, height: int, depth: int = 8, kind: int = 2, body: bytes = b"") -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))  # fmt: skip

    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body or zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")  # fmt: skip


UNREADABLE = "photo_unreadable"
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "flood-of-pixels": (lambda: png_head(50_000, 50_000), "photo_too_large_pixels"),
    "flood-of-1-bit-pixels": (lambda: png_head(60_000, 60_000, 1, 0), "photo_too_large_pixels"),
    "flood-in-a-line": (lambda: png_head(2**31 - 1, 1), "photo_too_large_pixels"),
    "jpeg-flood": (lambda: JPEG.replace(struct.pack(">HH", 560, 400), struct.pack(">HH", 65_500, 65_500), 1), "photo_too_large_pixels"),
    "packed-flood": (lambda: png_head(5_000, 5_000, body=zlib.compress(b"\0" * 75_005_000, 9)[:-40]), UNREADABLE),
    "text-bomb": (lambda: png_with(b"zTXt", b"a\0\0" + zlib.compress(b"a" * 90_000_000, 9)), UNREADABLE),
    "profile-bomb": (lambda: png_with(b"iCCP", b"a\0\0" + zlib.compress(b"a" * 90_000_000, 9)), ""),
    "gif": (lambda: saved(noise(mode="P"), "GIF"), UNREADABLE),
    "webp": (lambda: saved(noise(), "WEBP"), UNREADABLE),
    "tiff": (lambda: saved(noise(), "TIFF"), UNREADABLE),
    "postscript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 400 560\n(/etc/passwd) run", UNREADABLE),
    "svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', UNREADABLE),
    "heic": (lambda: b"\0\0\0\x18ftypheic" + b"\0" * 500, UNREADABLE),
    "html": (lambda: HTML, UNREADABLE),
    "pdf": (lambda: b"%PDF-1.7\n", UNREADABLE),
    "program": (lambda: b"\x7fELF" + b"\0" * 900, UNREADABLE),
    "nothing": (lambda: b"", UNREADABLE),
    "cut": (lambda: JPEG[: len(JPEG) // 2], UNREADABLE),
    "head-alone": (lambda: JPEG[:20], UNREADABLE),
    "png-cut": (lambda: saved(noise(), "PNG")[:900], UNREADABLE),
    "no-pixels": (lambda: png_head(0, 0), UNREADABLE),
    "one-pixel": (lambda: saved(noise((1, 1))), "photo_too_small"),
    "a-line": (lambda: saved(noise((6000, 4))), "photo_too_small"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_portrait_is_refused_at_once(name: str) -> None:
    build, code = BAD[name]
    data = build()
    with quick():
        try:
            made = photos.normalise(data)
        except Refused as refused:
            with override("zh-hans"):
                assert str(refused).endswith("。")
            assert refused.code == (code or refused.code)
            return
    assert code == "" and len(made) <= photos.MOST_BYTES


def test_a_file_over_the_size_starts_no_process() -> None:
    with quick(), pytest.raises(Refused) as caught:
        photos.normalise(b"\xff\xd8" + b"\0" * photos.MOST_UPLOADED)
    assert caught.value.code == "photo_too_large"


# --- zips --------------------------------------------------------------------------------------


def told(data: bytes, folder: Path) -> list[photos.ZipEntry] | str:
    """Return the photos of a zip, or why it is refused."""
    path = folder / "照片.zip"
    path.write_bytes(data)
    with quick():
        try:
            return photos.list_zip(path)
        except Refused as refused:
            with override("zh-hans"):
                assert str(refused).endswith("。")
            return refused.code


def named(*names: str, mode: int = 0, data: bytes = JPEG) -> Callable[[], bytes]:
    def build() -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            for name in names:
                entry = zipfile.ZipInfo("x")
                entry.filename, entry.create_system, entry.external_attr = name, 3, mode << 16
                made.writestr(entry, data)
        return out.getvalue()

    return build


def saying(size: int) -> bytes:
    """Return a zip whose directory lies about the size of its one photo."""
    data = package({"a.jpg": b"\0" * 5_000_000})
    at = data.index(b"PK\x01\x02") + 24
    return data[:at] + struct.pack("<I", size) + data[at + 4 :]


ZIPS: dict[str, tuple[Callable[[], bytes], str]] = {
    "way-out": (named("../../a.jpg"), "photo_zip_unsafe"),
    "way-out-backwards": (named("..\\..\\a.jpg"), "photo_zip_unsafe"),
    "from-the-root": (named("/etc/a.jpg"), "photo_zip_unsafe"),
    "from-a-drive": (named("C:\\a.jpg"), "photo_zip_unsafe"),
    "from-the-network": (named("\\\\host\\a.jpg"), "photo_zip_unsafe"),
    "link": (named("a.jpg", mode=0o120777, data=b"/etc/passwd"), "photo_zip_unsafe"),
    "overlapping": (overlapping, "photo_zip_unsafe"),
    "60000-entries": (many_entries, "photo_zip_too_large"),
    "much-declared": (lambda: saying(2**32 - 2), "photo_zip_too_large"),
    "encrypted": (lambda: package({"a.jpg": JPEG}).replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\x01\0"), "photo_zip_encrypted"),
    "rar": (lambda: b"Rar!\x1a\x07\x01\0" + b"\0" * 99, "photo_zip_damaged"),
    "cut": (lambda: package({"a.jpg": JPEG})[:-30], "photo_zip_damaged"),
    "directory-gone": (lambda: package({"a.jpg": JPEG})[:-22] + b"PK\x05\x06" + b"\xff" * 18, "photo_zip_damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", ZIPS)
def test_a_hostile_zip_is_refused_as_a_whole(name: str, tmp_path: Path) -> None:
    build, code = ZIPS[name]
    assert told(build(), tmp_path) == code


def test_a_zip_in_a_zip_is_not_opened(tmp_path: Path) -> None:
    found = told(nested(4), tmp_path)
    assert [one.refused.code for one in found if not isinstance(one, str) and one.refused] == ["photo_wrong_kind"] * 2  # fmt: skip


ODD = ["a\u202egnp.jpg", "<script>alert(1)<／script>.jpg", "{{7*7}}.jpg", "=cmd|' C calc'!A0.jpg",
       "\ud800.jpg", "长" * 300 + ".jpg"]  # fmt: skip


def test_odd_names_come_out_as_text_that_can_be_stored(tmp_path: Path) -> None:
    found = told(
        package({name.encode("utf-8", "replace").decode(): JPEG for name in ODD}), tmp_path
    )
    assert not isinstance(found, str) and len(found) == len(ODD)
    for one in found:
        assert one.name.encode() and "\0" not in one.name and len(one.name) <= 200


def test_one_picture_that_ends_its_child_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(package({"1.jpg": JPEG, "2.jpg": b"END", "3.jpg": JPEG, "4.jpg": b"no", "5.jpg": saying(9)}))  # fmt: skip
    fragile = tmp_path / "child.py"
    source = Path(child.__file__).read_text()
    fragile.write_text(source.replace('"""Return the portrait as a small', 'import os, signal; data == b"END" and os.kill(os.getpid(), signal.SIGSEGV)\n    """Return the portrait as a small', 1))  # fmt: skip
    monkeypatch.setattr(reading, "CHILD", str(fragile))

    made = list(photos.portraits(path, [1, 2, 3, 4, 5]))

    assert [one.number for one in made] == [1, 2, 3, 4, 5]
    assert [bool(one.jpeg) for one in made] == [True, False, True, False, False]
    assert {one.refused.code for one in made if one.refused} == {UNREADABLE}


@pytest.mark.parametrize(
    "greed", ["b = bytearray(2**30)", "b = [b'x' * 2**20 for _ in range(900)]"]
)
def test_a_child_that_wants_too_much_memory_gets_none(tmp_path: Path, greed: str) -> None:
    script = tmp_path / "greedy.py"
    script.write_text(greed)
    with open(script, "rb") as ask:
        ended = sandbox.run(str(script), ask, sandbox.Bounds(200 * 2**20, 5, 10, 1))
    ended.output.close()
    assert ended.code == 1 and b"MemoryError" in ended.words


def test_a_child_that_wants_too_much_time_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "slow.py"
    script.write_text("while True: pass")
    with open(script, "rb") as ask:
        ended = sandbox.run(str(script), ask, sandbox.Bounds(200 * 2**20, 1, 10, 1))
    ended.output.close()
    assert ended.code is not None and ended.code < 0


def test_a_child_is_told_nothing_of_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "geheim")
    script = tmp_path / "curious.py"
    script.write_text("import os, sys; sys.stdout.write(repr(dict(os.environ)) + os.getcwd())")
    with open(script, "rb") as ask:
        ended = sandbox.run(str(script), ask, sandbox.Bounds(200 * 2**20, 2, 10, 2**20))
    with ended.output as output:
        said = output.read()
    assert b"geheim" not in said and said.endswith(b"/")


def test_the_child_needs_nothing_of_the_house() -> None:
    code = f"import runpy, sys; runpy.run_path({child.__file__!r}); print(any(n.startswith(('django', 'census')) for n in sys.modules))"  # fmt: skip
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"
