"""The security administrator's pages of accounts: find, make, lock, print a slip."""

import io
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import Error, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from census_staff.lib.errors import Refused
from census_staff.lib.slips_pdf import Slip, write_slips

from .backends import find_account
from .forms import FindForm, LockForm, NewUserForm
from .models import Posting, User
from .services import create_office_user, grant, issue_codes, lock, second_factor, unlock
from .services.activation import VALID
from .services.locks import is_reached, office_users
from .views_postings import add_refusal
from .web import office_page

PAGE = 50


@office_page("user.lock")
def user_list(request: HttpRequest) -> HttpResponse:
    """Show the office accounts of the tree; field staff are found one by one."""
    rows = office_users(request.user)
    wanted = request.GET.get("q", "").strip()[:40]
    if wanted:
        rows = rows.filter(login__startswith=wanted.lower()) | rows.filter(
            display_name__startswith=wanted
        )
    after = request.GET.get("after", "")
    if after:
        rows = rows.filter(login__gt=after)
    found = list(rows.order_by("login")[: PAGE + 1])
    page = found[:PAGE]
    held = Posting.objects.filter(user__in=page, ended_at=None).select_related("office", "census")
    by_user: dict[int, list[Any]] = {}
    for posting in held:
        by_user.setdefault(posting.user_id, []).append(posting)
    context = {
        "users": [{"user": user, "postings": by_user.get(user.pk, [])} for user in page],
        "q": wanted,
        "find": FindForm(),
        "may_rule": second_factor.may_rule(request.user),
        "pager": {"after": page[-1].login if len(found) > PAGE else "", "total": None},
    }
    return render(request, "accounts/user_list.html", context)


@require_POST
@office_page("user.lock")
def user_find(request: HttpRequest) -> HttpResponse:
    """Lead to the account of a phone number or name (posted: a phone number is no address)."""
    form = FindForm(request.POST)
    user = find_account(form.cleaned_data["name"]) if form.is_valid() else None
    if user is None or not is_reached(user, actor=request.user):
        messages.error(request, _("No account of your offices has this number or name."))
        return redirect("user_list")
    return redirect("user_page", pk=user.pk)


@office_page("posting.manage")
def user_add(request: HttpRequest) -> HttpResponse:
    """Make an office account with its first posting; its slip is printed on its page."""
    form = NewUserForm(request.POST or None, actor=request.user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            with transaction.atomic():
                user = create_office_user(given["login"], given["display_name"], actor=request.user)
                grant(
                    user,
                    role=given["role"],
                    office=given["office"],
                    census=given["census"],
                    actor=request.user,
                )
        except (Refused, Error) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The account is made. Print its slip and hand it over."))
            return redirect("user_page", pk=user.pk)
    return render(request, "accounts/user_add.html", {"form": form})


@office_page("user.lock")
def user_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an account: its postings, whether it is open, and what can be done with it."""
    user = reached(request, pk)
    context = {
        "account": user,
        "postings": user.postings.select_related("office", "census").order_by("-started_at"),
        "is_own": user.pk == request.user.pk,
        "may_print": _is_office_account(user),
        "live_code": user.activation_codes.filter(
            used_at=None, voided_at=None, expires_at__gt=timezone.now()
        ).first(),
        "has_second": second_factor.is_asked(user),
        "browsers": user.sessions.filter(expire_date__gt=timezone.now()).count(),
    }
    return render(request, "accounts/user_page.html", context)


@office_page("user.lock")
def user_lock(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then lock the account everywhere at once."""
    user = reached(request, pk)
    form = LockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        lock(user, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(
            request, _("The account is locked. All its sessions and tokens have ended.")
        )
        return redirect("user_page", pk=pk)
    context = {
        "heading": _("Lock this account?"),
        "says": [
            _("Account %(login)s.") % {"login": user.login},
            _(
                "Every browser is signed out at once and every token ends. What the person may do in a census does not change."
            ),
        ],
        "form": form,
        "do": _("Lock the account"),
        "dont": _("Do not lock"),
        "back": reverse("user_page", kwargs={"pk": pk}),
        "is_danger": True,
    }
    return render(request, "confirm.html", context)


@require_POST
@office_page("user.lock")
def user_unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the account sign in again."""
    unlock(reached(request, pk), actor=request.user)
    messages.success(request, _("The account can sign in again."))
    return redirect("user_page", pk=pk)


@require_POST
@office_page("posting.manage")
def user_slip(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the slip with a new code for an office account; the older code is void."""
    user = reached(request, pk)
    if user.pk == request.user.pk:
        raise Refused("own_account", _("Somebody else must do this with your account."))
    if not _is_office_account(user):
        raise Refused("not_office", _("Slips of field staff are printed under Activation."))
    posting = user.postings.filter(ended_at=None).select_related("office", "census").first()
    at = timezone.now()
    slip = Slip(
        township=posting.office.name if posting else "",
        full_name=user.display_name or user.login,
        masked_phone=user.login,
        code=issue_codes([user], actor=request.user)[user.pk],
        expires_on=timezone.localdate(at + VALID),
        is_office=True,
    )
    out = io.BytesIO()
    title = posting.census.name if posting and posting.census else "普查队伍管理"
    write_slips(out, [slip], census=title, address=settings.SITE_URL, made_at=at)
    # Written straight to the answer: no file of it stays here.
    response = HttpResponse(out.getvalue(), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="slip-{user.login}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def reached(request: HttpRequest, pk: int) -> User:
    """Return the account within reach; out of reach is 404."""
    user = User.objects.filter(pk=pk).first()
    if user is None or not is_reached(user, actor=request.user):
        raise Http404
    return user


def _is_office_account(user: User) -> bool:
    return user.person_id is None or user.postings.filter(ended_at=None).exists()
