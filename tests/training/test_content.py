"""The courses that ship with the product are whole, readable and true to their own numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pypdfium2
import pytest

from training.content.make_film import cue_lengths
from training.content_files import CONTENT, Block, Unit, read_course, read_courses

COURSES = read_courses()
UNITS = [unit for course in COURSES for unit in course.units]
(FILM,) = [unit for unit in UNITS if unit.kind == "film"]


def film_seconds(film: Path) -> float:
    """Return what the film's own movie header says about its length."""
    content = film.read_bytes()
    start = content.index(b"mvhd") + 16
    scale, length = (int.from_bytes(content[at : at + 4], "big") for at in (start, start + 4))
    return length / scale


def test_two_courses_ship() -> None:
    assert [course.title for course in COURSES] == ["法规与保密", "普查表填报与软件操作"]
    assert all(
        5 <= len(course.units) <= 8 and course.roles == ("supervisor", "enumerator")
        for course in COURSES
    )


def test_every_kind_of_unit_is_there() -> None:
    assert {unit.kind for unit in UNITS} == {"page", "pdf", "film"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.slug)
def test_every_unit_ends_with_a_question_that_can_be_answered(unit: Unit) -> None:
    assert len(unit.check.options) == len(set(unit.check.options)) == 4
    assert unit.check.stem and unit.check.explanation.endswith("。")


def test_the_right_option_is_not_always_in_the_same_place() -> None:
    assert {unit.check.answer for unit in UNITS} == {0, 1, 2, 3}


def test_nothing_in_a_page_is_markup() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in CONTENT.glob("*/*.json"))
    assert not re.search(r"<\w|&\w+;|javascript:|https?:", text)


def test_a_block_comes_back_as_the_file_states_it() -> None:
    stated = json.loads((CONTENT / "laws" / "course.json").read_text(encoding="utf-8"))
    blocks = [block for unit in stated["units"] for block in unit.get("blocks", [])]
    assert [
        block.as_json() for unit in read_course(CONTENT / "laws").units for block in unit.blocks
    ] == blocks


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if unit.kind == "pdf"], ids=lambda unit: unit.slug
)
def test_a_pdf_has_the_pages_the_course_states_and_its_text_can_be_read(unit: Unit) -> None:
    document = pypdfium2.PdfDocument(unit.path)
    assert len(document) == unit.pages
    assert all(len(page.get_textpage().get_text_range()) > 200 for page in document)


def test_the_film_is_small_short_and_as_long_as_its_captions() -> None:
    assert FILM.path is not None and FILM.path.stat().st_size <= 3_000_000
    assert 60 <= FILM.seconds <= 120
    assert film_seconds(FILM.path) == pytest.approx(FILM.seconds, abs=0.2)
    assert all(
        sum(cue_lengths(track.path)) == pytest.approx(FILM.seconds) for track in FILM.captions
    )


def test_the_film_starts_before_it_has_arrived_whole() -> None:
    assert FILM.path is not None
    content = FILM.path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_film_speaks_chinese_and_english_cue_by_cue() -> None:
    assert [track.language for track in FILM.captions] == ["zh-Hans", "en"]
    zh, en = (
        re.findall(r"^.*-->.*$", track.path.read_text(encoding="utf-8"), re.MULTILINE)
        for track in FILM.captions
    )
    assert zh == en


def test_a_unit_without_its_file_is_named(tmp_path: Path) -> None:
    stated = json.loads((CONTENT / "laws" / "course.json").read_text(encoding="utf-8"))
    (tmp_path / "course.json").write_text(json.dumps(stated), encoding="utf-8")
    with pytest.raises(ValueError, match=r"handbook: handbook\.pdf is missing"):
        read_course(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "html", "text": "<b>"},
        {"kind": "paragraph"},
        {"kind": "list"},
        {"kind": "table", "head": ["一", "二"], "rows": [["只有一格"]]},
        {"kind": "note", "text": "颜色不对", "tone": "pink"},
    ],
)
def test_an_unreadable_block_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    stated = json.loads((CONTENT / "laws" / "course.json").read_text(encoding="utf-8"))
    stated["units"] = [stated["units"][0] | {"blocks": [wrong]}]
    (tmp_path / "course.json").write_text(json.dumps(stated), encoding="utf-8")
    with pytest.raises(ValueError, match="unreadable block"):
        read_course(tmp_path)


def test_blocks_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Block("note", "一").text = "二"  # type: ignore[misc]
