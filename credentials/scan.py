"""The short way to the page of a scan: past sessions, accounts and messages, which it never needs."""

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve

from census_staff.accounts.middleware import LanguageMiddleware

from .public_views import verify

Next = Callable[[HttpRequest], HttpResponse]
DOOR = "/v/"


class ScanMiddleware:
    """Answers scans itself and passes everything else on.

    It stands behind what guards and logs every answer, and in front of what knows somebody.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.scan = LanguageMiddleware(_verify)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if request.method in ("GET", "HEAD") and path.startswith(DOOR) and path != DOOR:
            # Refuses names that are not ours, as the middleware behind us would.
            request.get_host()
            request.resolver_match = _match()
            return self.scan(request)
        return self.get_response(request)


def _verify(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = verify(request, request.path_info.removeprefix(DOOR))
    # As CommonMiddleware does: without it the page is sent in pieces.
    response.headers["Content-Length"] = str(len(response.content))
    return response


@cache
def _match() -> ResolverMatch:
    """Return what the address book says about scans: the log names its route."""
    return resolve(f"{DOOR}-")
