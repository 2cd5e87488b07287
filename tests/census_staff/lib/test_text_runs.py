"""Text is split so that every character is drawn by a font that has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census_staff.lib import text_runs
from census_staff.lib.text_runs import MissingGlyph, Run, missing, split
from tests.census_staff.lib.vendored import vendored_fonts_only

__all__ = ["vendored_fonts_only"]


def test_common_text_is_one_run_of_the_main_font() -> None:
    assert split("李道芳 2027·阿卜杜拉") == [Run(0, "李道芳 2027·阿卜杜拉")]


def test_a_rare_character_goes_to_the_second_font() -> None:
    assert split("𠮷学文") == [Run(1, "𠮷"), Run(0, "学文")]


@pytest.mark.parametrize("name", ["流波䃥镇", "䶮", "𫖯", "𠮷", "㛃", "𬭎"])
@pytest.mark.parametrize("bold", [False, True])
def test_names_of_real_people_and_places_can_be_printed(name: str, bold: bool) -> None:
    assert missing(name, bold=bold) == ()


def test_a_character_no_font_has_is_named() -> None:
    with pytest.raises(MissingGlyph) as refusal:
        split("王\U00021243")
    assert refusal.value.code == "missing_glyph"
    assert refusal.value.characters == ("\U00021243",)
    assert refusal.value.details == {"characters": ["U+21243"]}


def test_variation_selectors_are_dropped() -> None:
    assert split("葛\U000e0101\ufe00") == [Run(0, "葛")]


@pytest.mark.parametrize("bad", ["\x00", "\u202e", "\n", "\ud800", "\u2028"])
def test_characters_that_are_no_letters_are_missing(bad: str) -> None:
    assert missing(bad) == (bad,)


@given(st.text(alphabet=st.sampled_from("李𠮷䃥䶮𫖯a1·\ufe00"), max_size=30))
def test_runs_together_are_the_text_without_selectors(text: str) -> None:
    assert "".join(run.text for run in split(text)) == text.replace("\ufe00", "")


@given(st.text(max_size=20))
def test_either_every_character_is_drawn_or_the_lost_ones_are_named(text: str) -> None:
    try:
        split(text)
    except MissingGlyph as refusal:
        assert set(refusal.characters) == set(text_runs.missing(text))
    else:
        assert missing(text) == ()


def test_the_wide_blank_of_chinese_text_is_drawn() -> None:
    assert split("　金寨县") == [Run(0, "　金寨县")]
