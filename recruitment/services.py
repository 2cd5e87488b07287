"""What an office does with a person's service and access by hand."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.accounts.models import Reveal
from census_staff.audit.acting import acting
from census_staff.audit.services import record, record_many
from census_staff.correspondence.services import say
from census_staff.lib.errors import Refused
from census_staff.people.models import Person

from . import access_orders
from .lifecycle import ACCESS, SERVICE
from .models import AccessOrder, Exemption, Staff
from .querysets import StaffQuerySet
from .standards import STANDARDS

Reason = AccessOrder.Reason
# Shortcomings that can be mended: the person is reminded first, and shut out only after that.
REMIND_FIRST = (Reason.IRREGULAR, Reason.UNTRAINED)
REVEALABLE = ("id_number", "phone", "backup_phone")


def leave(staff: Staff, *, actor: Any, reason: str) -> None:
    """Let a person go: access is shut and the service ended, both or neither."""
    rows = Staff.objects.filter(pk=staff.pk)
    with transaction.atomic():
        if not leave_all(rows, actor=actor, reason=reason):
            raise SERVICE.refusal(rows, "leave", actor=actor)
    staff.refresh_from_db()


def leave_all(rows: StaffQuerySet, *, actor: Any, reason: str) -> list[int]:
    """Let those of one census go whom `actor` may let go; return their keys."""
    at = timezone.now()
    with acting(actor, reason="leave"):
        reach = SERVICE.may(rows, "leave", actor=actor).order_by("pk")
        # Locked before they are asked: nobody is shut out without being let go.
        locked = list(reach.select_for_update(of=("self",), no_key=True).values_list("pk"))
        chosen = Staff.objects.filter(pk__in=[pk for (pk,) in locked])
        going = list(SERVICE.eligible(chosen, "leave", actor=actor).values_list("pk", flat=True))
        access_orders.order_disable(
            going, actor=actor, reason=Reason.LEFT, sentence=reason, at=at, step="shut"
        )
        moved = SERVICE.advance(Staff.objects.filter(pk__in=going), "leave", actor=actor)
        left = Staff.objects.filter(pk__in=moved)
        left.update(left_reason=reason[:20])
        # Whoever was in their team needs another supervisor: the link ends with the service.
        Staff.objects.filter(supervisor__in=moved).update(supervisor=None)
        for census in left.order_by().values_list("census", flat=True).distinct():
            here = left.filter(census=census).values_list("pk", "office_id")
            record_many(
                "staff.left",
                actor=actor,
                subject="recruitment_staff",
                rows=here,
                census_id=census,
            )
    return moved


def remind(
    staff: Staff,
    *,
    actor: Any,
    reason: str,
    sentence: str = "",
    standards: Iterable[str] = (),
    until: date | None,
) -> None:
    """Remind a person of what is to be mended until a day; they find it on their phone."""
    at = timezone.now()
    with transaction.atomic():
        moved = access_orders.order_remind(
            [staff.pk],
            actor=actor,
            reason=reason,
            sentence=sentence,
            standards=known_standards(standards),
            until=until,
            at=at,
        )
        if not moved:
            raise ACCESS.refusal(Staff.objects.filter(pk=staff.pk), "remind", actor=actor)
        _tell(staff, "access_reminded", until=until.isoformat() if until else "")


def disable(
    staff: Staff,
    *,
    actor: Any,
    reason: str,
    sentence: str = "",
    standards: Iterable[str] = (),
    is_urgent: bool = False,
) -> None:
    """Shut a person's access by an order that names why and what must be met to come back."""
    at = timezone.now()
    reminded = AccessOrder.objects.filter(staff=staff, kind="remind", ended_at=None)
    if reason in REMIND_FIRST and not is_urgent and not reminded.exists():
        raise Refused(
            "remind_first",
            _("Remind the person first; disable them if the reminder does not help."),
        )
    with transaction.atomic():
        moved = access_orders.order_disable(
            [staff.pk],
            actor=actor,
            reason=reason,
            sentence=sentence,
            standards=known_standards(standards),
            at=at,
        )
        if not moved:
            raise ACCESS.refusal(Staff.objects.filter(pk=staff.pk), "disable", actor=actor)
        _tell(staff, "access_disabled")


def settle(staff: Staff, *, actor: Any) -> None:
    """End the reminder of a person who has mended what it named."""
    if not access_orders.settle([staff.pk], actor=actor, at=timezone.now()):
        raise ACCESS.refusal(Staff.objects.filter(pk=staff.pk), "settle", actor=actor)


def enable(staff: Staff, *, actor: Any) -> None:
    """Open the access of a person again once the order that shut it is met."""
    with transaction.atomic():
        if not access_orders.lift([staff.pk], actor=actor, at=timezone.now()):
            raise ACCESS.refusal(Staff.objects.filter(pk=staff.pk), "enable", actor=actor)
        _tell(staff, "access_enabled")


def known_standards(codes: Iterable[str]) -> list[str]:
    """Return the codes in their order, or refuse one that is no standard."""
    wanted = set(codes)
    if not wanted <= set(STANDARDS):
        raise Refused("unknown_standard", _("There is no such standard."), field="standards")
    return [code for code in STANDARDS if code in wanted]


def _tell(staff: Staff, kind: str, **facts: Any) -> None:
    say(
        kind,
        person_id=staff.person_id,
        census_id=staff.census_id,
        office_id=staff.office_id,
        facts=facts,
    )


def ask_exemption(
    staff: Staff, *, actor: Any, standards: Iterable[str], reason: str, until: date
) -> Exemption:
    """Return the wish to exempt a person from standards until a day."""
    codes = known_standards(standards)
    if not Staff.objects.allowed(actor, "access.exempt").filter(pk=staff.pk).exists():
        raise Refused("not_allowed", _("Your role does not include this step."))
    if not codes:
        raise Refused("standard_needed", _("Choose at least one standard."), field="standards")
    if until < timezone.localdate():
        raise Refused("until_past", _("The last day lies in the past."), field="until")
    with acting(actor, reason="exempt"):
        made = Exemption.objects.create(
            staff=staff, standards=codes, reason=reason, until=until, made_by_id=actor.pk
        )
        _log("exemption.asked", made, actor)
    return made


def decide_exemption(exemption: Exemption, *, actor: Any, is_granted: bool) -> None:
    """Grant or refuse an exemption; whoever asked for it does not decide."""
    at = timezone.now()
    with acting(actor, reason="exempt"):
        # The answer changes whether a disabled person may come back: stand in the same queue.
        Person.objects.filter(staff=exemption.staff_id).lock()
        rows = Exemption.objects.allowed(actor, "access.exempt_approve")
        found = rows.select_for_update(of=("self",)).filter(pk=exemption.pk).first()
        if found is None:
            raise Refused("not_allowed", _("Your role does not include this step."))
        if found.approved_at or found.refused_at:
            raise Refused("decided_already", _("Somebody has already decided this."))
        if found.made_by_id == actor.pk:
            raise Refused("second_person", _("A second person must approve this."))
        if is_granted:
            found.approved_by_id, found.approved_at = actor.pk, at
        else:
            found.refused_at = at
        found.save()
        _log("exemption.granted" if is_granted else "exemption.refused", found, actor)


def _log(event: str, exemption: Exemption, actor: Any) -> None:
    record(
        event,
        actor=actor,
        subject="recruitment_staff",
        subject_id=exemption.staff_id,
        office_id=exemption.staff.office_id,
        census_id=exemption.staff.census_id,
        details={"standards": exemption.standards, "until": exemption.until.isoformat()},
    )


def reveal(staff: Staff, field: str, *, actor: Any, reason: str) -> str:
    """Return a masked value in clear; who looked at whose, and why, is kept."""
    if field not in REVEALABLE:
        raise Refused("unknown_field", _("A field named here does not exist."))
    if len(reason.strip()) < 2:
        raise Refused("reason_needed", _("Say why you need to see it."), field="reason")
    with transaction.atomic():
        Reveal.objects.create(
            user_id=actor.pk,
            person=staff.person,
            office_id=staff.office_id,
            field=field,
            reason=reason.strip()[:200],
        )
        record(
            "reveal",
            actor=actor,
            subject="recruitment_staff",
            subject_id=staff.pk,
            reason=field,
            office_id=staff.office_id,
            census_id=staff.census_id,
        )
    return getattr(staff.person, field) or ""


def submit(staff: Staff, *, actor: Any) -> None:
    """Send a record to the county's review, again after it was returned."""
    SERVICE.advance_one(staff, "submit", actor=actor)
