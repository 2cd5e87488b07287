"""A card's number: sixteen digits that catch typing errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census_staff.lib.errors import Refused
from credentials.numbers import (
    NumberParts,
    check_digit,
    grouped,
    is_number,
    make,
    parse,
)

digits = st.text("0123456789", min_size=6, max_size=6)
parts = st.builds(
    NumberParts,
    census=st.text("0123456789", min_size=2, max_size=2),
    county=digits,
    role=st.sampled_from("12"),
    sequence=st.integers(1, 999_999),
)


def numbered(of: NumberParts) -> str:
    return make(census=of.census, county=of.county, role=of.role, sequence=of.sequence)


def test_the_standards_own_example_gets_its_check_digit() -> None:
    assert check_digit("0794") == "5"


def test_a_number_is_sixteen_digits_in_groups_of_four() -> None:
    number = make(census="20", county="341524", role="2", sequence=1894)
    assert number.startswith("203415242001894")
    assert grouped(number) == f"2034 1524 2001 894{number[-1]}"


@given(parts)
def test_a_number_gives_back_its_parts(of: NumberParts) -> None:
    assert parse(grouped(numbered(of))) == of


@given(parts, st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(of: NumberParts, place: int, shift: int) -> None:
    number = numbered(of)
    wrong = str((int(number[place]) + shift) % 10)
    assert not is_number(number[:place] + wrong + number[place + 1 :])


@given(st.text(max_size=24))
def test_any_text_gets_an_answer(text: str) -> None:
    assert is_number(text) in (True, False)


def test_a_number_may_be_typed_with_full_width_digits_and_dashes() -> None:
    number = make(census="20", county="341524", role="1", sequence=7)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in number)
    assert is_number(f" {wide[:4]}－{wide[4:8]}　{wide[8:]} ".replace("－", "-"))
    assert parse(wide).sequence == 7


def test_a_wrong_number_is_refused_with_a_code() -> None:
    with pytest.raises(Refused) as refusal:
        parse("2034 1524 2001 8940 1")
    assert refusal.value.code == "bad_number"


def test_the_millionth_number_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        make(census="20", county="341524", role="1", sequence=1_000_000)
    assert refusal.value.code == "sequence_exhausted"


@pytest.mark.parametrize("county", ["34152", "34152a", "３４１５２４"])
def test_a_part_that_is_not_plain_digits_is_a_fault_of_the_caller(county: str) -> None:
    with pytest.raises(ValueError, match="county"):
        make(census="20", county=county, role="1", sequence=1)
