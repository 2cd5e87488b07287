"""What the page of a run shows, gathered in a bounded number of questions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from census_staff.accounts.models import User
from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.states import BatchState as S
from census_staff.batches.states import ItemState
from census_staff.batches.tries import RESUMABLE
from census_staff.lib.wording import day, deadline
from census_staff.places.models import Office, OfficeLevel

from .compliance.asking import FREEZE, wish_of
from .compliance.questions import day_of, standards_of, visible_items
from .compliance.report import Lot, add_up, lots_of, matrix, spared_by
from .compliance.speaking import told
from .compliance.steps import VERBS, Verb
from .filters import CARDED
from .models import Exemption, Staff
from .run_words import SPARED, UNMET

MOVING = (S.RUNNING, S.UNDOING)
CARRIED_OUT = (S.RUNNING, S.DONE, S.UNDO_ASKED, S.UNDOING, S.UNDONE)


@dataclass
class Line:
    """A person of the list as a row of the page."""

    item: BatchItem
    staff: Staff | None
    place: str
    # Names of towns repeat: the county stands beside them.
    above: str
    reasons: list[str | Promise]
    told: int
    read: int
    is_offline: bool
    outcome: str | Promise


def reach_of(actor: Any, batch: Batch) -> "QuerySet[Office]":
    """Return the counties of the run that the actor sees."""
    rows = Office.objects.filter(level=OfficeLevel.COUNTY, path__startswith=batch.office.path)
    paths = [path for path, _census in actor.reach("run.view")]
    mine = [county.pk for county in rows if any(_touch(county.path, path) for path in paths)]
    return rows.filter(pk__in=mine).order_by("path")


def _touch(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def chosen(
    items: "QuerySet[BatchItem]", asked: Mapping[str, Any], counties: Iterable[Office]
) -> "QuerySet[BatchItem]":
    """Keep what a query string asks for: county, reason, note, state, name."""
    county = next((c for c in counties if str(c.pk) == asked.get("county")), None)
    if county:
        items = items.filter(office__path__startswith=county.path)
    if asked.get("reason") in UNMET:
        items = items.filter(facts__unmet__0=asked["reason"])
    if asked.get("note") == "offline":
        items = items.filter(facts__offline=True)
    elif asked.get("note") == "exempt":
        items = items.filter(facts__has_key="was_exempt")
    if asked.get("state") in ItemState.values:
        items = items.filter(state=asked["state"])
    if asked.get("spared") in SPARED:
        items = items.filter(reason=asked["spared"])
    name = str(asked.get("q", "")).strip()
    if name:
        items = items.filter(target_id__in=Staff.objects.all().search(name).values("pk"))
    return items


def lines(batch: Batch, items: list[BatchItem]) -> list[Line]:
    """Return the rows of a page of items, with names, notices and outcomes, in three questions."""
    rows = Staff.objects.filter(pk__in=[item.target_id for item in items])
    staff = {each.pk: each for each in rows.select_related("person", "office__parent")}
    said = told(batch, [each.person_id for each in staff.values()])
    found = []
    for item in items:
        who = staff.get(item.target_id)
        tally = said.get(who.person_id, {}) if who else {}
        found.append(
            Line(
                item=item,
                staff=who,
                place=who.office.short_name if who else "",
                above=_above(who) if who else "",
                reasons=[UNMET.get(code, code) for code in item.facts.get("unmet", [])],
                told=tally.get("told", 0),
                read=tally.get("read", 0),
                is_offline=bool(item.facts.get("offline")),
                outcome=SPARED.get(item.reason, "") if item.state != ItemState.DONE else "",
            )
        )
    return found


def _above(staff: Staff) -> str:
    """Return the county of a township's people."""
    office = staff.office
    return office.parent.short_name if office.level > OfficeLevel.COUNTY and office.parent else ""


def procedure(batch: Batch) -> list[dict[str, Any]]:
    """Return the steps from the rule to the report, and which of them is now."""
    waves = len(batch.params.get("waves", {}))
    names = [
        _("Rule"),
        _("Freeze %(day)s") % {"day": day(batch.frozen_at)} if batch.frozen_at else _("Freeze"),
        _("Warnings: %(n)d of 3 sent") % {"n": waves},
        _("Second person approves"),
        _("Execute %(at)s") % {"at": deadline(batch.due_at)} if batch.due_at else _("Execute"),
        _("Report and undo"),
    ]
    now = {S.DRAFT: 1, S.FROZEN: 3, S.APPROVED: 4, S.RUNNING: 4, S.STOPPED: 4}.get(
        S(batch.state), 5
    )
    states = ["done" if at < now else "now" if at == now else "" for at in range(len(names))]
    if batch.state in (S.FROZEN, S.APPROVED):
        # The warnings go on until the day itself.
        states[2] = "done" if waves == 3 else ""
    return [{"name": name, "state": state} for name, state in zip(names, states, strict=True)]


def is_choosing(asked: Mapping[str, Any]) -> bool:
    """Say whether a query string asks for a part of the list."""
    return any(asked.get(name) for name in ("county", "reason", "note", "state", "spared", "q"))


def wish(batch: Batch) -> dict[str, Any] | None:
    """Return what the worker is asked to do with the list, since when, and by whom."""
    found = wish_of(batch)
    if found is None:
        return None
    who = User.objects.filter(pk=found["by"]).first()
    return {
        "is_freeze": found["wish"] == FREEZE,
        "at": datetime.fromisoformat(found["at"]),
        "who": who.display_name or who.login if who else "–",
    }


def tally(batch: Batch, actor: Any) -> dict[str, Any]:
    """Return the numbers of the page: the matrix, and how far the run is."""
    lots = lots_of(batch, actor)
    rows, whole = matrix(batch, lots)
    offline = (lot.n for lot in lots if lot.is_offline and lot.state == ItemState.PENDING)
    return progress(batch, lots) | {
        "rows": rows,
        "whole": whole,
        "named": sum(lot.n for lot in lots),
        "offline": sum(offline),
        # A draft whose first list is not there yet says nothing about anybody.
        "is_unwritten": batch.state == S.DRAFT and not lots and "figures" not in batch.params,
        "columns": [(code, UNMET[code]) for code in standards_of(batch)],
        "cells": [(row, [row.reasons[code] for code in standards_of(batch)]) for row in rows],
        "foot": [whole.reasons[code] for code in standards_of(batch)],
    }


def progress(batch: Batch, lots: list[Lot]) -> dict[str, Any]:
    """Return how far the run is, and how many were spared for which reason."""
    whole, by_reason = add_up(lots), spared_by(lots)
    settled = whole.kept + whole.undone if batch.state in (S.UNDOING, S.UNDONE) else 0
    total = whole.listed
    if batch.state in (S.UNDOING, S.UNDONE):
        total = whole.done + whole.undone + whole.kept
    return {
        "whole": whole,
        "total": total,
        "settled": settled or total - whole.pending,
        "sitting": by_reason.pop("sitting", 0),
        "spared": [(code, SPARED.get(code, code), n) for code, n in sorted(by_reason.items()) if n],
        "shown_spared": sum(by_reason.values()),
    }


def offered(batch: Batch, actor: Any, may: Any) -> list[Verb]:
    """Return the steps that the actor's role includes in the run's present state."""
    found = []
    for verb in VERBS.values():
        if verb.name != "cancel" and wish_of(batch):
            continue
        if batch.state not in verb.states or not any(action in may for action in verb.actions):
            continue
        mine = {"approve": batch.made_by_id, "approve_undo": batch.undo_asked_by_id}
        if mine.get(verb.name) == actor.pk:
            continue
        if verb.name == "resume" and (batch.stop_code not in RESUMABLE or not batch.started_at):
            continue
        begun = batch.started_at is not None
        if (verb.name == "cancel" and begun) or (verb.name == "ask_undo" and not begun):
            continue
        found.append(verb)
    return found


def exemptions(batch: Batch, items: "QuerySet[BatchItem]") -> dict[str, Any]:
    """Return the exemptions that bear on this run: those that hold, and those still to be decided."""
    rows = Exemption.objects.filter(
        staff__in=items.values("target_id"), refused_at=None, until__gte=day_of(batch)
    ).select_related("staff__person", "staff__office__parent", "made_by", "approved_by")
    waiting = rows.filter(approved_at=None).order_by("pk")
    holding = rows.filter(approved_at__isnull=False).order_by("-approved_at")
    found: dict[str, Any] = {}
    for name, some in (("waiting", waiting), ("holding", holding)):
        first = list(some[:10])
        count = some.count() if len(first) == 10 else len(first)
        found |= {name: first, f"{name}_count": count}
    return found


def later_cases(batch: Batch, items_reach: "QuerySet[Office]") -> list[dict[str, Any]]:
    """Return who came or fell after the freeze, by name, as far as the report kept them."""
    found = []
    words = {
        "added": _("Added after the freeze"),
        "fallen": _("Fell short after the freeze"),
    }
    report = batch.report.get("after_freeze", {})
    for name, word in words.items():
        told_of = report.get(name, {})
        rows = Staff.objects.filter(pk__in=told_of.get("staff", [])[:200])
        people = rows.select_related("person", "office__parent").order_by("person__name_key", "pk")
        near = [s for s in people if any(s.office.path.startswith(c.path) for c in items_reach)]
        count = told_of.get("count", 0)
        if count:
            found.append({"word": word, "count": count, "staff": near[:20]})
    return found


def cards_to_recall(items: "QuerySet[BatchItem]") -> int:
    """Return how many of the disabled still hold a printed card."""
    done = items.filter(state=ItemState.DONE).values("target_id")
    return Staff.objects.filter(pk__in=done, cards__state__in=CARDED).distinct().count()


def evidence_words(batch: Batch, actor: Any) -> "QuerySet[BatchItem]":
    """Return the spared of a run within the actor's reach, newest first."""
    rows = visible_items(batch, actor).filter(state=ItemState.SPARED)
    spared: QuerySet[BatchItem] = rows.exclude(facts__has_key="was_exempt")
    return spared.order_by("-done_at", "position")
