"""The public page: no account, no cookie, no script; valid only if the database says so."""

import base64
import logging
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from census_staff.accounts.devices import client_address
from census_staff.accounts.middleware import public
from census_staff.lib.errors import Refused

from . import public_mold
from .faces import host
from .public_forms import LookupForm
from .public_words import NEVER, SAID, TYPED_UNKNOWN
from .states import Showing
from .verification import UNCACHED, Verdict, verify_number, verify_token

log = logging.getLogger(__name__)

UNKNOWN = (Showing.UNKNOWN, Showing.UNREADABLE)


def _closed(response: HttpResponse) -> HttpResponse:
    for name, value in UNCACHED.items():
        response.headers[name] = value
    # Tokens that people try stay out of the log of refused pages.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _drawn(request: Any, template: str, **context: Any) -> str:
    # Without the request the context processors stay silent: no session, no user, no cookie.
    context |= {"request": request, "never": NEVER, "host": host().lower()}
    context["is_governmental"] = settings.SITE_URL.endswith(".gov.cn")
    return render_to_string(template, context)


def _page(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    return _closed(HttpResponse(_drawn(request, template, **context), status=status))


def _verdict_page(request: HttpRequest, verdict: Verdict, **more: Any) -> HttpResponse:
    status = 404 if verdict.showing in UNKNOWN else 200
    photo = base64.b64encode(verdict.photo).decode()
    context = {"verdict": verdict, "said": SAID[verdict.showing], "photo": photo, **more}
    if more.get("is_typed") and verdict.showing == Showing.UNKNOWN:
        context["said"] = TYPED_UNKNOWN
    if verdict.showing in UNKNOWN:
        context.setdefault("form", LookupForm())
    return _page(request, "credentials/public.html", status, **context)


def _cannot_say(request: HttpRequest, error: Error) -> HttpResponse:
    log.error("The database could not be asked about a card: %s", type(error).__name__)
    response = _page(request, "credentials/public_unsure.html", 503)
    response.headers["Retry-After"] = "30"
    return response


def draw_scan(verdict: Verdict, photo: str, nonce: str) -> str:
    """Return the page of a scan."""
    context = {"verdict": verdict, "said": SAID[verdict.showing], "photo": photo}
    form = {"form": LookupForm()} if verdict.showing in UNKNOWN else {}
    request = SimpleNamespace(csp_nonce=nonce)
    return _drawn(request, "credentials/public.html", **context, **form)


@public
@require_safe
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """Say what the scanned code stands for."""
    try:
        verdict = verify_token(token)
    except Error as error:
        return _cannot_say(request, error)
    page = public_mold.page(
        verdict,
        base64.b64encode(verdict.photo).decode(),
        str(request.csp_nonce),  # type: ignore[attr-defined]
        language=get_language() or "",
        host=host(),
        draw=draw_scan,
    )
    return _closed(HttpResponse(page, status=404 if verdict.showing in UNKNOWN else 200))


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """Look for a card by number and full name: in the body, so that no log keeps them."""
    form = LookupForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return _page(request, "credentials/public_lookup.html", status, form=form)
    asked = form.cleaned_data
    try:
        verdict = verify_number(
            asked["number"], asked["full_name"], network=client_address(request)
        )
    except Refused as refused:
        return _page(
            request, "credentials/public_lookup.html", 429, form=form, sentence=str(refused)
        )
    except Error as error:
        return _cannot_say(request, error)
    return _verdict_page(request, verdict, is_typed=True, form=form)
