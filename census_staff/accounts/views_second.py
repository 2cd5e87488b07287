"""Two-step sign-in: setting it up, its codes on paper, who must have it, and a lost phone."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from census_staff.lib import qr
from census_staff.lib.errors import Refused

from . import devices
from .forms import RequiredRolesForm, SecondStepForm
from .middleware import first_step
from .services import second_factor as service
from .views_door import begin_again, network
from .views_own import frame
from .views_users import reached
from .web import office_page


@sensitive_post_parameters("code")
@sensitive_variables("codes", "enrolment")
@first_step
@never_cache
def second_factor(request: HttpRequest) -> HttpResponse:
    """Show the code that the phone scans until a code of the phone proves that it did."""
    user: Any = request.user
    if user.first_step() or service.is_asked(user):
        return redirect("account" if service.is_asked(user) else "home")
    enrolment = service.prepare(user)
    form = SecondStepForm(request.POST or None)
    form.fields["code"].help_text = _("Six digits that the phone shows now.")
    if request.method == "POST" and form.is_valid():
        try:
            codes = service.confirm(user, form.cleaned_data["code"], network=network(request))
        except Refused as refused:
            form.add_error("code", str(refused))
        else:
            begin_again(request, user)
            response = _codes(request, codes)
            devices.remember(request, response, user)
            return response
    rows = qr.matrix(enrolment.address)
    context = {
        **frame(request),
        "form": form,
        "secret": enrolment.secret,
        "outline": qr.outline(rows),
        "side": qr.side(rows),
        "is_due": request.session.get("second_due"),
    }
    return render(request, "accounts/second_factor.html", context)


@sensitive_post_parameters("code")
@sensitive_variables("codes")
@never_cache
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ask for a code, then show fresh recovery codes this once."""
    user: Any = request.user
    if not service.is_asked(user):
        return redirect("second_factor")
    form = SecondStepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            where = network(request)
            codes = service.renew_recovery_codes(user, form.cleaned_data["code"], network=where)
        except Refused as refused:
            form.add_error("code", str(refused))
        else:
            return _codes(request, codes)
    said = _("The ten codes you have on paper stop working; ten new ones are shown once.")
    return _ask(request, form, _("New recovery codes"), said, _("Make new codes"))


@sensitive_post_parameters("code")
@never_cache
def second_off(request: HttpRequest) -> HttpResponse:
    """Ask for a code, then let the account sign in with its password alone."""
    user: Any = request.user
    if not service.is_asked(user):
        return redirect("account")
    form = SecondStepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service.turn_off(user, form.cleaned_data["code"], network=network(request))
        except Refused as refused:
            form.add_error("code", str(refused))
        else:
            messages.success(request, _("Two-step sign-in is off."))
            return redirect("account")
    said = _("From then on the password alone opens this account.")
    heading, do = _("Turn off two-step sign-in?"), _("Turn it off")
    return _ask(request, form, heading, said, do, is_danger=True)


@office_page("posting.manage")
def second_rules(request: HttpRequest) -> HttpResponse:
    """Let the city's security administrator say which roles need two-step sign-in."""
    user: Any = request.user
    if not service.may_rule(user):
        raise Refused("not_allowed", _("The city's security administrator decides this."))
    form = RequiredRolesForm(request.POST or None, initial={"roles": service.required_roles()})
    if request.method == "POST" and form.is_valid():
        service.require_of(form.cleaned_data["roles"], actor=user)
        messages.success(request, _("From the next sign-in on these roles need two steps."))
        return redirect("user_list")
    context = {
        "heading": _("Who needs two-step sign-in"),
        "says": [_("Holders set it up at their next sign-in. Field staff are never asked.")],
        "form": form,
        "do": _("Save"),
        "dont": _("Leave it as it is"),
        "back": reverse("user_list"),
    }
    return render(request, "confirm.html", context)


@office_page("user.lock")
def user_second_reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then forget the lost phone of an account."""
    user = reached(request, pk)
    if request.method == "POST":
        service.reset(user, actor=request.user)
        messages.success(request, _("The phone and its codes no longer count for this account."))
        return redirect("user_page", pk=pk)
    context = {
        "heading": _("Reset two-step sign-in?"),
        "says": [
            _("Account %(login)s.") % {"login": user.login},
            _(
                "Make sure in person that this is the holder. The phone and all recovery codes stop"
                " counting, and every browser and token ends; the password alone then opens the"
                " account until a new phone is set up."
            ),
        ],
        "do": _("Reset it"),
        "dont": _("Leave it as it is"),
        "back": reverse("user_page", kwargs={"pk": pk}),
        "is_danger": True,
    }
    return render(request, "confirm.html", context)


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    # Shown in the answer itself and kept nowhere: the database has digests.
    halves = [f"{code[:5]}-{code[5:]}" for code in codes]
    return render(request, "accounts/recovery_codes.html", {**frame(request), "codes": halves})


def _ask(
    request: HttpRequest, form: Any, heading: str, said: str, do: str, *, is_danger: bool = False
) -> HttpResponse:
    context = {
        "heading": heading,
        "says": [said],
        "form": form,
        "do": do,
        "dont": _("Leave it as it is"),
        "back": reverse("account"),
        "is_danger": is_danger,
    }
    return render(request, "confirm.html", context)
