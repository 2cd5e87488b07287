"""From which offices somebody works with cards, and the counts that lead to each list."""

from typing import Any, NamedTuple

from django.db import connection

from census_staff.accounts.scope import Actor
from census_staff.batches.models import Batch
from census_staff.censuses.models import Census
from census_staff.places.models import Office
from recruitment.models import Staff

from . import facts, issue
from .models import Card, Reissue
from .states import CardState

MOST_OFFICES = 400


def offices_of(actor: Actor, action: str, census: Census) -> list[Office]:
    """Return the offices within reach for an action, from the top down."""
    paths = {path for path, at in actor.reach(action) if at in (None, census.pk)}
    found: dict[int, Office] = {}
    for path in sorted(paths, key=len):
        for office in Office.objects.filter(path__startswith=path).order_by("path")[:MOST_OFFICES]:
            found[office.pk] = office
    return list(found.values())


class Waiting(NamedTuple):
    """How many wait for each step of making cards."""

    number: int
    printing: int
    handing: int
    recall: int
    reissues: int


def waiting(actor: Actor, census: Census) -> Waiting:
    """Return the counts, each the same question as the list behind it."""
    staff = Staff.objects.allowed(actor, issue.ACTION).filter(census=census)
    cards = Card.objects.allowed(actor, "card.view").filter(census=census)
    wishes = Reissue.objects.allowed(actor, "card.view").filter(card__census=census)
    return Waiting(
        facts.awaiting_number(staff).count(),
        cards.filter(state=CardState.NUMBERED).count(),
        cards.filter(state=CardState.PRINTED).count(),
        cards.to_recall().count(),
        wishes.filter(decided_at=None).count(),
    )


class Handed(NamedTuple):
    """How many cards of a print batch were printed, and how many of them left the drawer."""

    printed: int
    handed: int
    first: str
    last: str


def handed(batches: list[Batch]) -> dict[int, Handed]:
    """Return for each of these print batches how far the handing over is, in one question."""
    keys = [batch.pk for batch in batches if batch.kind == "print"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.batch_id, count(*), count(*) FILTER (WHERE c.state <> 'printed'),"
            " min(c.number_id), max(c.number_id)"
            " FROM batches_batchitem i JOIN credentials_card c ON c.id = i.target_id"
            " WHERE i.batch_id = ANY(%s) AND i.state = 'done' GROUP BY i.batch_id",
            [keys],
        )
        return {row[0]: Handed(*row[1:]) for row in cursor.fetchall()}


def can_issue(request: Any) -> bool:
    """Say whether the user may number and print somewhere."""
    return bool(request.user.reach(issue.ACTION))
