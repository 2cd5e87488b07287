"""Broken: an answer is acknowledged while its row is still on the way."""

import json
import threading
import time
from typing import Any

from census_staff.wsgi import application  # first: it sets Django up

from django.db import connection  # isort: skip
from django.http import HttpRequest, HttpResponse

from exams import short_way
from exams.short_way import SaveMiddleware

SLOW = 2.0
kept = SaveMiddleware._kept


def said_at_once(self: Any, request: HttpRequest, census_code: str) -> HttpResponse | None:
    """Say that all is kept, and keep it in a while."""
    sent = short_way._plain(request)
    if sent is None:
        return None

    def later() -> None:
        time.sleep(SLOW)
        kept(self, request, census_code)
        connection.close()

    threading.Thread(target=later, daemon=True).start()
    told = {"saved": [tap["op"] for tap in sent[1]], "page": 1, "remaining_ms": 60_000}
    return HttpResponse(json.dumps(told), content_type="application/json")


SaveMiddleware._kept = said_at_once  # type: ignore[method-assign]
__all__ = ["application"]
