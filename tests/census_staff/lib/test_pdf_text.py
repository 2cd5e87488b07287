"""Chinese text is broken and fitted as a typesetter would."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from census_staff.lib.pdf import Document
from census_staff.lib.pdf_fonts import Weight
from census_staff.lib.pdf_text import NEVER_FIRST, NEVER_LAST, Style, fitted, wrapped


@pytest.fixture(scope="module")
def weight() -> Weight:
    made = datetime(2026, 12, 1, tzinfo=UTC)
    return Document(io.BytesIO(), title="", made_at=made).weight(bold=False)


@settings(deadline=None)
@given(text=st.text("普查员，。（）《》、a1 ", max_size=60))
def test_breaking_loses_nothing_but_blanks(weight: Weight, text: str) -> None:
    assert "".join("".join(wrapped(weight, text, 4, 30)).split()) == "".join(text.split())


@settings(deadline=None)
@given(text=st.text("普查员证件，。（", min_size=1, max_size=60))
def test_marks_stand_where_they_may(weight: Weight, text: str) -> None:
    # A run of marks longer than a line has nowhere better to go.
    lines = wrapped(weight, text, 4, 30)
    for before, after in pairwise(lines):
        assert before[-1] not in NEVER_LAST
        assert after[0] not in NEVER_FIRST


def test_words_and_numbers_stay_whole(weight: Weight) -> None:
    assert wrapped(weight, "网址pc.example.gov.cn是真的", 4, 36)[0] == "网址"


def test_a_long_office_name_is_broken_evenly(weight: Weight) -> None:
    name = "金寨县第四次全国农业普查领导小组办公室"
    _size, lines = fitted(weight, name, Style(3.9, leading=1.25), width=52, height=9.8)
    assert sorted(map(len, lines)) == [9, 10]


def test_a_name_is_broken_at_its_dots(weight: Weight) -> None:
    name = "阿卜杜热依木·阿卜杜拉·买买提江"
    _size, lines = fitted(weight, name, Style(6, leading=1.1), width=37, height=14)
    assert all(line.endswith("·") for line in lines[:-1])


@settings(deadline=None, max_examples=30)
@given(text=st.text("普查员·a", min_size=1, max_size=50))
def test_what_is_fitted_is_inside_the_box(weight: Weight, text: str) -> None:
    size, lines = fitted(weight, text, Style(9, leading=1.1), width=37, height=12.6)
    assert all(weight.width(line, size) <= 37.01 for line in lines)
    assert len(lines) * size * 1.1 <= 12.61
