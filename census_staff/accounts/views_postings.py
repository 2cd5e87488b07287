"""The security administrator's pages of postings."""

from typing import Any

from django.contrib import messages
from django.db import Error
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from census_staff.lib.database_errors import refusal
from census_staff.lib.errors import Refused

from .forms import PostingForm, SuccessorForm
from .models import Posting, User
from .roles import Role
from .services.postings import end_posting, grant, hand_over
from .web import office_page, reachable

PAGE = 50


@office_page("posting.view")
def posting_list(request: HttpRequest) -> HttpResponse:
    """Show who holds which role where, or who held it."""
    user: Any = request.user
    rows = Posting.objects.allowed(user, "posting.view").select_related(
        "user", "user__person", "office", "census"
    )
    role = request.GET.get("role", "")
    shown = "ended" if request.GET.get("shown") == "ended" else "held"
    rows = rows.filter(ended_at__isnull=shown == "held")
    if role in Role.values:
        rows = rows.filter(role=role)
    after = request.GET.get("after", "")
    if after.isdecimal():
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.order_by("-pk")[: PAGE + 1])
    page = found[:PAGE]
    context = {
        "postings": page,
        "roles": Role.choices,
        "role": role,
        "shown": shown,
        "coordinator": Role.COORDINATOR,
        "pager": {"after": page[-1].pk if len(found) > PAGE else "", "total": None},
    }
    return render(request, "accounts/posting_list.html", context)


@office_page("posting.manage")
def posting_grant(request: HttpRequest) -> HttpResponse:
    """Entrust a role to an account that exists."""
    form = PostingForm(
        request.POST or None, actor=request.user, initial={"login": request.GET.get("login", "")}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            posting = grant(
                account_named(given["login"]),
                role=given["role"],
                office=given["office"],
                census=given["census"],
                actor=request.user,
            )
        except (Refused, Error) as error:
            add_refusal(form, error)
        else:
            said = _("%(login)s is now %(role)s of %(office)s.") % {
                "login": posting.user.login,
                "role": posting.get_role_display(),
                "office": posting.office.name,
            }
            messages.success(request, said)
            return redirect("posting_list")
    return render(request, "accounts/posting_grant.html", {"form": form})


@office_page("posting.manage")
def posting_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then end a posting."""
    posting = reachable(Posting.objects.all(), request, "posting.manage", pk=pk)
    if request.method == "POST":
        end_posting(posting, actor=request.user)
        messages.success(request, _("The posting has ended."))
        return redirect("posting_list")
    return _ask(
        request,
        heading=_("End this posting?"),
        says=[
            _said(posting),
            _("The account keeps its other postings. Tokens bound to this posting stop working."),
        ],
        do=_("End the posting"),
        dont=_("Keep it"),
        is_danger=True,
    )


@office_page("posting.manage")
def posting_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a post to a successor: one ends and the other starts in the same moment."""
    posting = reachable(Posting.objects.all(), request, "posting.manage", pk=pk)
    form = SuccessorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            successor = account_named(form.cleaned_data["login"])
            hand_over(posting, successor=successor, actor=request.user)
        except (Refused, Error) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The post is handed over."))
            return redirect("posting_list")
    return _ask(
        request,
        heading=_("Hand the post over"),
        says=[
            _said(posting),
            _("The present holder's posting ends and the successor's starts at once."),
        ],
        do=_("Hand over"),
        dont=_("Leave it as it is"),
        form=form,
    )


def add_refusal(form: Form, error: Refused | Error) -> None:
    """Say at the form why it was refused, by a service or by the database; faults go on up."""
    said = refusal(error) if isinstance(error, Error) else error
    if said is None:
        raise error
    form.add_error(said.field if said.field in form.fields else None, str(said))


def account_named(login: str) -> User:
    """Return the account of this name, or refuse."""
    user = User.objects.filter(login=login.strip().lower()).first()
    if user is None:
        raise Refused("no_account", _("There is no account of this name."), field="login")
    return user


def _said(posting: Any) -> str:
    return _("%(login)s, %(role)s, %(office)s.") % {
        "login": posting.user.login,
        "role": posting.get_role_display(),
        "office": posting.office.name,
    }


def _ask(request: HttpRequest, **context: Any) -> HttpResponse:
    return render(request, "confirm.html", {"back": reverse("posting_list"), **context})
