"""The short way of a save answers, refuses and writes as the usual way would."""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from census_staff.accounts import proven
from census_staff.accounts.api_auth import token_digest
from census_staff.accounts.models import ApiToken, Session, User
from exams import short_way
from exams.models import Answer, Attempt
from exams.services.at_once import save_at_once
from exams.services.grade import submit
from exams.services.sit import open_page, start
from recruitment.lifecycle import ACCESS, SERVICE
from recruitment.models import Staff
from tests.exams.standing import publish, record
from tests.standing import World, make_census, sit

LONG_WAY = [name for name in settings.MIDDLEWARE if name != "exams.short_way.SaveMiddleware"]
HOST = "http://testserver"


@dataclass
class Seat:
    """Somebody who sits, with a browser that the short way already knows."""

    world: World
    staff: Staff
    attempt: Attempt
    client: Client

    @property
    def user(self) -> User:
        return User.objects.get(person=self.staff.person_id)

    @property
    def session(self) -> Any:
        return Session.objects.filter(user=self.user)

    def send(self, body: Any = None, *, path: str = "/api/my/04/exam/answers/", **more: Any) -> Any:
        """Send a save as the page does, or as `more` says."""
        text = body if isinstance(body, (str, bytes)) else json.dumps(body or self.body())
        heads = {"X-CSRFToken": "c" * 32, "Origin": HOST, "Accept": "application/json"}
        heads |= more.pop("headers", {})
        heads = {name: value for name, value in heads.items() if value is not None}
        kind = more.pop("content_type", "application/json")
        return self.client.post(path, text, content_type=kind, headers=heads, **more)

    def body(self, *taps: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Return what a page sends: one tap, or these."""
        return {"attempt": self.attempt.pk, "answers": list(taps) or [touch()], **more}


def touch(**more: Any) -> dict[str, Any]:
    op = str(uuid.uuid5(uuid.NAMESPACE_OID, repr(more)))
    return {"op": op, "question": 1, "page": 1, "sequence": 1, "choice": ["A"], **more}


def seated(world: World) -> Seat:
    publish(world)
    # Whoever does something later is there before anything is taken back.
    for role, office in (("city_steward", world.city), ("county_recruiter", world.county)):
        world.user(role, office)
    world.user("auditor")
    staff = world.enabled()
    user = User.objects.get(person=staff.person_id)
    attempt = start(record(staff), actor=user, now=timezone.now())
    open_page(attempt)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.cookies[settings.CSRF_COOKIE_NAME] = "c" * 32
    return Seat(world, staff, attempt, client)


@pytest.fixture(scope="module")
def seat(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Seat]:
    """Give a seat for all deeds: each leaves it as it was."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            yield seated(World())
            transaction.set_rollback(True)
        connection.close()


def moved(rows: Any, **by: timedelta) -> None:
    for row in rows:
        for name, span in by.items():
            setattr(row, name, getattr(row, name) + span)
        row.save(update_fields=list(by))


DAY = timedelta(days=1)
FIVE = [touch(question=number, sequence=number) for number in range(1, 6)]
# What is changed after the browser became known (or nothing), and then sent.
Deed = Callable[[Seat], Any]
KEPT: dict[str, Deed] = {
    "one tap": lambda s: s.send(),
    "five taps": lambda s: s.send(s.body(*FIVE)),
    "a tap twice in one save": lambda s: s.send(s.body(touch(), touch())),
    "a tap kept before": lambda s: (s.send(), s.send())[1],
    "no letter": lambda s: s.send(s.body(touch(choice=[]))),
    "a letter twice": lambda s: s.send(s.body(touch(choice=["B", "B", "A"]))),
    "a phone a day ahead": lambda s: s.send(s.body(touch(client_at="2040-01-01T00:00:00.123Z"))),
    "a page that was never opened": lambda s: s.send(s.body(touch(page=9))),
    "more fields than are asked": lambda s: s.send(s.body(touch(saved_at="x"), person=1)),
    "any kind accepted": lambda s: s.send(headers={"Accept": None}),
    "without an origin": lambda s: s.send(headers={"Origin": None}),
    "the disabled": lambda s: (disable(s), s.send())[1],
    "in English": lambda s: (
        s.client.cookies.load({settings.LANGUAGE_COOKIE_NAME: "en"}),
        s.send(),
    )[1],
}


def after(change: Callable[[Seat], Any], **sent: Any) -> Deed:
    return lambda s: (change(s), s.send(**sent))[1]


def account(**values: Any) -> Deed:
    return after(lambda s: User.objects.filter(pk=s.user.pk).update(**values))


def raw_session(s: Seat, **values: Any) -> None:
    store = s.client.session
    for name, value in values.items():
        store[name] = value
    store.save()


def token(s: Seat, census: Any) -> str:
    ApiToken.objects.create(
        user=s.user, census=census, digest=token_digest("t"), session_epoch=s.user.session_epoch,
        expires_at=timezone.now() + DAY,
    )  # fmt: skip
    return "Bearer t"


def disable(s: Seat) -> None:
    steward = s.world.user("city_steward", s.world.city)
    ACCESS.advance_one(s.staff, "disable", actor=steward, reason="x")


def leave(s: Seat) -> None:
    disable(s)
    recruiter = s.world.user("county_recruiter", s.world.county)
    SERVICE.advance_one(s.staff, "leave", actor=recruiter, reason="x")


def elsewhere(s: Seat) -> Any:
    other = s.world.enabled()
    theirs = start(record(other), actor=s.user, now=timezone.now())
    return s.send({"attempt": theirs.pk, "answers": [touch()]})


LEFT: dict[str, Deed] = {
    "signed out": after(lambda s: s.session.delete()),
    "idle": after(lambda s: moved(s.session, expire_date=-2 * DAY)),
    "old": after(lambda s: moved(s.session, ends_at=-30 * DAY)),
    "locked": account(locked_at=timezone.now()),
    "another password": account(password="x"),
    "all browsers ended": account(session_epoch=7),
    "an old notice": account(notice_version="2020-01"),
    "notice unread": account(notice_read_at=None),
    "name unconfirmed": account(name_confirmed_at=None),
    "no password of their own": account(password_changed_at=None),
    "second step due": after(lambda s: raw_session(s, second_due=True)),
    "a session somebody wrote": after(lambda s: s.session.update(session_data="e30:1:1")),
    "somebody else's session": after(lambda s: s.session.update(user=s.world.user("auditor"))),
    "no cookie": after(lambda s: s.client.cookies.pop(settings.SESSION_COOKIE_NAME)),
    "a made-up cookie": after(
        lambda s: s.client.cookies.load({settings.SESSION_COOKIE_NAME: "a" * 32})
    ),
    "wrong forgery token": lambda s: s.send(headers={"X-CSRFToken": "d" * 32}),
    "no forgery token": lambda s: s.send(headers={"X-CSRFToken": None}),
    "forgery token out of form": lambda s: s.send(headers={"X-CSRFToken": "d"}),
    "no forgery cookie": after(lambda s: s.client.cookies.pop(settings.CSRF_COOKIE_NAME)),
    "from another site": lambda s: s.send(headers={"Origin": "https://evil.example"}),
    "somebody else's attempt": elsewhere,
    "no such attempt": lambda s: s.send(s.body() | {"attempt": 999_999}),
    "no such census": lambda s: s.send(path="/api/my/99/exam/answers/"),
    "another census": lambda s: (make_census("05"), s.send(path="/api/my/05/exam/answers/"))[1],
    "left": after(lambda s: leave(s)),
    "a token of this census": lambda s: s.send(
        headers={"Authorization": token(s, s.world.census), "X-CSRFToken": None}
    ),
    "a token of another census": lambda s: s.send(
        headers={"Authorization": token(s, make_census("05"))}
    ),
    "no taps": lambda s: s.send(s.body() | {"answers": []}),
    "too many taps": lambda s: s.send(s.body(*[touch(sequence=n) for n in range(401)])),
    "no JSON": lambda s: s.send("{"),
    "not UTF-8": lambda s: s.send(b'{"attempt": "\xff"}'),
    "with a byte order mark": lambda s: s.send(b"\xef\xbb\xbf{}"),
    "a list": lambda s: s.send("[1]"),
    "a word": lambda s: s.send('"attempt"'),
    "taps that are none": lambda s: s.send(s.body() | {"answers": [1, "x", None]}),
    "taps as an object": lambda s: s.send(s.body() | {"answers": {"op": 1}}),
    "an attempt as text": lambda s: s.send(s.body() | {"attempt": str(s.attempt.pk)}),
    "an attempt that is true": lambda s: s.send(s.body() | {"attempt": True}),
    "attempt none": lambda s: s.send(s.body() | {"attempt": -1}),
    "too large": lambda s: s.send(s.body() | {"more": "x" * 200_000}),
    "as a form": lambda s: s.send("attempt=1", content_type="application/x-www-form-urlencoded"),
    "another charset": lambda s: s.send(content_type="application/json; charset=gb18030"),
    "only pages accepted": lambda s: s.send(headers={"Accept": "text/html"}),
    "with a question": lambda s: s.send(path="/api/my/04/exam/answers/?format=api"),
    **{
        f"a tap with {name} {value!r}": (
            lambda s, name=name, value=value: s.send(s.body(touch(**{name: value})))
        )
        for name, values in {
            "op": ("x", None, 7, str(uuid.uuid4()).upper(), "{" + str(uuid.uuid4()) + "}"),
            "question": (0, -1, 10**12, "1", 1.0, True, None, []),
            "page": (0, 2**31, "2", True),
            "sequence": (-1, 2**31, None, "1"),
            "choice": (["G"], ["A"] * 9, "A", {"A": 1}, None, [["A"]], [1], ["a"], ["\u0000"]),
            "client_at": (
                *("x", 7, "", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01"),
                *("9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "2026-01-01T00:00:00+08:00"),
            ),
        }.items()
        for value in values
    },
}


def answered(deed: Deed, seat: Seat) -> tuple[int, dict[str, str], Any, list[Any]]:
    """Return the answer to a deed and the rows after it; then take everything back."""
    cookies = {name: morsel.value for name, morsel in seat.client.cookies.items()}
    with transaction.atomic():
        proven._known.clear()
        warm = touch(op=str(uuid.UUID(int=1)), question=50)
        assert seat.send(seat.body(warm)).status_code == 200
        answer = deed(seat)
        told = answer.json() if answer.headers["Content-Type"] == "application/json" else None
        if isinstance(told, dict):
            told.pop("remaining_ms", None)
        columns = ("op", "question", "page", "sequence", "choice", "client_at")
        kept = list(Answer.objects.order_by("pk").values_list("attempt_id", *columns))
        transaction.set_rollback(True)
    seat.client.cookies.clear()
    seat.client.cookies.load(cookies)
    seat.attempt.refresh_from_db()
    seat.staff.refresh_from_db()
    return answer.status_code, dict(answer.headers), told, kept


@contextmanager
def by_the_usual_way(seat: Seat) -> Iterator[None]:
    """Let the client's requests go past the short way."""
    handler: Any = seat.client.handler
    with override_settings(MIDDLEWARE=LONG_WAY):
        handler._middleware_chain = None
        yield
    handler._middleware_chain = None


@pytest.mark.parametrize("name", [*KEPT, *LEFT])
def test_the_short_way_does_what_the_usual_way_does(seat: Seat, name: str) -> None:
    deed = (KEPT | LEFT)[name]

    short = answered(deed, seat)
    with by_the_usual_way(seat):
        long = answered(deed, seat)

    assert short[0] == long[0] and (name in LEFT or short[0] == 200)
    assert short[1] == long[1]
    assert short[2] == long[2]
    assert len(short[3]) == len(long[3])
    assert [row[1:] for row in short[3]] == [row[1:] for row in long[3]]


@pytest.mark.parametrize("name", KEPT)
def test_what_is_plainly_right_goes_the_short_way_and_asks_once(
    seat: Seat, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Any] = []
    monkeypatch.setattr(
        short_way, "save_at_once",
        lambda *sent: taken.append(save_at_once(*sent)) or taken[-1],
    )  # fmt: skip

    answered(KEPT[name], seat)

    assert len(taken) >= 2 and None not in taken


def test_who_was_never_let_in_saves_nothing(world: World, db: None) -> None:
    at, staff = timezone.now(), world.appointed()
    steps = dict.fromkeys(("notice_read_at", "name_confirmed_at", "password_changed_at"), at)
    user = User.objects.create(login="early", person=staff.person, activated_at=at, **steps)
    # The life cycle does not lead here: an attempt of somebody who has no access yet.
    seat = Seat(world, staff, sit(staff, score=None), Client())
    seat.client.force_login(user)

    answer = seat.send()

    assert (answer.status_code, answer.json()["code"]) == (403, "not_activated")
    assert not Answer.objects.exists()


def test_a_browser_that_was_not_seen_for_a_while_is_noted_as_on_the_usual_way(
    world: World, db: None
) -> None:
    seat = seated(world)

    def noted() -> tuple[Any, Any]:
        moved(seat.session, seen_at=-timedelta(minutes=3), expire_date=-timedelta(minutes=3))
        before = seat.session.get()
        assert seat.send().status_code == 200
        now = seat.session.get()
        return now.seen_at - before.seen_at, now.expire_date - now.seen_at

    seat.send()
    (short, left), again = noted(), seat.session.get().seen_at
    with by_the_usual_way(seat):
        long, left_long = noted()
    assert min(short, long) >= timedelta(minutes=3)
    assert left == left_long
    seat.send()
    assert seat.session.get().seen_at > again


def test_the_line_of_the_log_names_route_and_account(
    world: World, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    seat = seated(world)
    with caplog.at_level("INFO", logger="census.access"):
        seat.send()
    line = json.loads(caplog.messages[-1])
    assert line["route"] == "api/my/<str:census_code>/exam/answers/"
    assert (line["user"], line["status"], line["method"]) == (seat.user.pk, 200, "POST")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_short", [True, False])
def test_after_the_end_only_what_was_kept_before_is_named(world: World, is_short: bool) -> None:
    seat = seated(world)
    kept, late = touch(), touch(question=2)
    assert seat.send(seat.body(kept)).status_code == 200
    submit(seat.attempt, actor=seat.user)
    with nullcontext() if is_short else by_the_usual_way(seat):
        repeated, refused = seat.send(seat.body(kept)), seat.send(seat.body(kept, late))
    assert (repeated.status_code, repeated.json()["saved"]) == (200, [kept["op"]])
    assert (refused.status_code, refused.json()["code"]) == (409, "attempt_closed")
    assert refused.json()["saved"] == [kept["op"]]
    assert Answer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_when_grace_is_over_nothing_is_kept(world: World) -> None:
    seat = seated(world)
    seat.send()
    submit(seat.attempt, actor=seat.user)
    ago = timezone.now() - timedelta(minutes=61)
    seat.attempt = start(record(seat.staff), actor=seat.user, now=ago)
    late = seat.send(seat.body(touch(question=3)))
    assert (late.status_code, late.json()["saved"]) == (409, [])


@pytest.mark.django_db(transaction=True)
def test_a_tap_outlives_the_death_of_the_connection(world: World) -> None:
    seat = seated(world)
    assert seat.send().status_code == 200
    for number in (2, 3):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            found = cursor.fetchone()[0]
        with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as other:
            other.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", [found])
        assert seat.send(seat.body(touch(question=number))).status_code == 200
    assert Answer.objects.count() == 3
