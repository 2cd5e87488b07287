from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census_staff.lib import idcard
from census_staff.lib.errors import Refused

PEOPLE = ("341502190001010016", "341502190001010024", "341524190002280032")
SYNTHETIC = st.builds(
    lambda county, day, order: idcard.make_checked(f"{county}{day:%Y%m%d}{order:03d}"),
    st.sampled_from(["341502", "342401", "110101", "654301", "810000", "830000"]),
    st.dates(date(1900, 1, 1), date(1900, 12, 31)),
    st.integers(0, 999),
)


def refusal(raw: str, **more: object) -> str:
    with pytest.raises(Refused) as caught:
        idcard.parse(raw, **more)  # type: ignore[arg-type]
    return caught.value.code


@pytest.mark.parametrize("number", PEOPLE)
def test_known_numbers_are_sound(number: str) -> None:
    assert idcard.parse(number).number == number


def test_sex_birth_and_county_come_from_the_number() -> None:
    found = idcard.parse("341502190001010024")
    assert (found.sex, found.birth_on, found.county) == ("female", date(1900, 1, 1), "341502")


@given(SYNTHETIC)
def test_full_width_spaced_and_small_x_are_the_same_number(number: str) -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) for one in number.lower())
    assert idcard.parse(f"\u3000{wide[:6]} {wide[6:14]}\u200b{wide[14:]}\ufeff").number == number


@given(SYNTHETIC, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number: str, at: int, by: int) -> None:
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert not idcard.is_sound(wrong)


@given(SYNTHETIC, st.integers(0, 15))
def test_two_exchanged_digits_are_always_found(number: str, at: int) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert swapped == number or not idcard.is_sound(swapped)


@given(st.text(max_size=30))
def test_anything_else_is_refused_and_nothing_else_happens(raw: str) -> None:
    try:
        assert idcard.parse(raw).number == idcard.normalise(raw)
    except Refused as refused:
        assert refused.code.startswith("id_")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "id_empty"),
        ("34150219000101001", "id_length"),
        ("34150219000101001A", "id_characters"),
        ("٣٤١٥٠٢١٩٠٠٠١٠١٠٠١٦", "id_characters"),
        ("341502190001010017", "id_checksum"),
        (idcard.make_checked("34150219000230001"), "id_birth_date"),
        (idcard.make_checked("34150218990101001"), "id_birth_date"),
        (idcard.make_checked("99150219000101001"), "id_province"),
    ],
)
def test_each_fault_has_its_own_code(raw: str, code: str) -> None:
    assert refusal(raw) == code


def test_nobody_is_born_tomorrow() -> None:
    assert refusal(PEOPLE[0], today=date(1899, 12, 31)) == "id_birth_date"


def test_an_unknown_county_only_warns() -> None:
    assert idcard.parse(PEOPLE[0], counties={"110101"}).warnings == ("id_county_unknown",)
    assert idcard.parse(PEOPLE[0], counties={"341502"}).warnings == ()


def test_permanent_residents_from_abroad_open_with_nine() -> None:
    number = idcard.make_checked("91134119000101001")
    assert refusal(number) == "id_province"
    assert idcard.parse(number, foreign=True).number == number


def test_a_masked_number_shows_four_characters_at_each_end() -> None:
    assert idcard.mask(PEOPLE[0]) == "3415**********0016"
    assert idcard.mask("12345") == "*****"
