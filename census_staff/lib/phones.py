"""Mobile numbers of mainland China: read, check, mask."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused

MOBILE = re.compile(r"1[3-9][0-9]{9}")
LANDLINE = re.compile(r"0[0-9]{2,3}[1-9][0-9]{6,7}([0-9]{1,6})?")

_FILLERS = re.compile(
    r"[\s\-\u2010-\u2015\u2212()\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff.·]+"
)
_COUNTRY = re.compile(r"^(?:\+|00)?86(?=1[3-9][0-9]{9}$)")


def normalise(raw: str) -> str:
    """Return the digits alone, half width, without spaces, hyphens or +86."""
    if MOBILE.fullmatch(raw):
        return raw  # as nearly all are written
    text = _FILLERS.sub("", unicodedata.normalize("NFKC", raw)).lstrip("'\u2018\u2019`")
    return _COUNTRY.sub("", text)


def parse(raw: str) -> str:
    """Return the mobile number in its stored form, or refuse it."""
    number = normalise(raw)
    if not number:
        raise Refused("phone_empty", _("The mobile number is missing. Please fill it in."))
    if not MOBILE.fullmatch(number):
        raise Refused(
            "phone_invalid",
            _("A mobile number has 11 digits and begins with 13 to 19. Please correct it."),
        )
    return number


def parse_any(raw: str) -> str:
    """Return a mobile or landline number in its stored form, or refuse it."""
    number = normalise(raw)
    if not (MOBILE.fullmatch(number) or LANDLINE.fullmatch(number)):
        raise Refused(
            "backup_phone_invalid",
            _(
                "The second telephone is neither a mobile number nor a landline with its area "
                "code. Please correct it or leave it empty."
            ),
        )
    return number


def mask(number: str) -> str:
    """Return the number with its middle hidden, as in 138****2217."""
    if len(number) < 8:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]
