"""The exam on the phone. The paper itself comes through the API, tap by tap."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from census_staff.accounts.gate import remedy

from . import telling
from .models import Attempt
from .papers import Blueprint
from .services.sit import start


@remedy
@require_GET
def phone_exam(request: HttpRequest, census_code: str) -> HttpResponse:
    """Show the paper of the open attempt, or what is to know before one is started."""
    now = timezone.now()
    told = telling.situation(request.record, now=now)  # type: ignore[attr-defined]
    if told["attempt"] is None:
        asked = Blueprint.from_json(told["exam"].blueprint).questions if told["exam"] else 0
        context = told | {"census_code": census_code, "questions": asked}
        return render(request, "exams/phone_before.html", context)
    attempt = told["attempt"]
    desk = {
        "attempt": attempt.pk,
        "page_url": reverse("phone_exam_page", args=[census_code]),
        "save_url": reverse("phone_exam_save", args=[census_code]),
        "submit_url": reverse("phone_exam_submit", args=[census_code]),
        "result_url": reverse("phone_exam_result", args=[census_code, attempt.pk]),
        "words": words(),
    }
    context = {"attempt": attempt, "desk": desk, "census_code": census_code}
    return render(request, "exams/phone_exam.html", context)


@remedy
@require_POST
def phone_exam_start(request: HttpRequest, census_code: str) -> HttpResponse:
    """Start an attempt and show its paper."""
    record: Any = request.record  # type: ignore[attr-defined]
    if telling.sitting(record, now=timezone.now()) is None:
        start(record, actor=request.user, now=timezone.now())
    return redirect("phone_exam", census_code)


@remedy
@require_GET
def phone_exam_result(request: HttpRequest, census_code: str, attempt: int) -> HttpResponse:
    """Show the result of one's own attempt."""
    record: Any = request.record  # type: ignore[attr-defined]
    rows = Attempt.objects.of_record(record).select_related("exam", "void", "census")
    found = rows.filter(pk=attempt).first()
    if found is None:
        raise Http404
    if found.state == "open":
        return redirect("phone_exam", census_code)
    now = timezone.now()
    context = {
        "census_code": census_code,
        "attempt": found,
        "result": telling.result(found, now=now),
        "situation": telling.situation(record, now=now),
    }
    return render(request, "exams/phone_result.html", context)


def words() -> dict[str, str]:
    """Return what the page's script says, in the reader's language."""
    return {
        "saving": _("Saving …"),
        "saved": _("All saved"),
        "saved_at": _("All saved %(time)s"),
        "kept": _("Kept on this phone: %(n)s"),
        "offline": _("The network is down; you can go on answering."),
        "offline_more": _(
            "Answers are kept on this phone and sent by themselves when the network is back."
        ),
        "memory": _("This phone keeps nothing for pages."),
        "memory_more": _("Leave this page open until everything is saved."),
        "grace": _("Time is over."),
        "grace_more": _(
            "Answers given in time are accepted for another %(n)s seconds. The paper is handed in by itself."
        ),
        "refused": _("%(n)s answers came too late and stay on this phone only."),
        "elsewhere": _("This exam was opened on another page or phone."),
        "elsewhere_more": _("What is answered there counts. Load this page again to go on here."),
        "signed_out": _("You are signed out."),
        "signed_out_more": _("Your answers are on this phone. Sign in again, then open the exam."),
        "stuck": _("The paper cannot be loaded."),
        "stuck_more": _("Check the network. It is tried again by itself."),
        "question": _("Question %(n)s"),
        "question_of": _("Question %(n)s of %(all)s"),
        "points": _("%(n)s points"),
        "answered": _("Answered %(n)s"),
        "blank": _("Not answered %(n)s"),
        "flagged": _("Marked %(n)s"),
        "is_answered": _("answered"),
        "is_blank": _("not answered"),
        "is_flagged": _("marked"),
        "flag": _("Mark"),
        "unflag": _("Take the mark off"),
        "back_to": _("Back to question %(n)s"),
        "left_blank": _("%(n)s questions are not answered yet."),
        "none_blank": _("Every question is answered."),
        "unsent": _("%(n)s answers are not saved yet. Hand in when the network is back."),
        "handing_in": _("Handing in …"),
    }
