"""The number of a card: census 2, issuing county 6, role 1, sequence 6, check digit 1."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused

LENGTH = 16
LAST_SEQUENCE = 999_999
# What people type or a camera reads between the groups.
SEPARATORS = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\u2014\u00a0\u3000\t")


@dataclass(frozen=True, slots=True)
class NumberParts:
    """What a number says without asking anyone."""

    census: str
    county: str
    role: str
    sequence: int


def make(*, census: str, county: str, role: str, sequence: int) -> str:
    """Return the number of these parts with its check digit."""
    if sequence > LAST_SEQUENCE:
        raise Refused(
            "sequence_exhausted",
            _("All numbers of this county and role are used. Ask the system administrator."),
        )
    if sequence < 1:
        raise ValueError("a sequence begins at 1")
    for name, part, length in (("census", census, 2), ("county", county, 6), ("role", role, 1)):
        if not (part.isascii() and part.isdigit() and len(part) == length):
            raise ValueError(f"{name} must be {length} digits")
    body = f"{census}{county}{role}{sequence:06d}"
    return body + check_digit(body)


def check_digit(body: str) -> str:
    """Return the ISO 7064 MOD 11,10 digit that completes these digits."""
    product = 10
    for digit in body:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def is_number(text: str) -> bool:
    """Say whether the text, as typed, is a well-formed number with the right check digit."""
    digits = tidy(text)
    return (
        len(digits) == LENGTH
        and digits.isascii()
        and digits.isdigit()
        and digits[9:15] != "000000"
        and check_digit(digits[:-1]) == digits[-1]
    )


def tidy(text: str) -> str:
    """Return what was typed without blanks and dashes and with plain digits."""
    return unicodedata.normalize("NFKC", text.strip()).translate(SEPARATORS)


def parse(text: str) -> NumberParts:
    """Return the parts of a number as typed; refuse one that cannot be a number."""
    if not is_number(text):
        raise Refused(
            "bad_number",
            _("This is no card number. Type the 16 digits printed on the card."),
            field="number",
        )
    digits = tidy(text)
    return NumberParts(digits[:2], digits[2:8], digits[8], int(digits[9:15]))


def grouped(number: str) -> str:
    """Return the number as it is printed: groups of four."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
