"""Orders over access: the reminder or disabling is written where the access moves, never apart."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from census_staff.audit.acting import acting, signature

from .lifecycle import ACCESS
from .models import AccessOrder, Staff

BOTH = (AccessOrder.Kind.REMIND, AccessOrder.Kind.DISABLE)


def order_disable(
    keys: Iterable[int],
    *,
    actor: Any,
    reason: str,
    standards: Iterable[str] = (),
    at: datetime,
    sentence: str = "",
    batch_id: int | None = None,
    step: str = "disable",
) -> list[int]:
    """Shut the access of these staff records under one order each; return the keys really moved.

    An earlier reminder stays open: it is lifted together with the order, or found again by an undo.
    """
    return _order(
        AccessOrder.Kind.DISABLE,
        step,
        keys,
        actor=actor,
        reason=reason,
        standards=list(standards),
        sentence=sentence,
        batch_id=batch_id,
        at=at,
    )


def order_remind(
    keys: Iterable[int],
    *,
    actor: Any,
    reason: str,
    standards: Iterable[str] = (),
    until: date | None,
    at: datetime,
    sentence: str = "",
    batch_id: int | None = None,
) -> list[int]:
    """Remind these people, with a day until which to mend it; return the keys really moved."""
    return _order(
        AccessOrder.Kind.REMIND,
        "remind",
        keys,
        actor=actor,
        reason=reason,
        standards=list(standards),
        sentence=sentence,
        until=until,
        batch_id=batch_id,
        at=at,
    )


def _order(kind: str, step: str, keys: Iterable[int], *, actor: Any, **values: Any) -> list[int]:
    rows = Staff.objects.filter(pk__in=list(keys))
    batch = values["batch_id"]
    with acting(actor, reason=values["reason"], batch=batch):
        moved = ACCESS.advance(rows, step, actor=actor, reason=values["reason"], batch=batch)
        made_at = values.pop("at")
        # A reminder left open by an undo gives way to the new one.
        end_orders(moved, actor=actor, at=made_at, kinds=[kind])
        AccessOrder.objects.bulk_create(
            AccessOrder(staff_id=pk, kind=kind, made_by=signature(actor), made_at=made_at, **values)
            for pk in moved
        )
    return moved


def lift(
    keys: Iterable[int], *, actor: Any, at: datetime, batch_id: int | None = None
) -> list[int]:
    """Enable again those whose order is met, end their open orders; return the keys really moved."""
    rows = Staff.objects.filter(pk__in=list(keys))
    with acting(actor, reason="enable", batch=batch_id):
        moved = ACCESS.advance(rows, "enable", actor=actor, batch=batch_id)
        end_orders(moved, actor=actor, at=at)
    return moved


def settle(keys: Iterable[int], *, actor: Any, at: datetime) -> list[int]:
    """End the reminders of these people and their state of being reminded; return the keys moved."""
    rows = Staff.objects.filter(pk__in=list(keys))
    with acting(actor, reason="settle"):
        moved = ACCESS.advance(rows, "settle", actor=actor)
        end_orders(moved, actor=actor, at=at, kinds=[AccessOrder.Kind.REMIND])
    return moved


def end_orders(
    keys: Iterable[int],
    *,
    actor: Any,
    at: datetime,
    kinds: Iterable[str] = BOTH,
    batch_id: int | None = None,
) -> int:
    """End the open orders of these staff records (only a batch's own, if given); return how many."""
    rows = AccessOrder.objects.filter(
        staff__in=list(keys), kind__in=list(kinds), ended_at__isnull=True
    )
    if batch_id is not None:
        rows = rows.filter(batch_id=batch_id)
    return rows.update(ended_at=at, ended_by=signature(actor))
