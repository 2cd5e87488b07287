"""What is recorded is sealed within ten seconds, by the processes that run in life."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import F, Max

from census_staff.accounts.scope import System
from census_staff.audit import sealer
from census_staff.audit.models import Entry, Seal
from census_staff.audit.services import record
from tests.processes import clock, kill, wait_until, worker

TEN = timedelta(seconds=10)
MANY = 200


def recorded(first: int) -> None:
    """Record many deeds, each in a transaction of its own."""
    for number in range(first, first + MANY):
        record("staff.left", actor=System("test"), subject="recruitment_staff", subject_id=number)


def sealed(count: int) -> bool:
    return Seal.objects.count() >= count


def longest(after: int) -> timedelta:
    """Return how long an entry of a subject beyond this one waited for its seal at most."""
    seals = Seal.objects.filter(entry__subject_id__gt=after)
    waited = seals.annotate(waited=F("sealed_at") - F("entry__at"))
    most: timedelta = waited.aggregate(most=Max("waited"))["most"]
    return most


def test_the_clock_asks_often_enough() -> None:
    every = settings.POLLS["census_staff.audit.tasks.seal"]
    assert timedelta(seconds=2 * every) <= TEN


@pytest.mark.django_db(transaction=True)
def test_entries_are_sealed_in_ten_seconds_and_caught_up_with_after_a_crash() -> None:
    before = Entry.objects.count()
    with worker() as first, clock():
        recorded(1)
        wait_until(lambda: sealed(before + MANY), 60)
        # Beginning takes as long as it takes; from then on the worker is there.
        recorded(1 + MANY)
        wait_until(lambda: sealed(before + 2 * MANY), 20)
        assert longest(after=MANY) <= TEN

        kill(first)
        recorded(1 + 2 * MANY)
        assert not sealed(before + 3 * MANY)
        with worker():
            wait_until(lambda: sealed(before + 3 * MANY), 60)
            recorded(1 + 3 * MANY)
            wait_until(lambda: sealed(before + 4 * MANY), 20)
            assert longest(after=3 * MANY) <= TEN
    assert sealer.broken_at() is None
