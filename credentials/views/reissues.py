"""Applications for new editions: made by any office of the holder, decided by the issuer alone."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from census_staff.accounts.web import office_page, present_census, reachable
from census_staff.lib.errors import Refused
from census_staff.lib.paging import page_of

from .. import reissue
from ..forms import RefusalForm
from ..models import Reissue
from ..states import Harm

ROWS = Reissue.objects.select_related(
    "card__person", "card__staff__office", "card__issuer", "applied_by", "decided_by", "made_card"
)


@office_page("card.view")
def reissue_list(request: HttpRequest) -> HttpResponse:
    """Show the applications within reach, those that wait first."""
    census = present_census(request)
    rows = ROWS.allowed(request.user, "card.view").filter(card__census=census)
    wanted = request.GET.get("state", "open")
    rows = rows.filter(decided_at=None) if wanted == "open" else rows.exclude(decided_at=None)
    page = page_of(
        rows, ["-pk"], before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    lines = [
        {
            "one": one,
            "reason": Harm(one.reason).label,
            "may_decide": reissue.decides(one, request.user)  # type: ignore[arg-type]
            and one.applied_by_id != request.user.pk,
        }
        for one in page.rows
    ]
    context = {"pager": page, "lines": lines, "wanted": wanted}
    return render(request, "credentials/reissues.html", context)


@require_POST
@office_page("card.reissue_approve")
def reissue_decide(request: HttpRequest, pk: int, answer: str) -> HttpResponse:
    """Approve or refuse an application."""
    wish: Reissue = reachable(ROWS, request, "card.view", pk=pk)
    try:
        if answer == "approve":
            made = reissue.approve(wish, actor=request.user)
            messages.success(request, _("Approved. The new edition is numbered; print it next."))
            return redirect("card_detail", made.pk)
        if answer != "refuse":
            raise Http404
        form = RefusalForm(request.POST)
        if form.is_valid():
            reissue.refuse(wish, actor=request.user, sentence=form.cleaned_data["sentence"])
            messages.success(request, _("The application is refused."))
        else:
            messages.error(request, _("Say why it is refused."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("reissue_list")
