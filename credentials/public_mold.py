"""The page of a scan from a mold: the template is drawn once for each kind of answer, with stand-ins
in the places of what differs from card to card, and then only filled."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from django.utils.html import escape
from django.utils.translation import get_language

from census_staff.lib import wording

from .states import Showing
from .verification import Verdict

Draw = Callable[[Verdict, str, str], str]
Mold = tuple[tuple[str, ...], tuple[str, ...]]

# Signs of Unicode's private area stand in no template and no name that can be printed. Moments and
# numbers stand in as themselves, because the template writes them in words: of years long gone.
STAND_INS = {
    "number": "7170717071707170",
    "issuer": "\ue001",
    "issuer_short": "\ue002",
    # The link to call leaves blanks and hyphens out.
    "phone": "\ue003-\ue003 \ue003",
    "hours": "\ue004",
    "valid_from": date(1802, 3, 4),
    "valid_until": date(1803, 4, 5),
    "edition": 71707,
    "full_name": "\ue005",
    "area": "\ue006",
    "census": "\ue007",
    "phase": "\ue008",
}
PLAIN = ("issuer", "issuer_short", "phone", "hours", "full_name", "area", "census", "phase")
NAMES = tuple(field.name for field in fields(Verdict))
PHOTO, NONCE = "\ue009", "\ue00a"
BEFORE, AFTER = (datetime(year, 2, 3, 4, 5, 6, tzinfo=UTC) for year in (1801, 1804))
KEPT_MOLDS = 512


class Shape(NamedTuple):
    """What decides which parts of the page there are."""

    language: str
    host: str
    showing: str
    role: str
    is_before_its_time: bool
    filled: tuple[str, ...]


def page(verdict: Verdict, photo: str, nonce: str, *, language: str, host: str, draw: Draw) -> str:
    """Return the page that `draw` makes of this verdict, photo (base64) and nonce."""
    filled = tuple(name for name in NAMES if getattr(verdict, name))
    shape = Shape(language, host, verdict.showing, verdict.role, verdict.is_before_its_time, filled)
    pieces, names = _mold(shape, draw)
    texts = _texts(verdict, photo, nonce)
    parts = [pieces[0]]
    for name, piece in zip(names, pieces[1:], strict=True):
        parts += (texts[name], piece)
    return "".join(parts)


@lru_cache(maxsize=KEPT_MOLDS)
def _mold(shape: Shape, draw: Draw) -> Mold:
    """Return the fixed pieces of a page of this shape, and what belongs between them."""
    stand_ins = {name: STAND_INS[name] for name in shape.filled if name in STAND_INS}
    at = BEFORE if shape.is_before_its_time else AFTER
    bare = Verdict(
        Showing(shape.showing), at, role=shape.role, photo=b"-" if "photo" in shape.filled else b""
    )
    verdict = replace(bare, **stand_ins)  # type: ignore[arg-type]
    photo = PHOTO if verdict.photo else ""
    drawn = draw(verdict, photo, NONCE)
    marks = {text: name for name, text in _texts(verdict, photo, NONCE).items() if text}
    longest_first = sorted(marks, key=len, reverse=True)
    found = re.split("(" + "|".join(map(re.escape, longest_first)) + ")", drawn)
    return tuple(found[0::2]), tuple(marks[mark] for mark in found[1::2])


def _texts(verdict: Verdict, photo: str, nonce: str) -> dict[str, str]:
    """Return what differs from card to card as the page writes it."""
    language = get_language() or ""
    texts = {"at": _moment(verdict.at.replace(microsecond=0), language), "nonce": nonce}
    if not verdict.is_known:
        return texts
    for name in PLAIN:
        texts[name] = escape(getattr(verdict, name))
    texts["number"] = escape(wording.in_fours(verdict.number))
    texts["call"] = escape(verdict.phone.replace(" ", "").replace("-", ""))
    for name, day in (("valid_from", verdict.valid_from), ("valid_until", verdict.valid_until)):
        texts[name] = _full_day(day, language) if day else ""
    return texts | {"edition": str(verdict.edition or ""), "photo": photo}


@lru_cache(maxsize=KEPT_MOLDS)
def _full_day(day: date, language: str) -> str:
    """Return the day in words; all cards of a census share a few."""
    return wording.full_day(day)


@lru_cache(maxsize=KEPT_MOLDS)
def _moment(at: datetime, language: str) -> str:
    """Return the moment in words; all scans of a second share it."""
    return wording.exact_moment(at)
