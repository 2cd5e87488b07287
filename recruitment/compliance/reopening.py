"""Whoever was shut out by the run alone comes back by what they do, without asking anybody."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from census_staff.accounts.scope import System
from census_staff.correspondence.models import Notice
from census_staff.correspondence.services import say_all
from census_staff.people.models import Person

from ..access_orders import lift
from ..models import AccessOrder, Staff
from ..querysets import StaffQuerySet
from ..states import APPOINTED, Access
from .speaking import COLUMNS

RUN = System("run")
CHUNK = 500


def may_come_back() -> StaffQuerySet:
    """Keep those whom only a run disabled, who passed and now meet what their order names."""
    by_run = AccessOrder.objects.filter(
        staff=OuterRef("pk"), kind="disable", reason="run", ended_at=None
    )
    shut: StaffQuerySet = Staff.objects.filter(access=Access.DISABLED, service__in=APPOINTED)
    return shut.filter(Exists(by_run)).meeting("passed").order_met()


def reopen_all() -> int:
    """Enable everybody who may come back, in transactions of their own; return how many."""
    after, opened = 0, 0
    while some := list(
        may_come_back().filter(pk__gt=after).order_by("pk").values("pk", "person_id")[:CHUNK]
    ):
        opened += _reopen([row["pk"] for row in some], [row["person_id"] for row in some])
        after = some[-1]["pk"]
    return opened


@transaction.atomic
def _reopen(keys: list[int], people: list[int]) -> int:
    """Lock the people, ask again, enable, end the order and say so."""
    at = timezone.now()
    Person.objects.filter(pk__in=people).lock()
    rows = {row["pk"]: row for row in may_come_back().filter(pk__in=keys).values(*COLUMNS)}
    orders = AccessOrder.objects.filter(staff__in=rows, kind="disable", ended_at=None)
    numbers = dict(orders.values_list("staff_id", "pk"))
    moved = lift(rows, actor=RUN, at=at)
    say_all(
        [
            Notice(
                kind="access_reopened",
                person_id=rows[pk]["person_id"],
                census_id=rows[pk]["census_id"],
                office_id=rows[pk]["office_id"],
                once_key=f"order:{numbers[pk]}:on",
                due_at=at,
            )
            for pk in moved
        ]
    )
    return len(moved)
