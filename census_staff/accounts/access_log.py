"""One line for each request: what was asked for in the words of the address book, and by whom.

A line holds the route and never the address, so that neither what somebody searched for nor the
token of a card stands in a log; people are keys, and networks are keyed digests.
"""

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from census_staff.lib.crypto import digest

from .devices import client_address, network_of

Next = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("census.access")


class AccessLogMiddleware:
    """Writes the line when the answer is ready."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        if log.isEnabledFor(logging.INFO):
            log.info("%s", json.dumps(line_of(request, response, time.perf_counter() - began)))
        return response


def line_of(request: HttpRequest, response: HttpResponse, took: float) -> dict[str, Any]:
    """Return what the log keeps of a request."""
    match = request.resolver_match
    user: Any = getattr(request, "_cached_user", None)
    # A token's user is known to the API's view alone, which leaves it on the request.
    user = user or request.__dict__.get("user")
    return {
        "at": timezone.now().isoformat(timespec="milliseconds"),
        "method": request.method,
        "route": match.route if match else "-",
        "status": response.status_code,
        "ms": round(took * 1000, 1),
        "user": getattr(user, "pk", None) if user is not None else None,
        "network": digest("network", network_of(client_address(request))).hex()[:12],
    }
