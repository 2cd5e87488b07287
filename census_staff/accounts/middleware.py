"""The door: language, who may pass, and refusals in words."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation

from census_staff.lib.database_errors import refusal
from census_staff.lib.errors import Refused

from .gate import field_record

Next = Callable[[HttpRequest], HttpResponse]
# Refusals that mean "not you" rather than "not so"; the others are conflicts.
FORBIDDEN = {
    "not_in_role",
    "not_allowed",
    "access_disabled",
    "not_activated",
    "csrf",
    "step_up",
    "first_steps",
}


VIEW_COOKIE = f"{settings.COOKIE_PREFIX}view"


class LanguageMiddleware:
    """Chinese in the usual view unless the reader chose otherwise; the browser is not asked."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            request.view = request.COOKIES.get(VIEW_COOKIE, "")  # type: ignore[attr-defined]
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response


def language_of(request: HttpRequest) -> str:
    """Return the language that the reader chose, or the usual one."""
    wished = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return wished if wished in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


class GateMiddleware:
    """Closed unless opened: a page is public only if it says so; a person's census decides."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # On a shared computer the back button must show nothing after signing out.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Let the request through, send it to sign in, or refuse it."""
        if getattr(view, "is_public", False) or request.path.startswith(("/api/", "/static/")):
            return None
        user: Any = request.user
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("sign_in"))
        if user.first_step() and not getattr(view, "is_first_step", False):
            return redirect(user.first_step())
        if request.session.get("second_due") and not getattr(view, "is_first_step", False):
            return redirect("second_factor")
        if "census_code" in kwargs:
            is_remedy = getattr(view, "is_remedy", False)
            try:
                request.record = field_record(user, kwargs["census_code"], is_remedy=is_remedy)  # type: ignore[attr-defined]
            except Refused as refused:
                # No view is running yet, so nobody else would put this into words.
                return answer(request, refused)
        return None


def public(view: Any) -> Any:
    """Mark a page that needs no account."""
    view.is_public = True
    return view


def first_step(view: Any) -> Any:
    """Mark a page that an account may see before its first steps are done."""
    view.is_first_step = True
    return view


class RefusalMiddleware:
    """Answer refusals with their sentence and code, from whatever depth they come."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page (or JSON) of a refusal; leave faults alone."""
        said = error if isinstance(error, Refused) else None
        if said is None and isinstance(error, Error):
            said = refusal(error)
        return None if said is None else answer(request, said)


def answer(request: HttpRequest, said: Refused) -> HttpResponse:
    """Return the page or the JSON of a refusal: 403 for "not you", 409 for "not so"."""
    status = 403 if said.code in FORBIDDEN else 409
    wants_json = "application/json" in request.headers.get("Accept", "")
    if wants_json or request.content_type == "application/json":
        return JsonResponse({"code": said.code, "sentence": str(said)}, status=status)
    match = request.resolver_match
    context = {
        "code": said.code,
        "sentence": str(said),
        "message": str(said),
        "record": getattr(request, "record", None),
        "census_code": match.kwargs.get("census_code") if match else None,
    }
    return render(request, f"{status}.html", context, status=status)
