"""A life cycle is a table; this module is the only hand that moves along it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from census_staff.accounts.scope import OWN, ScopedQuerySet
from census_staff.audit.acting import acting
from census_staff.lib.errors import Refused
from census_staff.people.models import Person

Rows = ScopedQuerySet
Guard = Callable[[Rows, Any], Rows]
Sets = Callable[[Any, datetime], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One arrow of a life cycle."""

    name: str
    label: str | Promise
    sources: frozenset[str]
    target: str
    # Who may: an action of the role table, OWN for the person themselves, "" for our own code only.
    action: str
    # A queryset method of (rows, actor) that keeps the rows which may take the step now.
    guard: Guard | None = None
    refusal: str | Promise = ""
    # Further columns that change in the same statement.
    sets: Sets | None = None
    # What follows further down the house: called with the moved rows, the actor and the time.
    effect: Callable[[Rows, Any, datetime], None] | None = None
    # The guard asks evidence: lock the people first, ask second.
    evidence: bool = False
    needs_reason: bool = False
    danger: bool = False


@dataclass
class Workflow:
    """The steps of one state field of one table."""

    subject: str
    field: str
    born: frozenset[str]
    steps: dict[str, Step]
    person_lookup: str = "person_id"

    def moves(self) -> list[tuple[str, str]]:
        """Return every (source, target) that the table allows; births have an empty source."""
        arrows = [(source, step.target) for step in self.steps.values() for source in step.sources]
        return [("", born) for born in self.born] + arrows

    def eligible(self, rows: Rows, name: str, *, actor: Any) -> Rows:
        """Keep the rows that may take the step now, as far as state and guard go."""
        step = self.steps[name]
        rows = rows.filter(**{f"{self.field}__in": step.sources})
        return step.guard(rows, actor) if step.guard else rows

    def may(self, rows: Rows, name: str, *, actor: Any) -> Rows:
        """Keep the rows on which `actor` is entitled to the step."""
        action = self.steps[name].action
        return rows.allowed(actor, action) if action else rows

    def advance(
        self, rows: Rows, name: str, *, actor: Any, reason: str = "", batch: int | None = None
    ) -> list[int]:
        """Move every eligible row on which `actor` may act; return their keys in order.

        Rows (and, where evidence decides, their people first) are locked in key order before
        the guard is asked, in a new statement, so that the answer holds until the commit.
        """
        step = self.steps[name]
        at = timezone.now()
        with acting(actor, reason=reason or name, batch=batch):
            reach = self.may(rows, name, actor=actor).order_by()
            if step.evidence:
                # An array, not a sub-select: two scans of people at once would lock in two orders.
                people = list(reach.values_list(self.person_lookup, flat=True))
                Person.objects.filter(pk__in=people).lock()
            keys = list(
                reach.filter(**{f"{self.field}__in": step.sources})
                .order_by("pk")
                .select_for_update(of=("self",), no_key=True)
                .values_list("pk", flat=True)
            )
            chosen = rows.model._default_manager.filter(pk__in=keys)
            moved = list(
                self.eligible(chosen, name, actor=actor).order_by("pk").values_list("pk", flat=True)
            )
            if not moved:
                return []
            chosen = rows.model._default_manager.filter(pk__in=moved)
            more = step.sets(actor, at) if step.sets else {}
            chosen.update(**{self.field: step.target, **more})
            if step.effect:
                step.effect(chosen, actor, at)
            return moved

    def advance_one(
        self, row: Any, name: str, *, actor: Any, reason: str = "", batch: int | None = None
    ) -> None:
        """Move one row, or raise `Refused` (not_allowed, wrong_state, or the step's own code)."""
        rows = type(row)._default_manager.filter(pk=row.pk)
        with transaction.atomic():
            if self.advance(rows, name, actor=actor, reason=reason, batch=batch):
                row.refresh_from_db()
                return
        raise self.refusal(rows, name, actor=actor)

    def refusal(self, rows: Rows, name: str, *, actor: Any) -> Refused:
        """Return why the step cannot be taken on this row."""
        step = self.steps[name]
        if not self.may(rows, name, actor=actor).exists():
            return Refused("not_allowed", _("Your role does not include this step."))
        if not rows.filter(**{f"{self.field}__in": step.sources}).exists():
            return Refused("wrong_state", _("This step is not possible from the present state."))
        return Refused(f"not_eligible:{name}", step.refusal or _("The conditions are not met."))

    def offered(self, row: Any, *, actor: Any) -> list[tuple[Step, str | Promise]]:
        """Return the steps out of the present state that `actor` is entitled to, each with the
        sentence why it cannot be taken now, or an empty one."""
        rows = type(row)._default_manager.filter(pk=row.pk)
        present = getattr(row, self.field)
        found: list[tuple[Step, str | Promise]] = []
        for step in self.steps.values():
            if not step.action or present not in step.sources:
                continue
            if not self.may(rows, step.name, actor=actor).exists():
                continue
            open_now = not step.guard or self.eligible(rows, step.name, actor=actor).exists()
            found.append((step, "" if open_now else step.refusal))
        return found


def workflow(
    subject: str,
    field_name: str,
    *,
    born: Iterable[str],
    steps: Iterable[Step],
    person_lookup: str = "person_id",
) -> Workflow:
    """Return the life cycle of a table's field."""
    return Workflow(
        subject=subject,
        field=field_name,
        born=frozenset(born),
        steps={step.name: step for step in steps},
        person_lookup=person_lookup,
    )


__all__ = ["OWN", "Step", "Workflow", "workflow"]
