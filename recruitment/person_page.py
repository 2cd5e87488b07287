"""What a person's page shows, read off the facts: axes, gates, what is unmet, what may be done."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from census_staff.lib import wording
from census_staff.lib.gates import GATES
from exams.models import Attempt
from training.models import Completion

from .filters import CARDED
from .models import AccessOrder, Pledge, Staff
from .review import DECISIONS
from .standards import READY, STANDARDS
from .states import APPOINTED, Access, Service
from .steps import AXES, EFFECTS

TONES = {
    Service.PROPOSED: ("off", "enter"),
    Service.UNDER_REVIEW: ("go", "clock"),
    Service.RETURNED: ("warn", "undo"),
    Service.REFUSED: ("bad", "bad"),
    Service.RESERVE: ("off", "list"),
    Service.APPOINTED: ("go", "ok"),
    Service.ON_DUTY: ("ok", "duty"),
    Service.LEFT: ("off", "minus"),
    Access.NOT_ACTIVATED: ("off", "minus"),
    Access.ENABLED: ("ok", "ok"),
    Access.REMINDED: ("warn", "clock"),
    Access.DISABLED: ("bad", "off"),
}


class Facts:
    """The evidence of one record, asked once for the whole page."""

    def __init__(self, staff: Staff) -> None:
        here = {"person": staff.person_id, "census": staff.census_id, "role": staff.role}
        self.staff = staff
        self.codes = tuple(c for c in staff.census.card_standards if c in STANDARDS) or READY
        told = Staff.objects.filter(pk=staff.pk).with_unmet(*STANDARDS).get()
        self.unmet: list[str] = told.unmet
        self.completion = Completion.objects.filter(**here, void=None).first()
        self.attempts = list(
            Attempt.objects.filter(**here, void=None).exclude(submitted_at=None).order_by("number")
        )
        self.pledge = Pledge.objects.filter(**here, void=None, text__superseded_at=None).first()
        self.orders = {
            order.kind: order
            for order in AccessOrder.objects.filter(staff=staff, ended_at=None).order_by("pk")
        }
        self.is_carded = Staff.objects.filter(pk=staff.pk, cards__state__in=CARDED).exists()

    @property
    def lacking(self) -> list[str]:
        """Return the standards a card still needs."""
        return [code for code in self.codes if code in self.unmet]


def axes(facts: Facts, panels: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return service, access and card, side by side."""
    staff = facts.staff
    service_tone, service_icon = TONES[Service(staff.service)]
    access_tone, access_icon = TONES[Access(staff.access)]
    said = []
    if staff.reviewed_at:
        said.append(_("Reviewed %(at)s") % {"at": wording.moment(staff.reviewed_at)})
    elif staff.submitted_at:
        said.append(_("Waiting since %(at)s") % {"at": wording.moment(staff.submitted_at)})
    return [
        {
            "name": pgettext("axis", "Service"),
            "word": staff.get_service_display(),
            "tone": service_tone,
            "icon": service_icon,
            "notes": said,
        },
        {
            "name": pgettext("axis", "Access"),
            "word": staff.get_access_display(),
            "tone": access_tone,
            "icon": access_icon,
            "notes": _access_notes(facts),
        },
        next((panel["axis"] for panel in panels if panel.get("axis")), None) or _no_card(facts),
    ]


def _access_notes(facts: Facts) -> list[str]:
    disabled, reminder = facts.orders.get("disable"), facts.orders.get("remind")
    if disabled is not None and facts.staff.access == Access.DISABLED:
        said = [_("Since %(at)s") % {"at": wording.moment(disabled.made_at)}]
        named = [str(STANDARDS[code].label) for code in disabled.standards if code in STANDARDS]
        if named:
            said.append(_("To be met: %(standards)s") % {"standards": wording.listed(named)})
        return said
    if reminder is not None and reminder.until:
        return [_("To be mended until %(day)s") % {"day": wording.day(reminder.until)}]
    if facts.staff.activated_at:
        return [_("Opened %(at)s") % {"at": wording.moment(facts.staff.activated_at)}]
    return []


def _no_card(facts: Facts) -> dict[str, Any]:
    left = len(facts.lacking)
    if not left:
        word, tone, notes = _("Ready for a card"), "go", [_("Not numbered yet")]
    else:
        word, tone = _("Not ready for a card"), "off"
        notes = [ngettext("%(n)d thing missing", "%(n)d things missing", left) % {"n": left}]
    return {
        "name": pgettext("axis", "Card"),
        "word": word,
        "tone": tone,
        "icon": "minus" if left else "ok",
        "notes": notes,
    }


def gates(facts: Facts, panels: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the seven gates in their order, each done, now, stopped or not begun."""
    staff, notes = facts.staff, _gate_notes(facts)
    notes["carded"] = next((panel["gate"] for panel in panels if panel.get("gate")), "")
    done = {
        "entered": True,
        "reviewed": staff.service in APPOINTED,
        "trained": facts.completion is not None,
        "passed": "passed" not in facts.unmet,
        "pledged": facts.pledge is not None,
        "carded": facts.is_carded,
        "on_duty": staff.service == Service.ON_DUTY,
    }
    stopped = set()
    if staff.service in (Service.RETURNED, Service.REFUSED):
        stopped.add("reviewed")
    if facts.attempts and not done["passed"]:
        stopped.add("passed")
    first = next((gate.code for gate in GATES if not done[gate.code]), "")
    return [
        {
            "name": gate.label,
            "icon": gate.icon,
            "state": "done"
            if done[gate.code]
            else "stop"
            if gate.code in stopped
            else "now"
            if gate.code == first
            else "",
            "note": notes.get(gate.code, ""),
        }
        for gate in GATES
    ]


def _gate_notes(facts: Facts) -> dict[str, str]:
    staff = facts.staff
    notes = {"entered": wording.day(staff.entered_at)}
    if staff.reviewed_at and staff.service in APPOINTED:
        notes["reviewed"] = wording.day(staff.reviewed_at)
    if facts.completion:
        notes["trained"] = wording.day(facts.completion.completed_at)
    if facts.attempts:
        best = max(facts.attempts, key=lambda one: one.score or 0)
        said = _("%(score)d points, pass mark %(mark)d")
        notes["passed"] = said % {"score": best.score or 0, "mark": best.pass_mark}
    if facts.pledge:
        notes["pledged"] = wording.day(facts.pledge.signed_at)
    return notes


def standards(facts: Facts) -> list[dict[str, Any]]:
    """Return the standards of a card (and of an open order), the unmet first, with what to do."""
    order = facts.orders.get("disable")
    codes = [*facts.codes, *(c for c in (order.standards if order else []) if c not in facts.codes)]
    rows = [
        {
            "name": STANDARDS[code].label,
            "is_met": code not in facts.unmet,
            "note": _standard_note(code, facts),
            "wait": _("Waits for the person") if code in facts.unmet else "",
        }
        for code in codes
    ]
    return sorted(rows, key=lambda row: bool(row["is_met"]))


def _standard_note(code: str, facts: Facts) -> str:
    if code == "passed" and facts.attempts:
        last = facts.attempts[-1]
        said = _("Attempt %(number)d: %(score)d points, %(mark)d needed.") % {
            "number": last.number,
            "score": last.score or 0,
            "mark": last.pass_mark,
        }
        return said if code not in facts.unmet else f"{said} {STANDARDS[code].remedy}"
    if code in facts.unmet:
        return str(STANDARDS[code].remedy)
    if code == "trained" and facts.completion is not None:
        return wording.moment(facts.completion.completed_at)
    if code == "pledged" and facts.pledge is not None:
        return wording.moment(facts.pledge.signed_at)
    return ""


def offers(
    staff: Staff,
    *,
    user: Any,
    panels: Iterable[Mapping[str, Any]],
    may: frozenset[str],
    is_trained: bool = False,
) -> list[dict[str, Any]]:
    """Return the buttons: every step of the tables that this user is entitled to, and the rest."""
    found: list[dict[str, Any]] = []
    for axis, table in AXES.items():
        for step, refusal in table.offered(staff, actor=user):
            if step.name in DECISIONS:
                continue
            found.append(
                _offer(
                    f"{axis}-{step.name}",
                    step.label,
                    reverse("staff_step", args=[staff.pk, axis, step.name]),
                    refusal=refusal,
                    tone="danger" if step.danger else "",
                    note=_what_follows(staff, axis, step.name) if step.danger else "",
                )
            )
    if "staff.review" in may and staff.service in (Service.UNDER_REVIEW, Service.RESERVE):
        url = reverse("review_one", args=[staff.pk])
        found.insert(0, _offer("review", _("Review the record"), url, tone="main"))
    if "staff.propose" in may and staff.service not in (Service.LEFT, Service.REFUSED):
        url = reverse("staff_edit", args=[staff.pk])
        found.insert(0, _offer("edit", _("Change the record"), url))
        found.append(_offer("photo", _("Add a photo"), reverse("staff_photo", args=[staff.pk])))
    if "access.exempt" in may and staff.service in APPOINTED:
        url = reverse("exemption_ask", args=[staff.pk])
        found.append(_offer("exempt", _("Ask for an exemption"), url))
    if "evidence.void" in may and is_trained:
        url = reverse("training_void", args=[staff.pk])
        found.append(_offer("void-training", _("Void the training"), url, tone="danger"))
    for panel in panels:
        found.extend(panel.get("offers", ()))
    return sorted(found, key=lambda one: (bool(one["refusal"]), one["tone"] == "danger"))


def _what_follows(staff: Staff, axis: str, name: str) -> str:
    """Return what a step that cannot be taken lightly will do, and whether a reminder preceded."""
    said = str(EFFECTS[(axis, name)][0])
    reminder = AccessOrder.objects.filter(staff=staff, kind="remind", ended_at=None).first()
    if name == "disable" and reminder is not None:
        reminded = _("Reminded %(day)s.") % {"day": wording.day(reminder.made_at)}
        return f"{reminded}{said}"
    return said


def _offer(
    name: str,
    label: str | Promise,
    url: str,
    *,
    refusal: str | Promise = "",
    tone: str = "",
    note: str = "",
) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "url": url,
        "refusal": refusal,
        "tone": tone,
        "note": note,
    }
