"""Browsers and phones that speak real HTTP: no client of the framework, no shared connection."""

import http.client
import json
import re
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from census_staff.accounts.models import User
from census_staff.accounts.sessions import SessionStore

CSRF = "b" * 32
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
# Longer than this nobody stands before a page.
PATIENCE = 20


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 where nothing did."""

    status: int
    text: str = ""
    location: str = ""
    seconds: float = 0.0
    headers: Any = None

    @property
    def told(self) -> dict[str, Any]:
        """Return the JSON of the answer."""
        found: dict[str, Any] = json.loads(self.text) if self.text.startswith("{") else {}
        return found


class Browser:
    """One browser at one web server, signed in as somebody or as nobody."""

    def __init__(self, address: str, user: User | None = None) -> None:
        self.place = urlsplit(address).netloc
        self.cookies = f"__Host-csrf={CSRF}"
        if user is not None:
            self.cookies += f"; __Host-session={_session_of(user)}"

    def get(self, path: str, **headers: str) -> Answer:
        """Return the page."""
        return self.ask("GET", path, b"", headers)

    def json(self, path: str, body: Any) -> Answer:
        """Return the answer of an address of programs."""
        head = {"Content-Type": JSON, "Accept": JSON}
        return self.ask("POST", path, json.dumps(body).encode(), head)

    def form(self, path: str, **values: Any) -> Answer:
        """Return the answer to a form."""
        return self.ask(
            "POST", path, urlencode(values, doseq=True).encode(), {"Content-Type": FORM}
        )

    def upload(self, path: str, field: str, name: str, content: bytes) -> Answer:
        """Return the answer to a form with a file."""
        edge = uuid.uuid4().hex
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
        )
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        return self.ask(
            "POST", path, body, {"Content-Type": f"multipart/form-data; boundary={edge}"}
        )

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Return what the server says; a broken line says nothing."""
        line = http.client.HTTPConnection(self.place, timeout=PATIENCE)
        head = {"Cookie": self.cookies, "X-CSRFToken": CSRF, "Origin": f"http://{self.place}"}
        began = time.monotonic()
        try:
            line.request(method, path, body or None, head | headers)
            said = line.getresponse()
            text = said.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return Answer(0, seconds=time.monotonic() - began)
        finally:
            line.close()
        where = said.headers.get("Location") or ""
        return Answer(said.status, text, where, time.monotonic() - began, said.headers)

    def sign_in(self, login: str, password: str) -> Answer:
        """Knock at the door with name and password."""
        return self.form("/sign-in/", name=login, password=password)


class Phone(Browser):
    """The page of the exam: every touch has an operation's name, and what is acknowledged is noted."""

    def __init__(self, address: str, user: User, census: str = "04") -> None:
        super().__init__(address, user)
        self.door = f"/api/my/{census}/exam/"
        self.attempt = self.page = self.sequence = 0
        self.acknowledged: set[str] = set()

    def begin(self) -> None:
        """Start an attempt and open its paper."""
        self.attempt = self.json(f"{self.door}start/", {}).told["attempt"]
        self.open()

    def open(self) -> dict[str, Any]:
        """Open the paper on a new page, as a second tab does."""
        told = self.json(f"{self.door}page/", {"attempt": self.attempt}).told
        self.page, self.sequence = told["page"], 0
        return told

    def touch(self, question: int, choice: Iterable[str], **more: Any) -> dict[str, Any]:
        """Return what one touch sends."""
        self.sequence += 1
        tap = {"op": str(uuid.uuid4()), "question": question, "page": self.page}
        return tap | {"sequence": self.sequence, "choice": list(choice)} | more

    def send(self, *taps: dict[str, Any]) -> Answer:
        """Send touches, and note which the server says are kept."""
        body = {"attempt": self.attempt, "answers": list(taps)}
        answer = self.json(f"{self.door}answers/", body)
        self.acknowledged |= set(answer.told.get("saved", []))
        return answer

    def hand_in(self) -> Answer:
        """Hand the paper in."""
        body = {"attempt": self.attempt, "submit_op": str(uuid.uuid4())}
        return self.json(f"{self.door}submit/", body)


def _session_of(user: User) -> str:
    """Return the key of a session in which this user is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["place"] = "field" if user.person_id else "office"
    session["started"] = timezone.now().isoformat()
    session.create()
    return str(session.session_key)


def words_of(page: str) -> str:
    """Return what a page says, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
