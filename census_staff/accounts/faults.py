"""The page of what went wrong on our side: with a reason where the servers behind us are away."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from census_staff.lib.room import is_out_of_room

# Seconds after which it is worth asking again.
AGAIN = "30"
UNAVAILABLE: dict[str, str | Promise] = {
    "unavailable": _("The system cannot answer at this moment. Please try again in a minute."),
    "no_room": _(
        "The server's disk is full and nothing more can be stored. Please tell the system"
        " administrator and try again later."
    ),
}


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 503 and why where the database is away or a disk is full, else 500."""
    code = _why(sys.exc_info()[1])
    # Without the request: its session and its user would ask the database again.
    if code is None:
        return HttpResponseServerError(render_to_string("500.html"))
    sentence = str(UNAVAILABLE[code])
    wants_json = "application/json" in request.headers.get("Accept", "")
    if wants_json or request.content_type == "application/json" or request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse({"code": code, "sentence": sentence}, status=503)
    else:
        page = render_to_string("503.html", {"code": code, "sentence": sentence})
        response = HttpResponse(page, status=503)
    response.headers["Retry-After"] = AGAIN
    return response


def _why(error: BaseException | None) -> str | None:
    if is_out_of_room(error):
        return "no_room"
    return "unavailable" if isinstance(error, OperationalError | InterfaceError) else None
