"""How times, numbers and masked values are written, on screens, on paper and in notices."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def day(value: date | datetime, *, today: date | None = None) -> str:
    """Return a day as 12月21日, with its year when that is not this year's."""
    on = timezone.localdate(value) if isinstance(value, datetime) else value
    if on.year == (today or timezone.localdate()).year:
        return _month_day(on)
    return full_day(on)


def full_day(value: date | datetime) -> str:
    """Return a day with its year, as 2026年12月21日."""
    on = timezone.localdate(value) if isinstance(value, datetime) else value
    # Translators: a full date. English reads 21 Dec 2026.
    return pgettext("full date", "%(day)d %(month)s %(year)d") % _pieces(on)


def moment(value: datetime, *, today: date | None = None) -> str:
    """Return a server time as 12月21日 18:00."""
    local = timezone.localtime(value)
    return f"{day(local, today=today)} {local:%H:%M}"


def exact_moment(value: datetime) -> str:
    """Return a server time with year and seconds, for answers that somebody may have to prove."""
    local = timezone.localtime(value)
    return f"{full_day(local)} {local:%H:%M:%S}"


def deadline(value: datetime, *, today: date | None = None) -> str:
    """Return an end of time allowed; midnight is said as the day before, 12月20日24时."""
    local = timezone.localtime(value)
    if local.time() != time():
        return moment(local, today=today)
    # "21 December 00:00" is read as the end of the 21st by most people, and costs them their day.
    before = day(local.date() - timedelta(days=1), today=today)
    # Translators: the end of a day, Chinese 12月20日24时.
    return pgettext("end of day", "24:00 on %(day)s") % {"day": before}


def last_day(value: datetime, *, today: date | None = None) -> str:
    """Return the day that ends with this time; midnight belongs to the day before it."""
    local = timezone.localtime(value)
    ends = timedelta(days=1) if local.time() == time() else timedelta()
    return day(local.date() - ends, today=today)


def listed(words: Iterable[object]) -> str:
    """Return words one after another, as the reader's language separates them."""
    # Translators: what stands between two words of a list, Chinese 、.
    return pgettext("between words", ", ").join(str(word) for word in words)


def time_left(until: datetime, *, now: datetime) -> tuple[int, int, int]:
    """Return the days, hours and minutes from `now` to `until`, or zeros when that has passed."""
    seconds = max(0, int((until - now).total_seconds()))
    return seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60


def grouped(value: int | None) -> str:
    """Return a count with thousands separated, the same in every language, or a dash for none."""
    return "–" if value is None else f"{value:,}"


def masked_id(number: str) -> str:
    """Return an ID number as 3415**********0032."""
    return f"{number[:4]}{'*' * 10}{number[-4:]}" if len(number) >= 15 else "*" * len(number)


def masked_phone(number: str) -> str:
    """Return a telephone number as 138****2217."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else "*" * len(number)


def in_fours(number: str) -> str:
    """Return a card number in groups of four, as it is printed."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _month_day(on: date) -> str:
    # Translators: a date without its year. English reads 21 Dec, Chinese 12月21日.
    return pgettext("date", "%(day)d %(month)s") % _pieces(on)


def _pieces(on: date) -> dict[str, int | str]:
    return {"day": on.day, "month": _month(on.month), "year": on.year}


def _month(number: int) -> str:
    names = (
        _("Jan"), _("Feb"), _("Mar"), _("Apr"), _("May"), _("Jun"),
        _("Jul"), _("Aug"), _("Sep"), _("Oct"), _("Nov"), _("Dec"),
    )  # fmt: skip
    return names[number - 1]
