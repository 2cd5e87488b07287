"""Chinese ID numbers of 18 digits (GB 11643): read, check, mask, and make for tests."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import Literal

from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused

Sex = Literal["male", "female"]

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"

MAINLAND = frozenset(
    str(code)
    for region in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65))
    for code in range(region[0], region[1] + 1)
)
# Residence permits of people from Hong Kong, Macao and Taiwan open with 81, 82 and 83;
# 71 is Taiwan's code in GB/T 2260; permanent residents from abroad open with 9.
BEYOND = frozenset({"71", "81", "82", "83"})
PROVINCES = MAINLAND | BEYOND

_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]+")
_DIGITS = re.compile(r"[0-9]{17}[0-9X]")


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A sound ID number and what it says by itself."""

    number: str
    birth_on: date
    sex: Sex
    county: str
    warnings: tuple[str, ...] = ()


def normalise(raw: str) -> str:
    """Return the number as it is stored: half width, no spaces, a capital X."""
    if _DIGITS.fullmatch(raw):
        return raw  # as nearly all are written
    text = unicodedata.normalize("NFKC", raw)
    return _INVISIBLE.sub("", text).lstrip("'\u2018\u2019`").upper()


def check_character(prefix17: str) -> str:
    """Return the eighteenth character that belongs to seventeen digits."""
    return CHECK[sum(map(mul, WEIGHTS, map(int, prefix17))) % 11]


def make_checked(prefix17: str) -> str:
    """Return seventeen digits with their check character: for synthetic people only."""
    if not re.fullmatch(r"[0-9]{17}", prefix17):
        raise ValueError("Seventeen digits are needed.")
    return prefix17 + check_character(prefix17)


def parse(
    raw: str,
    *,
    today: date | None = None,
    counties: Collection[str] | None = None,
    foreign: bool = False,
) -> IdNumber:
    """Return what the number says, or refuse it with the one thing that is wrong.

    `counties` only adds the warning "id_county_unknown": county codes change with the years,
    and an ID number keeps the one of the day it was given.
    """
    number = normalise(raw)
    if not number:
        raise Refused("id_empty", _("The ID number is missing. Please fill it in."))
    if len(number) != 18:
        raise Refused(
            "id_length",
            _("An ID number has 18 characters. Please compare it with the document."),
            details={"length": len(number)},
        )
    if not _DIGITS.fullmatch(number):
        raise Refused(
            "id_characters",
            _("An ID number holds digits only, and perhaps an X at the end. Please correct it."),
        )
    _require_province(number, foreign)
    birth_on = _birth(number, today)
    if check_character(number[:17]) != number[17]:
        raise Refused(
            "id_checksum",
            _(
                "The ID number does not fit its last digit: one digit is wrong or two are "
                "exchanged. Please compare it with the document."
            ),
        )
    unknown = counties is not None and number[:6] not in counties
    return IdNumber(
        number=number,
        birth_on=birth_on,
        sex=sex_of(number),
        county=number[:6],
        warnings=("id_county_unknown",) if unknown else (),
    )


def sex_of(number: str) -> Sex:
    """Return the sex that a sound number says."""
    return "male" if int(number[16]) % 2 else "female"


def birth_of(number: str) -> date:
    """Return the date of birth that a sound number says."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def is_sound(raw: str) -> bool:
    """Return whether the number would be accepted."""
    try:
        parse(raw)
    except Refused:
        return False
    return True


def mask(number: str) -> str:
    """Return the number with everything hidden but its first and last four characters."""
    if len(number) < 12:
        return "*" * len(number)
    return number[:4] + "*" * (len(number) - 8) + number[-4:]


def _require_province(number: str, foreign: bool) -> None:
    known = number[0] == "9" if foreign else number[:2] in PROVINCES
    if not known:
        raise Refused(
            "id_province",
            _("No province has the first two digits of this ID number. Please correct it."),
        )


def _birth(number: str, today: date | None) -> date:
    try:
        born = birth_of(number)
    except ValueError:
        born = None
    if born is None or born.year < 1900 or (today is not None and born > today):
        raise Refused(
            "id_birth_date",
            _("Digits 7 to 14 of the ID number are no real date of birth. Please correct it."),
        )
    return born
