"""The two life cycles of a staff record: service and access. Nothing else moves either."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from census_staff.workflow import Rows, Step, workflow

from .states import APPOINTED, OPEN, Access, Service


def _reviewed(actor: Any, at: datetime) -> dict[str, Any]:
    # A key, because the bearer of a token acts for a user without being one.
    return {"reviewed_by": actor.pk, "reviewed_at": at, "moves": F("moves") + 1}


def _moved(actor: Any, at: datetime) -> dict[str, Any]:
    return {"moves": F("moves") + 1}


def _by_others(rows: Any, actor: Any) -> Rows:
    found: Rows = rows.entered_by_others(actor)
    return found


def _service(
    name: str, label: Any, sources: set[str], target: str, action: str, **more: Any
) -> Step:
    more.setdefault("sets", _moved)
    return Step(
        name=name, label=label, sources=frozenset(sources), target=target, action=action, **more
    )


_OWN_ENTRY = _("Somebody other than the person who entered the record must decide.")

SERVICE = workflow(
    "recruitment_staff",
    "service",
    born=[Service.PROPOSED, Service.UNDER_REVIEW],
    steps=[
        _service(
            "submit",
            _("Submit for review"),
            {Service.PROPOSED, Service.RETURNED},
            Service.UNDER_REVIEW,
            "staff.propose",
            sets=lambda actor, at: {"submitted_at": at, "moves": F("moves") + 1},
        ),
        _service(
            "appoint",
            _("Approve and appoint"),
            {Service.UNDER_REVIEW, Service.RESERVE},
            Service.APPOINTED,
            "staff.review",
            guard=_by_others,
            refusal=_OWN_ENTRY,
            sets=_reviewed,
        ),
        _service(
            "return",
            _("Return for correction"),
            {Service.UNDER_REVIEW},
            Service.RETURNED,
            "staff.review",
            guard=_by_others,
            refusal=_OWN_ENTRY,
            sets=_reviewed,
            needs_reason=True,
        ),
        _service(
            "refuse",
            _("Refuse"),
            {Service.UNDER_REVIEW, Service.RESERVE},
            Service.REFUSED,
            "staff.review",
            guard=_by_others,
            refusal=_OWN_ENTRY,
            sets=_reviewed,
            needs_reason=True,
            danger=True,
        ),
        _service(
            "reserve",
            _("Put in reserve"),
            {Service.UNDER_REVIEW},
            Service.RESERVE,
            "staff.review",
            guard=_by_others,
            refusal=_OWN_ENTRY,
            sets=_reviewed,
        ),
        _service("go_on_duty", _("Go on duty"), {Service.APPOINTED}, Service.ON_DUTY, ""),
        _service("go_off_duty", _("Go off duty"), {Service.ON_DUTY}, Service.APPOINTED, ""),
        _service(
            "leave",
            _("Leave"),
            {Service.PROPOSED, Service.RETURNED, Service.RESERVE, *APPOINTED},
            Service.LEFT,
            "staff.leave",
            needs_reason=True,
            danger=True,
        ),
    ],
)


def _access(
    name: str, label: Any, sources: set[str], target: str, action: str, **more: Any
) -> Step:
    more.setdefault("sets", _moved)
    return Step(
        name=name, label=label, sources=frozenset(sources), target=target, action=action, **more
    )


ACCESS = workflow(
    "recruitment_staff",
    "access",
    born=[Access.NOT_ACTIVATED],
    steps=[
        _access(
            "activate",
            _("Activate"),
            {Access.NOT_ACTIVATED},
            Access.ENABLED,
            "staff.activate",
            guard=lambda rows, actor: rows.filter(service__in=APPOINTED),
            refusal=_("The county must review and appoint the person first."),
            sets=lambda actor, at: {"activated_at": at, "moves": F("moves") + 1},
        ),
        _access(
            "remind",
            _("Remind"),
            {Access.ENABLED},
            Access.REMINDED,
            "access.switch",
            needs_reason=True,
        ),
        _access(
            "settle", _("Settle the reminder"), {Access.REMINDED}, Access.ENABLED, "access.switch"
        ),
        _access(
            "disable",
            _("Disable access"),
            {*OPEN},
            Access.DISABLED,
            "access.switch",
            needs_reason=True,
            danger=True,
        ),
        # Leaving shuts access by the same hand that lets the person go, before they are gone.
        _access("shut", _("Shut access"), {*OPEN}, Access.DISABLED, ""),
        _access(
            "enable",
            _("Enable again"),
            {Access.DISABLED},
            Access.ENABLED,
            "access.switch",
            guard=lambda rows, actor: rows.filter(service__in=APPOINTED).order_met(),
            refusal=_("Every standard that the order names must be met, or exempted, first."),
            evidence=True,
        ),
        # The undo of a run puts back what was; it never asks whether standards are met.
        _access("restore_enabled", _("Restore"), {Access.DISABLED}, Access.ENABLED, ""),
        _access("restore_reminded", _("Restore"), {Access.DISABLED}, Access.REMINDED, ""),
    ],
)
