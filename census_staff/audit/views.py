"""The reader of the record."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from census_staff.accounts.models import User
from census_staff.accounts.web import office_page
from census_staff.lib.database import TooLong, within
from census_staff.lib.paging import Page, page_of

from .models import Entry
from .vocabulary import EVENTS, SUBJECTS
from .words import spoken

FILTERS = ("subject", "event", "actor")
# Seconds that a page may look for its entries.
LOOK = 2
# Where the subject of an entry is looked at.
PAGES = {
    "recruitment_staff": "staff_page",
    "credentials_card": "card_detail",
    "batches_batch": "batch_detail",
    "exams_exam": "exam_page",
    "training_course": "course_detail",
}


@office_page("audit.view")
def audit_list(request: HttpRequest) -> HttpResponse:
    """Show what happened within reach, newest first."""
    rows = Entry.objects.allowed(request.user, "audit.view").select_related("office", "census")
    chosen = {name: request.GET.get(name, "")[:60] for name in FILTERS}
    for name, value in chosen.items():
        if value:
            rows = rows.filter(**{name: value})
    if request.GET.get("id", "").isdigit():
        rows = rows.filter(subject_id=int(request.GET["id"][:18]))
    who = request.GET.get("who", "").strip()[:60]
    if who:
        known = User.objects.filter(Q(login=who) | Q(display_name=who)).values_list("pk", flat=True)
        rows = rows.filter(actor__in=[f"user:{pk}" for pk in known])
    before, after, is_long = request.GET.get("before", ""), request.GET.get("after", ""), False
    try:
        with within(LOOK):
            page = page_of(rows, ["-pk"], before=before, after=after)
    except TooLong:
        page, is_long = Page([], "", ""), True
    keys = {int(row.actor[5:]) for row in page.rows if row.actor.startswith("user:")}
    names = {
        pk: f"{name} ({login})" if name else login
        for pk, login, name in User.objects.filter(pk__in=keys).values_list(
            "pk", "login", "display_name"
        )
    }
    context = {
        "entries": [(spoken(row, names), _page_of(row)) for row in page.rows],
        "pager": page,
        "chosen": chosen,
        "who": who,
        "subjects": SUBJECTS.items(),
        "events": EVENTS.items(),
        "is_long": is_long,
        "is_filtered": any(chosen.values()) or who or request.GET.get("id"),
    }
    return render(request, "audit/list.html", context)


def _page_of(row: Entry) -> str:
    route = PAGES.get(row.subject)
    return reverse(route, args=[row.subject_id]) if route and row.subject_id else ""
