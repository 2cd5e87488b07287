"""The reader of the record."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from census_staff.accounts.models import User
from census_staff.accounts.web import office_page
from census_staff.lib.paging import page_of

from .models import Entry
from .words import spoken

FILTERS = ("subject", "event", "actor")


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
    page = page_of(
        rows, ["-pk"], before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    keys = {int(row.actor[5:]) for row in page.rows if row.actor.startswith("user:")}
    names = dict(User.objects.filter(pk__in=keys).values_list("pk", "login"))
    entries = [spoken(row, names) for row in page.rows]
    return render(
        request,
        "audit/list.html",
        {"entries": entries, "pager": page, "chosen": chosen, "is_filtered": any(chosen.values())},
    )
