import pytest
from hypothesis import given
from hypothesis import strategies as st

from census_staff.lib import phones
from census_staff.lib.errors import Refused

MOBILE = st.from_regex(r"\A1[3-9][0-9]{9}\Z")


@given(MOBILE)
def test_a_mobile_number_is_known_however_it_is_written(number: str) -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) for one in number)
    for written in (
        number, f"+86 {number}", f"86{number}", f"0086-{number}", wide,
        f"{number[:3]} {number[3:7]} {number[7:]}", f"{number[:3]}-{number[3:7]}-{number[7:]}",
        f"\u202d{number}\u202c",
    ):  # fmt: skip
        assert phones.parse(written) == number


@pytest.mark.parametrize("raw", ["12012345678", "1381234567", "138123456789", "1381234567O", "٠١"])
def test_what_is_no_mobile_number_is_refused(raw: str) -> None:
    with pytest.raises(Refused) as caught:
        phones.parse(raw)
    assert caught.value.code == "phone_invalid"


def test_a_landline_will_do_for_a_second_telephone() -> None:
    assert phones.parse_any("0564-3631234") == "05643631234"
    with pytest.raises(Refused):
        phones.parse_any("3631234")


def test_a_masked_number_hides_its_middle() -> None:
    assert phones.mask("13812342217") == "138****2217"
