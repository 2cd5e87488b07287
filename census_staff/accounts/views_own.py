"""One's own account: where to begin, browsers, tokens, password, census."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused
from census_staff.places.models import Office

from . import devices
from .forms import ChangePasswordForm, TokenForm, bindings_of
from .models import ApiToken, Posting
from .navigation import groups_for
from .service_record import ServiceRecord, records_of
from .services import passwords, second_factor, tokens
from .views_door import begin_again, network, take_password
from .web import actions_of


def home(request: HttpRequest) -> HttpResponse:
    """Lead to where the user works: the office, the phone pages, or a choice of both."""
    office, field = office_home(request), field_homes(request)
    if office and field:
        context = {"office_home": office, "field_homes": field}
        return render(request, "accounts/choice.html", context)
    if office:
        return redirect(office)
    if field:
        return redirect(field[0]["url"])
    return redirect("account")


def office_home(request: HttpRequest) -> str:
    """Return the first page of the menu that the user's postings open, if any."""
    actions = actions_of(request)
    groups = groups_for(may=actions, path="/", counts={}) if actions else []
    return groups[0].links[0].url if groups else ""


def field_homes(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the phone homes of the user's censuses, the newest live one first."""
    user: Any = request.user
    records = records_of(user.person_id) if user.person_id else []
    names = Census.objects.in_bulk([record.census_id for record in records])
    found = []
    for record in records:
        url = phone_home(record)
        if url:
            found.append({"url": url, "census": names[record.census_id], "record": record})
    return found


def phone_home(record: ServiceRecord) -> str:
    """Return the phone home of a record; nothing where that room is not installed."""
    try:
        return reverse("phone_home", kwargs={"census_code": record.census_code})
    except NoReverseMatch:
        return ""


def account(request: HttpRequest) -> HttpResponse:
    """Show one's own postings, records, browsers and tokens."""
    return _account(request, None)


def _account(request: HttpRequest, form: TokenForm | None) -> HttpResponse:
    user: Any = request.user
    records = records_of(user.person_id) if user.person_id else []
    bindings = bindings_of(user, list(Census.objects.filter(pk__in=_censuses(records))))
    censuses = Census.objects.in_bulk(_censuses(records))
    offices = Office.objects.in_bulk([record.office_id for record in records])
    context = {
        **frame(request),
        "owner": user,
        "postings": user.postings.filter(ended_at=None).select_related("office", "census"),
        "records": [
            {"census": censuses[one.census_id], "office": offices[one.office_id]} for one in records
        ],
        "browsers": user.sessions.order_by("-seen_at"),
        "this_key": request.session.session_key,
        "tokens": user.api_tokens.filter(revoked_at=None, session_epoch=user.session_epoch)
        .select_related("posting__office", "census")
        .order_by("-made_at"),
        "second": second_factor.is_asked(user) if actions_of(request) else None,
        "second_required": bool(actions_of(request)) and second_factor.is_required(user),
        "form": form or (TokenForm(bindings=bindings) if bindings else None),
    }
    return render(request, "accounts/account.html", context, status=422 if form else 200)


@sensitive_post_parameters("old", "password", "again")
def change_password(request: HttpRequest) -> HttpResponse:
    """Replace the password; every other browser and every token ends."""
    user: Any = request.user
    form = ChangePasswordForm(request.POST or None)
    form.network = network(request)
    if request.method == "POST" and form.is_valid() and take_password(form, user):
        begin_again(request, user)
        messages.success(request, _("Your password is changed. Other browsers must sign in again."))
        response = redirect("account")
        devices.remember(request, response, user)
        return response
    context = {"form": form, "policy": passwords.policy_of(user), **frame(request)}
    return render(request, "accounts/change_password.html", context)


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out every other browser of the user."""
    user: Any = request.user
    count, _kinds = user.sessions.exclude(session_key=request.session.session_key).delete()
    messages.success(request, _("Other browsers signed out: %(n)d.") % {"n": count})
    return redirect("account")


@sensitive_variables("text")
@require_POST
def add_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show its value this once."""
    user: Any = request.user
    records = records_of(user.person_id) if user.person_id else []
    own = list(Census.objects.filter(pk__in=_censuses(records)))
    form = TokenForm(request.POST, bindings=bindings_of(user, own))
    if not form.is_valid():
        return _account(request, form)
    given = form.cleaned_data
    kind, _sign, key = given["binding"].partition(":")
    posting = Posting.objects.get(pk=key) if kind == "posting" else None
    census = Census.objects.get(pk=key) if kind == "census" else None
    try:
        token, text = tokens.make_token(
            user, label=given["label"], days=given["days"], posting=posting, census=census
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return _account(request, form)
    # Shown in the answer itself and kept nowhere: not in the session, not in a message.
    context = {
        **frame(request),
        "made": token,
        "text": text,
    }
    return render(request, "accounts/token_made.html", context)


@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of the user's own tokens."""
    token = get_object_or_404(ApiToken, user=request.user, pk=pk)
    tokens.revoke(token, actor=request.user)
    messages.success(request, _("The token no longer works."))
    return redirect("account")


@require_POST
def switch_census(request: HttpRequest) -> HttpResponse:
    """Work in another census from now on."""
    key = request.POST.get("census", "")
    census = get_object_or_404(Census, pk=key if key.isdecimal() else 0)
    request.session["census"] = census.pk
    messages.success(request, _("You now work in %(census)s.") % {"census": census.name})
    return redirect("home")


def frame(request: HttpRequest) -> dict[str, str]:
    """Return the frame that these pages stand in: the office's, or the phone's."""
    if actions_of(request):
        return {"frame": "base_office.html", "box": "panel panel-body"}
    return {"frame": "base_phone.html", "box": "sheet"}


def _censuses(records: list[ServiceRecord]) -> list[int]:
    return [record.census_id for record in records]
