import io
import struct
import tempfile
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from census_staff.lib import photos
from census_staff.lib.errors import Refused
from census_staff.lib.photos import child


def picture(
    size: tuple[int, int] = (600, 800), kind: str = "JPEG", mode: str = "RGB", **more: object
) -> bytes:
    out = io.BytesIO()
    image = Image.effect_noise(size, 90).convert(mode)
    image.save(out, kind, **more)  # type: ignore[arg-type]
    return out.getvalue()


def refusal(data: bytes) -> str:
    """Return why the child refuses the picture, asked here where it is asked hundreds of times."""
    with pytest.raises(child.Stop) as caught:
        child.portrait(data)
    return caught.value.code


@pytest.mark.parametrize(
    ("size", "kind", "mode"),
    [
        ((3000, 4000), "JPEG", "RGB"),
        ((4000, 3000), "JPEG", "L"),
        ((500, 700), "JPEG", "CMYK"),
        ((295, 413), "PNG", "RGBA"),
        ((600, 600), "PNG", "P"),
        ((400, 900), "PNG", "1"),
        ((400, 900), "PNG", "LA"),
    ],
)
def test_any_portrait_becomes_a_small_upright_jpeg(
    size: tuple[int, int], kind: str, mode: str
) -> None:
    made = photos.normalise(picture(size, kind, mode))
    with Image.open(io.BytesIO(made)) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", photos.SIZE, "RGB")
    assert len(made) <= photos.MOST_BYTES


def segments(jpeg: bytes) -> set[int]:
    found, at = set(), 2
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def test_no_place_comment_or_profile_survives() -> None:
    exif = Image.Exif()
    exif[0x010F] = "GEHEIM"
    exif.get_ifd(0x8825)[1] = "N"
    data = picture(exif=exif, comment=b"GEHEIM", icc_profile=b"GEHEIM" * 30)
    made = photos.normalise(data)
    assert b"GEHEIM" in data and b"GEHEIM" not in made
    # APP0 (JFIF), tables, frame: nothing else is left.
    assert segments(made) <= {0xE0, 0xDB, 0xC0, 0xC4}


def test_no_text_of_a_png_survives() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "GEHEIM", zip=False)
    assert b"GEHEIM" not in photos.normalise(picture(kind="PNG", pnginfo=text))


def test_a_photo_lying_on_its_side_is_put_upright() -> None:
    side = Image.new("RGB", (800, 600), "white")
    side.paste("black", (0, 0, 400, 600))  # left half black: becomes the upper half
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    side.save(out, "JPEG", exif=exif)
    with Image.open(io.BytesIO(photos.normalise(out.getvalue()))) as made:
        assert made.getpixel((147, 20)) < (40, 40, 40)  # type: ignore[operator]
        assert made.getpixel((147, 390)) > (215, 215, 215)  # type: ignore[operator]


def png_saying(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")  # fmt: skip


@pytest.mark.parametrize("side", [5_001, 20_000, 60_000])
def test_a_flood_of_pixels_is_refused_before_it_is_drawn(side: int) -> None:
    assert refusal(png_saying(side, side)) == "photo_too_large_pixels"


def test_a_small_photo_is_refused_with_its_reason() -> None:
    assert refusal(picture((239, 400))) == "photo_too_small"
    assert refusal(picture((2000, 300))) == "photo_too_small"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_other_kinds_are_refused(kind: str) -> None:
    assert refusal(picture(kind=kind)) == "photo_unreadable"


@given(st.integers(0, 4000))
def test_a_cut_photo_is_refused_or_drawn_but_never_more(cut: int) -> None:
    data = picture((300, 420))[:cut]
    assert refusal(data) == "photo_unreadable"


@given(st.binary(max_size=300))
def test_noise_is_refused(data: bytes) -> None:
    assert refusal(data) == "photo_unreadable"


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(name, data)
    return out.getvalue()


def read_zip(data: bytes, limits: photos.ZipLimits | None = None) -> list[photos.ZipEntry]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return photos.list_zip(file.name, limits)


def zip_refusal(data: bytes, limits: photos.ZipLimits | None = None) -> str:
    with pytest.raises(Refused) as caught:
        read_zip(data, limits)
    return caught.value.code


def test_a_zip_yields_its_photos_without_folders_and_litter() -> None:
    found = read_zip(packed({
        "照片/341502190001010016.JPG": b"a", "__MACOSX/._341502190001010016.JPG": b"x",
        "Thumbs.db": b"x", "说明.txt": b"b",
    }))  # fmt: skip
    assert [(one.number, one.name, one.stem) for one in found] == [
        (1, "341502190001010016.JPG", "341502190001010016"),
        (2, "说明.txt", "说明"),
    ]
    assert found[1].refused is not None and found[1].refused.code == "photo_wrong_kind"


def test_names_packed_on_chinese_windows_are_read() -> None:
    entry = zipfile.ZipInfo("王.jpg".encode("gb18030").decode("cp437"))
    entry.flag_bits = 0
    raw = packed({"AB.jpg": b"x"}).replace(b"AB.jpg", "王.jpg".encode("gb18030"))
    assert [one.name for one in read_zip(raw)] == ["王.jpg"]


@pytest.mark.parametrize(
    "name", ["../a.jpg", "/etc/a.jpg", "x/../../a.jpg", "C:/a.jpg", "..\\a.jpg"]
)
def test_paths_that_lead_out_are_refused(name: str) -> None:
    assert zip_refusal(packed({name: b"a"})) == "photo_zip_unsafe"


def test_links_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        entry = zipfile.ZipInfo("a.jpg")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        package.writestr(entry, "/etc/passwd")
    assert zip_refusal(out.getvalue()) == "photo_zip_unsafe"


def test_too_many_or_too_large_files_are_refused() -> None:
    many = packed({f"{at}.jpg": b"a" for at in range(6)})
    assert zip_refusal(many, photos.ZipLimits(entries=5)) == "photo_zip_too_large"
    assert zip_refusal(many, photos.ZipLimits(total=5)) == "photo_zip_too_large"


def test_a_single_large_file_leaves_the_others_readable() -> None:
    data = packed({"a.jpg": b"a" * 100, "b.jpg": b"b"})
    large, small = read_zip(data, photos.ZipLimits(each=10))
    assert large.refused is not None and large.refused.code == "photo_too_large"
    assert small.refused is None


@settings(max_examples=10, deadline=None)
@given(st.binary(max_size=200))
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    assert zip_refusal(data) == "photo_zip_damaged"
