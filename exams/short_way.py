"""The short way of a save: most of what arrives on the day of an exam is one tap of one person.

A tap that is plainly right is kept by one statement, which asks everything that the usual way
asks. Everything else (a stranger, a closed attempt, a tap out of form, a fault) was not kept and
goes the usual way, where it is refused with its reason; so there is one place for refusals.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve
from rest_framework.authentication import CSRFCheck

from census_staff.accounts.middleware import language_of
from census_staff.accounts.proven import forget, note_seen, proof_of

from .api import BIGGEST, MOST_QUESTIONS, MOST_TAPS
from .bank import LETTERS
from .services.at_once import save_at_once
from .telling import milliseconds

Next = Callable[[HttpRequest], HttpResponse]
DOOR = re.compile(r"/api/my/([^/]+)/exam/answers/")
MOST_BYTES = 128 * 1024
MOST_ATTEMPTS = 2**63
OPERATION = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
MOMENT = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z")
KNOWN_LETTERS = frozenset(LETTERS)


class SaveMiddleware:
    """Keeps plainly right taps itself and passes everything else on.

    It stands behind what guards and logs every answer, and in front of what knows somebody.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.forgery = CSRFCheck(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            door = DOOR.fullmatch(request.path_info)
            if door is not None:
                answer = self._kept(request, door[1])
                if answer is not None:
                    return answer
        return self.get_response(request)

    def _kept(self, request: HttpRequest, census_code: str) -> HttpResponse | None:
        """Return the answer to taps that are now kept; None where the usual way must look."""
        sent = _plain(request)
        if sent is None:
            return None
        request.get_host()  # refuses names that are not ours
        self.forgery.process_request(request)
        if self.forgery.process_view(request, _answer, (), {}):
            return None
        try:
            proof = proof_of(request)
            if proof is None:
                return None
            found = save_at_once(proof, census_code, *sent)
            if found is None:
                forget(proof)
                return None
            left, page, seen_at = found
            note_seen(proof, seen_at)
        except Error:
            # Repeating a tap changes nothing: the usual way may ask once more.
            return None
        request.user = SimpleNamespace(pk=proof.user_id)  # type: ignore[assignment]
        request.resolver_match = _match()
        saved = [tap["op"] for tap in sent[1]]
        told = {"saved": saved, "page": page, "remaining_ms": milliseconds(left)}
        return _answer(request, json.dumps(told, separators=(",", ":")).encode())


def _answer(request: HttpRequest, body: bytes) -> HttpResponse:
    """Return the answer with the headers of the usual way."""
    headers = {
        "Allow": "POST, OPTIONS",
        "Vary": "Cookie",
        "Content-Length": str(len(body)),
        "Content-Language": language_of(request),
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(body, content_type="application/json", headers=headers)


@cache
def _match() -> ResolverMatch:
    """Return what the address book says about saves: the log names its route."""
    return resolve("/api/my/-/exam/answers/")


def _plain(request: HttpRequest) -> tuple[int, list[dict[str, Any]]] | None:
    """Return attempt and taps where they are written as our own page writes them."""
    meta = request.META
    length = str(meta.get("CONTENT_LENGTH", ""))
    is_ours = (
        meta.get("CONTENT_TYPE") == "application/json"
        and meta.get("HTTP_ACCEPT", "*/*") in ("application/json", "*/*")
        and not meta.get("QUERY_STRING")
        and length.isdecimal()
        and int(length) <= MOST_BYTES
    )
    if not is_ours:
        return None
    try:
        sent = json.loads(request.body.decode())
        attempt, answers = sent["attempt"], sent["answers"]
        taps = [_tap(each) for each in answers] if type(answers) is list else []
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    is_sound = type(attempt) is int and 0 < attempt < MOST_ATTEMPTS and 0 < len(taps) <= MOST_TAPS
    return (attempt, taps) if is_sound else None


def _tap(sent: Any) -> dict[str, Any]:
    """Return a tap as it is kept; ValueError, KeyError or TypeError where it is not in form."""
    choice, at = sent["choice"], sent.get("client_at")
    tap = {name: sent[name] for name in ("op", "question", "page", "sequence")}
    is_sound = (
        OPERATION.fullmatch(tap["op"])
        and _is_number(tap["question"], 1, MOST_QUESTIONS)
        and _is_number(tap["page"], 1, BIGGEST)
        and _is_number(tap["sequence"], 0, BIGGEST)
        and type(choice) is list
        and len(choice) <= len(LETTERS)
        and all(type(letter) is str and letter in KNOWN_LETTERS for letter in choice)
        and (at is None or MOMENT.fullmatch(at))
    )
    if not is_sound:
        raise ValueError("not as our own page writes it")
    if at is not None:
        datetime.fromisoformat(at)
    return {**tap, "choice": choice, "client_at": at}


def _is_number(sent: Any, least: int, most: int) -> bool:
    return type(sent) is int and least <= sent <= most
