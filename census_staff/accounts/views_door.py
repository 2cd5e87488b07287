"""The door: signing in, and the first steps of a new account."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused
from census_staff.places.models import Office

from . import devices
from .forms import ActivateForm, NameForm, NewPasswordForm, NoticeForm, SecondStepForm, SignInForm
from .middleware import first_step, public
from .models import User
from .notice import present_notice
from .service_record import records_of
from .services import activation, passwords, second_factor
from .services.sign_in import note_entry
from .services.sign_in import sign_in as let_in
from .sessions import note_come_in
from .standing import Standing, standing_of

BACKEND = settings.AUTHENTICATION_BACKENDS[0]
# How long the second step waits for its code.
HALF_OPEN = timedelta(minutes=5)


@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the door, or let somebody in."""
    if request.user.is_authenticated:
        return redirect("home")
    form = SignInForm(request.POST or None, initial={"next": request.GET.get("next", "")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        known_as = partial(devices.known_as, request)
        try:
            user, standing = let_in(
                given["name"], given["password"], network=network(request), known_as=known_as
            )
        except Refused as refused:
            form.add_error("password", str(refused))
            if refused.code == "crowded":
                return _busy(door(request, "sign_in", form=form, host=request.get_host()))
        else:
            wanted = safe_next(request, given["next"])
            if standing.is_asked_second:
                return ask_second(request, user, wanted)
            return let_through(request, user, standing, wanted)
    return door(request, "sign_in", form=form, host=request.get_host())


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session."""
    logout(request)
    return redirect("sign_in")


def forgotten(request: HttpRequest) -> HttpResponse:
    """Say how somebody without a password comes in again."""
    return door(request, "forgotten")


@sensitive_post_parameters("code")
@never_cache
def activate(request: HttpRequest) -> HttpResponse:
    """Take the code of a slip and begin the first steps."""
    form = ActivateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user = activation.open_account(given["name"], given["code"], network=network(request))
        except Refused as refused:
            form.add_error("code", str(refused))
        else:
            standing = standing_of(user)
            if standing.is_asked_second:
                return ask_second(request, user, "/")
            begin(request, user, standing)
            return redirect("home")
    return door(request, "activate", form=form)


@sensitive_post_parameters("code")
@never_cache
def second_step(request: HttpRequest) -> HttpResponse:
    """Take the code of the phone, or one from paper, from whoever knew the password just now."""
    half = request.session.get("half", {})
    user = User.objects.filter(pk=half.get("user"), session_epoch=half.get("epoch", -1)).first()
    if user is None or not user.is_active or half["until"] < timezone.now().timestamp():
        request.session.pop("half", None)
        return redirect("sign_in")
    form = SecondStepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            second_factor.check(user, form.cleaned_data["code"], network=network(request))
        except Refused as refused:
            form.add_error("code", str(refused))
        else:
            del request.session["half"]
            return let_through(request, user, standing_of(user), safe_next(request, half["next"]))
    return door(request, "second_step", form=form)


@first_step
@never_cache
def read_notice(request: HttpRequest) -> HttpResponse:
    """Show the collection notice until it is read."""
    user: Any = request.user
    notice = present_notice()
    form = NoticeForm(request.POST or None, initial={"version": notice.version})
    if request.method == "POST" and form.is_valid():
        activation.accept_notice(user, form.cleaned_data["version"])
        return redirect("home")
    return door(request, "notice", form=form, notice=notice, offices=offices_of(user), step=1)


@first_step
@never_cache
def confirm_name(request: HttpRequest) -> HttpResponse:
    """Ask who is there, once the notice is read."""
    user: Any = request.user
    if user.first_step() != "confirm_name":
        return redirect("home")
    form = NameForm(request.POST or None, needs_id=user.person_id is not None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            activation.confirm_name(
                user,
                full_name=given["full_name"],
                id_tail=given.get("id_tail", ""),
                network=network(request),
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("home")
    return door(request, "confirm_name", form=form, step=2)


@sensitive_post_parameters("password", "again")
@first_step
@never_cache
def set_password(request: HttpRequest) -> HttpResponse:
    """Take the first password, or the next one when the present has grown old."""
    user: Any = request.user
    if user.first_step() != "set_password":
        return redirect("home")
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and take_password(form, user):
        begin_again(request, user)
        response = redirect("home")
        devices.remember(request, response, user)
        return response
    return door(request, "set_password", form=form, policy=passwords.policy_of(user), step=3)


def ask_second(request: HttpRequest, user: User, wanted: str) -> HttpResponse:
    """Remember for a few minutes who stands at the door; nobody is signed in by this."""
    request.session.cycle_key()
    until = (timezone.now() + HALF_OPEN).timestamp()
    request.session["half"] = {
        "user": user.pk, "epoch": user.session_epoch, "until": until, "next": wanted,
    }  # fmt: skip
    return redirect("second_step")


def let_through(request: HttpRequest, user: User, standing: Standing, wanted: str) -> HttpResponse:
    """Sign the user in and lead to the page they asked for."""
    # One commit for all that signing in writes.
    with transaction.atomic():
        begin(request, user, standing)
        note_entry(user, standing)
    response = redirect(wanted)
    devices.remember(request, response, user)
    return response


def take_password(form: Any, user: User) -> bool:
    """Return whether the new password was taken; otherwise every fault stands at its field."""
    password = form.cleaned_data["password"]
    for fault in passwords.faults(user, password):
        form.add_error("password", str(fault))
    try:
        if not form.errors:
            if "old" in form.cleaned_data:
                old, where = form.cleaned_data["old"], form.network
                passwords.change_password(user, old=old, new=password, network=where)
            else:
                passwords.set_password(user, password)
    except Refused as refused:
        form.add_error(refused.field or "password", str(refused))
    return not form.errors


@transaction.atomic(savepoint=False)
def begin(request: HttpRequest, user: User, standing: Standing) -> None:
    """Sign the user in under a new session key, and note since when and where."""
    login(request, user, backend=BACKEND)
    _note_beginning(request, standing)
    # Stored here and not with the answer: both would be a commit of their own.
    request.session.save()
    note_come_in(user.pk)


def begin_again(request: HttpRequest, user: User) -> None:
    """Start this browser's time anew, under a new key and the account's present password."""
    update_session_auth_hash(request, user)
    _note_beginning(request, standing_of(user))


def _note_beginning(request: HttpRequest, standing: Standing) -> None:
    request.session["place"] = "office" if standing.is_office else "field"
    # Asked once, here: the gate then sends to this step without a question to the database.
    request.session["second_due"] = standing.owes_second
    request.session["started"] = timezone.now().isoformat()
    request.session["device"] = devices.label(request)


def _busy(page: HttpResponse) -> HttpResponse:
    page.status_code = 503
    page.headers["Retry-After"] = "30"
    return page


def network(request: HttpRequest) -> str:
    """Return the network that the request's wrong tries are counted under."""
    return devices.network_of(devices.client_address(request))


def safe_next(request: HttpRequest, wanted: str) -> str:
    """Return where to go after the door: a page of ours, whatever the address said."""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith("/") else "/"


def offices_of(user: User) -> list[Office]:
    """Return the offices that answer for this account's data."""
    keys = {record.office_id for record in (records_of(user.person_id) if user.person_id else [])}
    keys |= set(user.postings.filter(ended_at=None).values_list("office", flat=True))
    return list(Office.objects.filter(pk__in=keys).order_by("path"))


def door(request: HttpRequest, page: str, **more: Any) -> HttpResponse:
    """Return a page in the frame of the door: the newest live census, the city's telephone."""
    if request.user.is_authenticated:
        office = None
    else:
        office = Office.objects.exclude(phone="").order_by("level", "path").first()
    census = Census.objects.filter(stage="live").order_by("deadline_at").last()
    context = {"census": census, "office": office, **more}
    return render(request, f"accounts/{page}.html", context)


sign_in, forgotten, activate = public(sign_in), public(forgotten), public(activate)
second_step = public(second_step)
sign_out = first_step(sign_out)
