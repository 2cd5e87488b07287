"""Appeals in the office: what the disabled say, and an answer by a person."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from census_staff.accounts.web import office_page, present_census, reachable
from census_staff.lib.errors import Refused
from census_staff.lib.paging import page_of
from recruitment import appeals, remedy
from recruitment.models import Appeal
from recruitment.phone_forms import AnswerForm


@office_page("access.switch")
@require_GET
@never_cache
def appeal_list(request: HttpRequest) -> HttpResponse:
    """Show the appeals within reach: those without an answer, the oldest first, or the others."""
    rows = Appeal.objects.allowed(_user(request), "access.switch")
    rows = rows.filter(staff__census=present_census(request))
    is_answered = request.GET.get("answered") == "1"
    rows = rows.filter(answered_at__isnull=not is_answered)
    page = page_of(
        rows.select_related("staff__person", "staff__office"),
        ["-pk" if is_answered else "pk"],
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
    )
    context = {"page": page, "pager": page, "is_answered": is_answered}
    return render(request, "recruitment/appeal_list.html", context)


@office_page("access.switch")
@require_http_methods(["GET", "POST"])
@never_cache
def appeal_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one appeal beside the order it is about, and take the answer."""
    rows = Appeal.objects.select_related("staff__person", "staff__office", "answered_by")
    appeal = reachable(rows, request, "access.switch", pk=pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            appeals.answer_appeal(appeal, form.cleaned_data["answer"], actor=request.user)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("The answer is on the person's phone."))
            return redirect("appeal_list")
    order = remedy.order_of(appeal.staff)
    context = {
        "appeal": appeal,
        "staff": appeal.staff,
        "order": order,
        "reason": remedy.REASONS[order.reason] if order else "",
        "form": form,
    }
    return render(request, "recruitment/appeal_page.html", context)


def _user(request: HttpRequest) -> Any:
    """Return who asks; the gate lets only people with an account come this far."""
    return request.user
