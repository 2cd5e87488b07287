"""What happened to a person in a census, in words: states, decisions, evidence, corrections."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from census_staff.accounts.models import User
from census_staff.audit.models import Entry
from census_staff.lib import wording
from census_staff.people.models import Correction
from exams.models import Attempt
from training.models import Completion

from .models import AccessOrder, Exemption, Pledge, ReviewNote, Staff
from .record_fields import BY_KEY
from .review import REASONS
from .standards import STANDARDS

Words = str | Promise

MOVES: dict[tuple[str, str], Words] = {
    ("service", "proposed"): gettext_lazy("Proposed"),
    ("service", "under_review"): gettext_lazy("Sent to review"),
    ("service", "appointed"): gettext_lazy("Approved and appointed"),
    ("service", "returned"): gettext_lazy("Returned for correction"),
    ("service", "refused"): gettext_lazy("Refused"),
    ("service", "reserve"): gettext_lazy("Put in reserve"),
    ("service", "on_duty"): gettext_lazy("Went on duty"),
    ("service", "left"): gettext_lazy("Left"),
    ("access", "enabled"): gettext_lazy("Access opened"),
    ("access", "reminded"): gettext_lazy("Reminded"),
    ("access", "disabled"): gettext_lazy("Access disabled"),
}
DEEDS: dict[str, Words] = {
    "staff.edited": gettext_lazy("Record changed"),
    "exemption.asked": gettext_lazy("Exemption asked for"),
    "exemption.granted": gettext_lazy("Exemption granted"),
    "exemption.refused": gettext_lazy("Exemption refused"),
    "reveal": gettext_lazy("Masked data looked at"),
    "slips.reprinted": gettext_lazy("Activation slip printed anew"),
}
ORDER_REASONS: dict[str, Words] = {
    "run": gettext_lazy("Standards not met on the day of the run"),
    "left": gettext_lazy("Left"),
    "unfit": gettext_lazy("Does not meet the demands of the work"),
    "irregular": gettext_lazy("Visits not made by the rules"),
    "untrained": gettext_lazy("Training not followed as asked"),
    "violation": gettext_lazy("Serious violation"),
    "other": gettext_lazy("Another reason"),
}
MOST = 200


@dataclass(frozen=True)
class Event:
    """One thing that happened: what, when, more about it, and who did it."""

    at: datetime
    title: Words
    say: Words = ""
    who: Words = ""
    is_own: bool = False


def events_of(staff: Staff, more: Iterable[Any] = ()) -> list[Event]:
    """Return everything that happened to the record, the newest first."""
    found = list(
        chain(_entries(staff), _evidence(staff), _corrections(staff), (_event(one) for one in more))
    )
    return sorted(found, key=lambda event: event.at, reverse=True)[:MOST]


def _event(one: Any) -> Event:
    """Return what a panel of the floor above tells (its events are plain mappings)."""
    return Event(one["at"], one["title"], one.get("say", ""), one.get("who", ""))


def _entries(staff: Staff) -> Iterator[Event]:
    rows = list(
        Entry.objects.filter(subject="recruitment_staff", subject_id=staff.pk)
        .exclude(new="not_activated")
        .order_by("-id")[:MOST]
    )
    names = _names(row.actor for row in rows)
    said = _said(staff)
    for row in rows:
        title = _title(row)
        if title is None:
            continue
        who, is_own = names.get(row.actor, (_("System"), False))
        yield Event(row.at, title, said(row), who, is_own)


def _title(row: Entry) -> Words | None:
    """Return what an entry says, or None for what needs no telling."""
    move = (row.event, row.old, row.new)
    if move == ("access", "reminded", "enabled"):
        return gettext_lazy("Reminder settled")
    if move == ("service", "on_duty", "appointed"):
        return gettext_lazy("Went off duty")
    return MOVES.get((row.event, row.new)) or DEEDS.get(row.event)


def _names(actors: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """Return who signed, by signature: a name for the office, 本人 for the person themselves."""
    keys = {int(a.removeprefix("user:")) for a in actors if a.startswith("user:")}
    users = User.objects.filter(pk__in=keys).only("pk", "display_name", "login", "person_id")
    return {
        f"user:{user.pk}": (
            pgettext("timeline", "The person")
            if user.person_id
            else user.display_name or user.login,
            bool(user.person_id),
        )
        for user in users
    }


def _said(staff: Staff) -> Any:
    """Return a reader of the sentence that goes with an entry: a note's or an order's own words."""
    notes = list(ReviewNote.objects.filter(staff=staff).order_by("made_at"))
    orders = list(AccessOrder.objects.filter(staff=staff).order_by("made_at"))

    def read(row: Entry) -> str:
        if row.event == "service" and row.reason in ("return", "refuse", "reserve", "appoint"):
            note = _nearest(notes, row.at, lambda n: n.decision == row.reason)
            return reasons_said(note) if note else ""
        if row.event == "access" and row.new in ("disabled", "reminded"):
            kind = "disable" if row.new == "disabled" else "remind"
            order = _nearest(orders, row.at, lambda o: o.kind == kind)
            return order_said(order) if order else ""
        if row.event == "staff.edited":
            labels = [str(BY_KEY[f].label) for f in row.details.get("fields", []) if f in BY_KEY]
            return wording.listed(labels)
        if row.event == "reveal" and row.reason in BY_KEY:
            return str(BY_KEY[row.reason].label)
        if row.event.startswith("exemption."):
            codes = row.details.get("standards", [])
            return wording.listed(str(STANDARDS[code].label) for code in codes if code in STANDARDS)
        return ""

    return read


def _nearest(rows: list[Any], at: datetime, fits: Any) -> Any:
    """Return the row written in the same breath as an entry of `at`."""
    near = [one for one in rows if fits(one) and abs((one.made_at - at).total_seconds()) < 60]
    return min(near, key=lambda one: abs((one.made_at - at).total_seconds()), default=None)


def reasons_said(note: ReviewNote) -> str:
    """Return a review note as one text: the sentence, then each field with its reason."""
    parts = [note.sentence] if note.sentence else []
    for key, why in note.fields.items():
        if key in BY_KEY:
            reason = str(REASONS.get(why.get("reason", ""), ""))
            words = "，".join(each for each in (reason, why.get("say", "")) if each)
            parts.append(f"{BY_KEY[key].label}：{words}")
    return "；".join(parts)


def order_said(order: AccessOrder) -> str:
    """Return an order as one text: the reason, the sentence, the standards, the day."""
    parts = [str(ORDER_REASONS.get(order.reason, order.reason))]
    if order.sentence:
        parts.append(order.sentence)
    if order.standards:
        parts.append(
            wording.listed(str(STANDARDS[c].label) for c in order.standards if c in STANDARDS)
        )
    if order.until:
        parts.append(_("Until %(day)s") % {"day": wording.day(order.until)})
    return " · ".join(parts)


def _evidence(staff: Staff) -> Iterator[Event]:
    here = {"person": staff.person_id, "census": staff.census_id, "role": staff.role}
    mine = pgettext("timeline", "The person")
    for done in Completion.objects.filter(**here).select_related("void"):
        yield Event(done.completed_at, _("All required courses completed"), "", mine, True)
        if hasattr(done, "void"):
            yield Event(done.void.made_at, _("Training declared void"), done.void.reason)
    for one in Attempt.objects.filter(**here).exclude(submitted_at=None).select_related("void"):
        title = _("Exam passed") if one.passed else _("Exam not passed")
        said = _("Attempt %(number)d: %(score)d points, %(mark)d needed.") % {
            "number": one.number,
            "score": one.score,
            "mark": one.pass_mark,
        }
        yield Event(one.submitted_at, title, said, mine, True)
        if hasattr(one, "void"):
            yield Event(one.void.made_at, _("Exam declared void"), one.void.reason)
    for signed in Pledge.objects.filter(**here).select_related("void"):
        yield Event(signed.signed_at, _("Pledge signed"), "", mine, True)
        if hasattr(signed, "void"):
            yield Event(signed.void.made_at, _("Pledge declared void"), signed.void.reason)


def _corrections(staff: Staff) -> Iterator[Event]:
    rows = Correction.objects.filter(person=staff.person_id).select_related("made_by", "decided_by")
    for one in rows:
        what = _masked(one)
        who = one.made_by.display_name or one.made_by.login
        if one.decided_at is None or one.decided_by is not None:
            yield Event(one.made_at, _("Correction asked for"), what, who)
        if one.decided_at and one.applied:
            by = one.decided_by or one.made_by
            yield Event(one.decided_at, _("Corrected"), what, by.display_name or by.login)
        elif one.decided_at and one.decided_by:
            by = one.decided_by
            yield Event(one.decided_at, _("Correction refused"), what, by.display_name or by.login)


def _masked(one: Correction) -> str:
    label = str(BY_KEY[one.field].label)
    hide = (lambda text: text) if one.field == "name" else wording.masked_phone
    return f"{label}：{hide(one.old_value or '') or '–'} → {hide(one.new_value)}"


def exemptions_of(staff: Staff) -> list[Exemption]:
    """Return the exemptions of a record that were not refused, the newest first."""
    rows = Exemption.objects.filter(staff=staff, refused_at=None)
    return list(rows.select_related("made_by", "approved_by").order_by("-pk"))
