"""Who is told what about a card: rows in the same transaction, delivered by a worker."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from census_staff.accounts.models import Posting
from census_staff.accounts.roles import roles_that_may
from census_staff.correspondence.models import Notice
from census_staff.correspondence.services import say_all
from census_staff.places.models import OfficeLevel

from .models import Card


def tell_holders(kind: str, keys: Iterable[int], at: datetime | None = None) -> None:
    """Tell the holders of these cards, each once for the card."""
    rows = Card.objects.filter(pk__in=list(keys)).order_by("pk")
    at = at or timezone.now()
    say_all(
        Notice(
            kind=kind,
            person_id=person,
            census_id=census,
            facts={"card": pk},
            due_at=at,
            # A card that was found is handed over a second time: said again that day.
            once_key=f"{kind}:{pk}:{at:%Y%m%d}",
        )
        for pk, person, census in rows.values_list("pk", "person_id", "census_id")
    )


def tell_recalls(*, limit: int = 2000) -> int:
    """Tell those who left and still hold a card to bring it back, once for each card; return how
    many were told. Leaving happens a floor below, so it is noticed here by asking."""
    told = Notice.objects.filter(
        kind="card_recall",
        person=OuterRef("person"),
        once_key=Concat(Value("card_recall:"), Cast(OuterRef("pk"), TextField())),
    )
    rows = Card.objects.to_recall().filter(~Exists(told)).order_by("pk")[:limit]
    notices = [
        Notice(
            kind="card_recall",
            person_id=card.person_id,
            census_id=card.census_id,
            facts={"card": card.pk},
            due_at=timezone.now(),
            once_key=f"card_recall:{card.pk}",
        )
        for card in rows
    ]
    say_all(notices)
    return len(notices)


def tell_own_office(kind: str, card: Card, action: str) -> None:
    """Tell those of the holder's township and county who may act on it."""
    path = card.staff.office.path
    codes = path.split(".")[:-1]
    above = [".".join(codes[:length]) + "." for length in range(1, len(codes) + 1)]
    _tell(kind, card, _posted(action, card).filter(office__path__in=above))


def tell_issuer(kind: str, card: Card, action: str) -> None:
    """Tell those of the office that issued the card who may act on it."""
    _tell(kind, card, _posted(action, card).filter(office=card.issuer_id))


def _posted(action: str, card: Card) -> "QuerySet[Posting]":
    rows = Posting.objects.filter(role__in=roles_that_may(action), ended_at=None)
    rows = rows.filter(office__level__gte=OfficeLevel.COUNTY) | rows.filter(office=card.issuer_id)
    return rows.filter(Q(census=None) | Q(census=card.census_id))


def _tell(kind: str, card: Card, postings: "QuerySet[Posting]") -> None:
    at = timezone.now()
    common: dict[str, Any] = {"kind": kind, "census_id": card.census_id, "due_at": at}
    users = sorted(set(postings.values_list("user_id", flat=True)))
    say_all(
        Notice(
            **common,
            user_id=user,
            office_id=card.staff.office_id,
            facts={"card": card.pk},
            once_key=f"{kind}:{card.pk}:{user}:{at:%Y%m%d}",
        )
        for user in users
    )
