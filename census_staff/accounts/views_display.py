"""Two choices about how pages look, kept in cookies and set by the server."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from .middleware import VIEW_COOKIE

YEAR = 365 * 24 * 3600


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Return to the page with its words in the language asked for."""
    response = HttpResponseRedirect(_back(request))
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES) and check_for_language(wanted):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, wanted)
    return response


@require_POST
def set_view(request: HttpRequest) -> HttpResponse:
    """Return to the page in large text and strong contrast, or back in the usual look."""
    response = HttpResponseRedirect(_back(request))
    if request.POST.get("view") == "clear":
        _keep(response, VIEW_COOKIE, "clear")
    else:
        response.delete_cookie(VIEW_COOKIE, samesite="Lax")
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    secure = settings.COOKIES_ARE_SECURE
    response.set_cookie(name, value, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith("/") else "/"
