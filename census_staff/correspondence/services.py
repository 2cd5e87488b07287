"""Saying things: a row in the same transaction; a worker delivers it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from .models import Notice


def say(
    kind: str,
    *,
    person_id: int | None = None,
    user_id: int | None = None,
    census_id: int | None = None,
    office_id: int | None = None,
    facts: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    once_key: str | None = None,
    batch_id: int | None = None,
) -> None:
    """Queue one notice; with a `once_key` the same thing is said only once."""
    say_all(
        [
            Notice(
                kind=kind,
                person_id=person_id,
                user_id=user_id,
                census_id=census_id,
                office_id=office_id,
                facts=facts or {},
                due_at=due_at or timezone.now(),
                once_key=once_key,
                batch_id=batch_id,
            )
        ]
    )


def say_all(notices: Iterable[Notice]) -> None:
    """Queue many notices in one statement, leaving out those already said."""
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=2000)


@transaction.atomic
def deliver(*, limit: int = 5000) -> int:
    """Deliver what is due (into the person's own pages) and return how many."""
    at = timezone.now()
    due = (
        Notice.objects.waiting(at)
        .order_by("due_at", "pk")
        .select_for_update(skip_locked=True)
        .values("pk")[:limit]
    )
    return Notice.objects.filter(pk__in=due).update(sent_at=at)
