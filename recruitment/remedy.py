"""What a disabled person is told: why, since when, by which rule, and what opens access again."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from census_staff.correspondence.models import Notice
from census_staff.lib import wording
from census_staff.places.models import Office, OfficeLevel

from .checklist import Now
from .models import AccessOrder, Appeal, Staff
from .standards import STANDARDS

Reason = AccessOrder.Reason

HEADINGS: dict[str, str | Promise] = {
    Reason.RUN: gettext_lazy("You missed a requirement, and your access is disabled"),
    Reason.LEFT: gettext_lazy("You have left this census, and your access is closed"),
    Reason.UNFIT: gettext_lazy("Your office disabled your access: not suited to the work"),
    Reason.IRREGULAR: gettext_lazy("Your office disabled your access: irregular work"),
    Reason.UNTRAINED: gettext_lazy("Your office disabled your access: training is missing"),
    Reason.VIOLATION: gettext_lazy("Your office disabled your access: a rule was broken"),
    Reason.OTHER: gettext_lazy("Your office disabled your access"),
}
REASONS: dict[str, str | Promise] = {
    Reason.RUN: gettext_lazy("Scheduled disabling of those who missed a requirement"),
    Reason.LEFT: gettext_lazy("Left the census"),
    Reason.UNFIT: gettext_lazy("Not suited to the work"),
    Reason.IRREGULAR: gettext_lazy("Irregular work"),
    Reason.UNTRAINED: gettext_lazy("Training is missing"),
    Reason.VIOLATION: gettext_lazy("A rule was broken"),
    Reason.OTHER: gettext_lazy("Another reason"),
}
# What mends a standard, and where: the exam twice, because sitting it is a standard of its own.
PAGES = {
    "trained": "phone_courses",
    "sat_online": "phone_exam",
    "passed": "phone_exam",
    "pledged": "phone_pledge",
}
ICONS = {"trained": "train", "sat_online": "exam", "passed": "exam", "pledged": "pledge"}


def order_of(staff: Staff) -> AccessOrder | None:
    """Return the order under which this person's access is shut."""
    rows = AccessOrder.objects.filter(staff=staff, kind=AccessOrder.Kind.DISABLE, ended_at=None)
    return rows.order_by("-pk").first()


def heading(order: AccessOrder | None) -> str | Promise:
    """Return in one sentence what happened."""
    if order is None:
        return HEADINGS[Reason.OTHER]
    if order.reason == Reason.RUN and order.standards == ["sat_online"]:
        return _("You did not take the online exam, and your access is disabled")
    return HEADINGS[order.reason]


def facts(now: Now, order: AccessOrder | None) -> list[dict[str, str]]:
    """Return why, by which rule, by whom and when, and what was said before."""
    staff, found = now.staff, []
    if order is not None:
        found += _why(order)
        found.append({"term": pgettext("access", "Rule"), "value": _rule(staff, order)})
        found.append({"term": _("Done by"), "value": _by_whom(staff, order)})
        if told := _warned(staff, order):
            found.append({"term": _("Warned on"), "value": told})
    if now.is_carded:
        found.append({"term": _("Card"), "value": _("Its QR code now says “suspended”")})
    return found


def steps(now: Now, order: AccessOrder | None) -> list[dict[str, Any]]:
    """Return what opens access again, in order; the first that is not done can be done now."""
    if order is None or order.reason == Reason.LEFT:
        return []
    wanted = set(order.standards)
    by_run = order.reason == Reason.RUN
    # Whoever the run shut out comes back by passing, not by merely sitting.
    wanted |= {"passed"} if by_run else set()
    if "passed" in wanted:
        wanted.discard("sat_online")
    codes = [code for code in ("trained", "sat_online", "passed", "pledged") if code in wanted]
    first = next((code for code in codes if not now.met(code)), "")
    found = [
        {
            # The sentence stands on a button here.
            "name": str(STANDARDS[code].remedy).rstrip("。."),
            "icon": ICONS[code],
            "note": _note(code, now),
            "state": "done" if now.met(code) else "now" if code == first else "",
            "url": now.link(_page(code, now)),
        }
        for code in codes
    ]
    last = (
        _("The system opens your access within a minute")
        if by_run
        else _("Your county checks and opens your access")
    )
    note = "" if by_run else county_of(staff_office(now)).short_name
    found.append({"name": last, "icon": "review", "note": note, "state": "" if first else "now"})
    return found


def open_appeal(staff: Staff) -> Appeal | None:
    """Return the newest appeal of this person."""
    return Appeal.objects.filter(staff=staff).order_by("-pk").first()


def staff_office(now: Now) -> Office:
    """Return the office the person belongs to."""
    return now.staff.office


def county_of(office: Office) -> Office:
    """Return the county's office that this office is, or belongs to."""
    above: Office | None = office
    while above is not None and above.level > OfficeLevel.COUNTY:
        above = above.parent
    return above or office


def _why(order: AccessOrder) -> list[dict[str, str]]:
    lacking = "、".join(str(STANDARDS[code].label) for code in order.standards if code in STANDARDS)
    if order.reason == Reason.RUN:
        said = _("When the list was carried out, this was missing: %(what)s") % {"what": lacking}
        return [{"term": _("Reason"), "value": said}]
    found = [{"term": _("Reason"), "value": str(REASONS[order.reason])}]
    if order.sentence:
        found.append({"term": pgettext("access", "In the office's words"), "value": order.sentence})
    if lacking:
        found.append({"term": pgettext("access", "To be met"), "value": lacking})
    return found


def _rule(staff: Staff, order: AccessOrder) -> str:
    census = staff.census
    if order.reason == Reason.RUN:
        # What no source states is the office's own setting, and said to be so.
        return str(census.sources.get("execute_at") or _("Set by this office"))
    return census.legal_basis


def _by_whom(staff: Staff, order: AccessOrder) -> str:
    if order.reason == Reason.RUN:
        return _("%(at)s, in bulk") % {"at": wording.moment(order.made_at)}
    office = county_of(staff.office).short_name
    return _("%(office)s, %(at)s") % {"office": office, "at": wording.moment(order.made_at)}


def _warned(staff: Staff, order: AccessOrder) -> str:
    rows = Notice.objects.filter(
        person=staff.person_id,
        census=staff.census_id,
        kind__in=("run_warning", "access_reminded"),
        sent_at__lte=order.made_at,
    )
    days = [wording.day(at) for at in rows.order_by("sent_at").values_list("sent_at", flat=True)]
    return "、".join(dict.fromkeys(days))


def _note(code: str, now: Now) -> str:
    if code == "trained":
        done, total = now.units
        return (
            ""
            if now.met(code)
            else _("%(done)s / %(total)s units") % {"done": done, "total": total}
        )
    if code in ("passed", "sat_online") and not now.met(code) and now.exam:
        if now.left < 1 and not now.is_sitting:
            return _("No attempts left: study the retraining first")
        return _("%(mark)s points to pass, %(left)s attempts left") % {
            "mark": now.exam.pass_mark,
            "left": now.left,
        }
    return ""


def _page(code: str, now: Now) -> str:
    used_up = now.exam is not None and now.left < 1 and not now.is_sitting
    return "phone_courses" if PAGES[code] == "phone_exam" and used_up else PAGES[code]
