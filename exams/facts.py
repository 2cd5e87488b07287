"""What other apps may ask about a person's exams."""

from django.db.models import Exists, OuterRef, QuerySet

from .models import Attempt
from .states import AttemptState, Mode


def _attempts(person: str, census: str, role: str) -> "QuerySet[Attempt]":
    return Attempt.objects.filter(
        person=OuterRef(person), census=OuterRef(census), role=OuterRef(role), void=None
    )


def passed(*, person: str, census: str, role: str) -> Exists:
    """True where the outer row's person passed for the census and role."""
    return Exists(_attempts(person, census, role).filter(passed=True))


def sat_online(*, person: str, census: str, role: str) -> Exists:
    """True where an online attempt was submitted, by hand or by the clock, with at least one
    acknowledged answer; a failed attempt counts (notice 六经普办〔2023〕20号, section 4)."""
    return Exists(
        _attempts(person, census, role).filter(
            mode=Mode.ONLINE, state=AttemptState.SUBMITTED, answered__gt=0
        )
    )


def passed_offline_only(*, person: str, census: str, role: str) -> Exists:
    """True where a pass in a room exists; with `~sat_online` these are the offline passers."""
    return Exists(_attempts(person, census, role).filter(mode=Mode.OFFLINE, passed=True))


def sitting(*, person: str, census: str) -> Exists:
    """True where an attempt is open now."""
    return Exists(
        Attempt.objects.filter(
            person=OuterRef(person), census=OuterRef(census), state=AttemptState.OPEN, void=None
        )
    )
