"""Sheets of cards: embedded fonts, legible codes, sides that meet, nothing printed wrongly."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from credentials import card_pdf
from credentials.card_faces import CardSize, blocked
from credentials.card_pdf import GRID, cards_pdf, places, unreadable
from tests.census_staff.lib.vendored import vendored_fonts_only
from tests.credentials.faces import NOW, face

__all__ = ["vendored_fonts_only"]

SIZES = list(CardSize)
MILLIMETRE = 72 / 25.4


def sheets(*faces, size: CardSize = CardSize.BADGE) -> bytes:
    return cards_pdf(faces, size=size, title="金寨县 第 1 批", made_at=NOW)


def text_of(pdf: bytes, page: int) -> str:
    return pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_bounded()


@pytest.mark.parametrize("size", SIZES)
def test_every_card_has_a_front_and_a_back(size: CardSize) -> None:
    columns, rows = GRID[size]
    pdf = sheets(*(face(order) for order in range(1, columns * rows + 2)), size=size)
    assert len(pypdfium2.PdfDocument(pdf)) == 4


@pytest.mark.parametrize("size", SIZES)
def test_rare_characters_can_be_copied_out_of_the_pdf(size: CardSize) -> None:
    people = [face(1, full_name="𠮷学文"), face(2, full_name="欧阳䶮"), face(3, full_name="王𫖯")]
    text = text_of(sheets(*people, size=size), 0)
    for name in ("𠮷学文", "欧阳䶮", "王𫖯", "流波䃥镇"):
        assert name in text


@pytest.mark.parametrize("size", SIZES)
def test_the_front_says_what_a_card_must_say(size: CardSize) -> None:
    one = face(1894, edition=2)
    text = text_of(sheets(one, size=size), 0)
    for said in ("第四次全国农业普查", "普查员证", "𠮷学文", "第 2 版", "2027.01.01 – 2027.05.31"):
        assert said in text
    assert f"{one.number[:4]} {one.number[4:8]} {one.number[8:12]} {one.number[12:]}" in text


@pytest.mark.parametrize("size", SIZES)
def test_the_back_says_how_to_check_and_what_is_never_asked(size: CardSize) -> None:
    text = text_of(sheets(face(), size=size), 1)
    for said in (
        "pc.example.gov.cn",
        "输入证件编号和姓名查询",
        "0564-000 0000",
        "不收取任何费用",
        "不索要短信验证码和密码",
        "不问银行卡号",
    ):
        assert said in text


@pytest.mark.parametrize("size", SIZES)
def test_only_subsets_of_our_fonts_are_used_and_all_are_embedded(size: CardSize) -> None:
    with pikepdf.open(io.BytesIO(sheets(face(), size=size))) as pdf:
        fonts = pdf.pages[0].Resources.Font
        names = [str(font.BaseFont) for font in fonts.values()]
        files = [font.DescendantFonts[0].FontDescriptor.FontFile2 for font in fonts.values()]
    assert len(names) == len(files) == 3
    assert all(name[7] == "+" and "Noto" in name for name in names)


@pytest.mark.parametrize("size", SIZES)
def test_every_code_is_read_back_by_the_reader_of_our_own(size: CardSize) -> None:
    faces = [face(order) for order in range(1, 12)]
    pdf = sheets(*faces, size=size)
    assert unreadable(pdf, faces) == []


@pytest.mark.parametrize("size", SIZES)
def test_every_code_is_read_back_by_an_independent_reader(size: CardSize) -> None:
    zbar = pytest.importorskip("tests.zbar", exc_type=ImportError)
    faces = [face(order) for order in range(1, 6)]
    document = pypdfium2.PdfDocument(sheets(*faces, size=size))
    seen = set()
    for number in range(1, len(document), 2):
        seen |= zbar.on_page(document[number])
    assert seen == {one.address for one in faces}


def test_a_code_that_is_not_on_the_sheets_is_reported_by_its_number() -> None:
    printed, other = face(1), face(2)
    assert unreadable(sheets(printed), [printed, other]) == [other.number]


@pytest.mark.parametrize("size", SIZES)
def test_backs_lie_behind_their_fronts_when_turned_over_the_long_edge(size: CardSize) -> None:
    width = size.value[0]
    for front, back in zip(places(size, is_back=False), places(size, is_back=True), strict=True):
        assert back[1] == pytest.approx(front[1])
        assert back[0] == pytest.approx(210 - front[0] - width)


@pytest.mark.parametrize("size", SIZES)
def test_the_code_is_at_least_25_millimetres_wide_with_its_quiet_zone_clear(size: CardSize) -> None:
    one = face()
    page = pypdfium2.PdfDocument(sheets(one, size=size))[1]
    # Ten pixels a millimetre.
    image = page.render(scale=10 / MILLIMETRE, grayscale=True).to_pil()
    [found] = zxingcpp.read_barcodes(image)
    corners = found.position
    left, right = corners.top_left.x, corners.top_right.x
    top, bottom = corners.top_left.y, corners.bottom_left.y
    assert right - left >= 249
    module = (right - left) / 33
    quiet = 4 * module - 3
    frame = image.crop((left - quiet, top - quiet, right + quiet, bottom + quiet))
    frame.paste(
        255,
        (
            int(quiet) - 2,
            int(quiet) - 2,
            frame.width - int(quiet) + 2,
            frame.height - int(quiet) + 2,
        ),
    )
    assert frame.getextrema()[0] > 250


@pytest.mark.parametrize("size", SIZES)
def test_a_strict_reader_has_no_complaint(size: CardSize) -> None:
    with pikepdf.open(io.BytesIO(sheets(face(), size=size))) as pdf:
        assert pdf.check_pdf_syntax() == []


def test_photos_are_passed_through_as_they_are() -> None:
    one = face()
    assert one.photo in sheets(one)


def test_the_same_faces_give_the_same_file() -> None:
    one = face()
    assert sheets(one) == sheets(one)


def test_a_missing_glyph_blocks_that_one_card_and_names_it() -> None:
    assert blocked(face()) is None
    refusal = blocked(face(full_name="王\U00021243"))
    assert refusal is not None
    assert refusal.code == "missing_glyph"
    assert "U+21243" in str(refusal)


@pytest.mark.parametrize(
    ("photo", "code"),
    [
        (b"", "photo_missing"),
        (b"GIF89a", "photo_unreadable"),
        (b"\xff\xd8\xff", "photo_unreadable"),
    ],
)
def test_a_card_without_a_photo_that_can_be_printed_is_blocked(photo: bytes, code: str) -> None:
    refusal = blocked(face(photo=photo))
    assert refusal is not None
    assert refusal.code == code


def test_a_very_long_name_is_printed_whole() -> None:
    name = "阿卜杜热依木·阿卜杜拉·买买提江·" * 3 + "努尔艾力"
    for size in SIZES:
        text = text_of(sheets(face(full_name=name[:50]), size=size), 0)
        assert name[:50] in "".join(text.split())


def test_a_seal_replaces_the_place_for_it() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (181, 39, 31, 120)).save(out, "PNG")
    sealed, bare = sheets(face(seal=out.getvalue())), sheets(face())
    assert "盖章处" in text_of(bare, 0)
    assert "盖章处" not in text_of(sealed, 0)


def test_the_digest_of_a_face_changes_with_everything_printed() -> None:
    one = face()
    assert one.digest() == face(token=one.token).digest()
    for change in ({"edition": 2}, {"photo": b"x"}, {"area": "霍山县"}, {"full_name": "李"}):
        assert face(token=one.token, **change).digest() != one.digest()


def test_memory_stays_flat_because_pages_leave_as_they_are_drawn(tmp_path: Path) -> None:
    path = tmp_path / "cards.pdf"
    sizes = []

    def watched():
        for order in range(1, 41):
            sizes.append(path.stat().st_size)
            yield face(order)

    with path.open("wb", buffering=0) as out:
        count = card_pdf.write_cards(
            out, watched(), size=CardSize.ID1, title="第 1 批", made_at=NOW
        )
    assert count == 40
    # Most of the file is already there when the last sheet is asked for.
    assert sizes[-1] > path.stat().st_size * 0.7
