"""What a method may do: GET never writes, and nothing else passes without its CSRF token."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from census_staff.accounts.models import Session
from census_staff.accounts.roles import Role
from tests.estate import Estate, build, time_change
from tests.standing import World
from tests.test_scope import ALL, PERSONAL, address, body

WRITING = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+\"?(\w+)", re.IGNORECASE)
# A page that is read keeps its browser signed in: when it was last seen, and no more often than
# every few minutes.
BOOKKEEPING = {"accounts_session"}
# Open to everybody: people without cookies ask from any device, and an empty question writes nothing.
WITHOUT_TOKEN = {"v/", "api/verify/<path:token>"}


@pytest.fixture(scope="module")
def estate(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Estate]:
    """Give a county with one of everything, for all walks: each request leaves it as it was."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            world = World()
            made = build(world, world.county, world.township, "本县有其人")
            made.keys["times"] = time_change(world)
            yield made
            transaction.set_rollback(True)
        connection.close()


@contextmanager
def written() -> Iterator[list[tuple[str, str]]]:
    """Give the (verb, table) of every write that is made meanwhile."""
    found: list[tuple[str, str]] = []

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not sql.lstrip().upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            # Row locks are not writes.
            found.extend(WRITING.findall(re.sub(r"FOR (NO KEY )?UPDATE", "", sql)))
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield found


@contextmanager
def silence() -> Iterator[None]:
    """Keep hundreds of refusals out of the log."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def where(route: str, estate: Estate) -> str:
    """Return the address of this route among the county's objects."""
    if not route.startswith(PERSONAL):
        return address(route, estate) if "<" in route else f"/{route}"
    keys = {"census_code": "04", "token": estate.card.token, "attempt": estate.keys["attempt"]}
    words: dict[str, Any] = {"part": "file", "number": 1, **keys}
    pk = next((estate.keys[k] for k in ("notice", "unit", "course") if f"{k}s/" in route), 0)
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(words.get(m[1], pk)), route)


def everybody(estate: Estate) -> Iterator[tuple[str, Client]]:
    """Return a signed-in client of every role, of a field worker and of a stranger."""
    people = {role.value: estate.world.user(role) for role in Role}
    for name, user in {**people, "holder": estate.staff.person.user, "stranger": None}.items():
        client = Client(raise_request_exception=False)
        if user:
            client.force_login(user)
        yield name, client


def test_no_get_writes_whoever_asks(estate: Estate) -> None:
    wrong, seen = [], 0
    for name, client in everybody(estate):
        for route, _pattern in ALL:
            with silence(), transaction.atomic(), written() as found:
                answer = client.get(where(route, estate))
                body(answer)
                transaction.set_rollback(True)
            seen += answer.status_code == 200
            tables = {table for _verb, table in found}
            if tables - BOOKKEEPING or answer.status_code >= 500:
                wrong.append((name, route, answer.status_code, sorted(tables)))
    assert wrong == []
    assert seen > 300


def test_the_bookkeeping_of_a_session_is_its_clock_alone(estate: Estate) -> None:
    client = Client()
    client.force_login(estate.world.user(Role.COORDINATOR))
    with transaction.atomic():
        Session.objects.update(seen_at=estate.staff.entered_at.replace(year=2020))
        before = Session.objects.values("session_data", "user", "started_at", "ends_at").last()
        with written() as found:
            assert client.get("/staff/").status_code == 200
        assert set(found) == {("UPDATE", "accounts_session")}
        after = Session.objects.values("session_data", "user", "started_at", "ends_at").last()
        transaction.set_rollback(True)
    assert after == before


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("post", "office"),
        ("post", "holder"),
        ("put", "office"),
        ("patch", "holder"),
        ("delete", "office"),
    ],
)
def test_an_unsafe_request_without_its_token_is_refused_before_it_does_anything(
    estate: Estate, method: str, name: str
) -> None:
    wrong = []
    people = {"office": estate.world.user(Role.COORDINATOR), "holder": estate.staff.person.user}
    with silence():
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.force_login(people[name])
        for route, _pattern in ALL:
            refused = {200, 405} if route in WITHOUT_TOKEN else {403}
            with written() as found:
                answer = getattr(client, method)(where(route, estate))
            if answer.status_code not in refused or found:
                wrong.append((name, route, answer.status_code, found))
    assert wrong == []


def test_the_sign_in_page_too_needs_its_token() -> None:
    for where in ("/sign-in/", "/activate/", "/language/", "/view/"):
        answer = Client(enforce_csrf_checks=True).post(where, {"login": "x", "password": "y"})
        assert answer.status_code == 403, where
