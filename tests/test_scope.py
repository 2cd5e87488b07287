"""A walk over every route as every role: a county's rows are nobody else's, whatever the door."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from census_staff.accounts.roles import ROLES, Role
from tests.estate import Estate, build, time_change
from tests.standing import World

FOREIGN = "邻县查无人"
OWN = "本县有其人"
COUNTY_ROLES = [r for r in Role if min(ROLES[r].levels) >= 6 or 6 in ROLES[r].levels]

# Beginning of a route -> which of a county's objects its first key names.
KEYS: dict[str, str] = {
    "account/tokens/": "token",
    "activation/": "batch:activate",
    "api/batches/": "batch:print",
    "api/cards/batches/": "batch:print",
    "api/cards/": "card",
    "api/reissues/": "reissue",
    "api/rosters/": "roster",
    "api/runs/": "batch:disable",
    "api/staff/": "staff",
    "appeals/": "appeal",
    "batches/": "batch:review",
    "cards/batches/": "batch:print",
    "cards/reissues/": "reissue",
    "cards/": "card",
    "census/times/": "times",
    "corrections/": "correction",
    "courses/": "course",
    "exams/attempts/": "attempt",
    "exams/people/": "person",
    "exams/": "exam",
    "exemptions/": "exemption",
    "notices/": "notice",
    "offices/": "office",
    "postings/": "posting",
    "reissues/": "reissue",
    "review/batches/": "batch:review",
    "review/": "staff",
    "roster/batch/": "batch:roster",
    "roster/": "roster",
    "runs/": "batch:disable",
    "staff/": "staff",
    "users/": "user",
}
# Second keys and words.
MORE = {
    "unit_pk": "unit", "number": 1, "axis": "access", "name": "disable", "field": "phone",
    "answer": "approve", "deed": "start", "step": "publish", "office": "office", "part": 1,
    "kind": "lost", "file": 1, "side": "front", "size": "badge",
}  # fmt: skip
# Words that only some routes know.
WORDS = {"cards/<int:pk>/steps/": {"name": "record_lost"}, "runs/<int:pk>/steps/": {"name": "freeze"},
         "api/cards/<int:pk>/steps/": {"name": "record_lost"}, "cards/number/": {"pk": "staff"},
         "api/runs/<int:pk>/steps/": {"name": "freeze"}}  # fmt: skip
# A page of a document needs a document; its gate is that of the unit it belongs to.
NEED_MORE = {
    "courses/<int:pk>/units/<int:unit_pk>/pages/<int:number>/",
    # Only a demonstration keeps sample rosters.
    "roster/sample/<str:kind>.xlsx",
}
# Pages about oneself: the person's own census, own account, or open to everybody.
PERSONAL = ("my/", "api/my/", "v/", "V/", "api/verify/")


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Return every route of the house with its pattern."""

    def walk(resolver: Any, before: str) -> Iterator[tuple[str, URLPattern]]:
        for each in resolver.url_patterns:
            if isinstance(each, URLResolver):
                yield from walk(each, before + str(each.pattern))
            else:
                yield before + str(each.pattern), each

    yield from walk(get_resolver(), "")


ALL = sorted(dict(routes()).items())
ABOUT_ROWS = [r for r, _p in ALL if "<" in r and not r.startswith(PERSONAL)]
LISTS = [r for r, _p in ALL if "<" not in r and not r.startswith(PERSONAL)]


def address(route: str, estate: Estate) -> str:
    """Return the route with this county's keys in it."""
    begins = max((b for b in KEYS if route.startswith(b)), key=len, default=None)
    assert begins, f"say in KEYS what {route} is about"
    words = MORE | next((w for b, w in WORDS.items() if route.startswith(b)), {})
    first = True

    def fill(match: re.Match[str]) -> str:
        nonlocal first
        name = match.group(2)
        if first and name in ("pk", "person") and name not in words:
            first = False
            return str(estate.keys.get(KEYS[begins], 0))
        first = False
        value = words[name]
        return str(estate.keys.get(str(value), value))

    return "/" + re.sub(r"<(\w+:)?(\w+)>", fill, route)


@pytest.fixture
def two(world: World) -> tuple[Estate, Estate]:
    """Give two counties with one of everything each."""
    own = build(world, world.county, world.township, OWN)
    other = build(world, world.other_county, world.other_township, FOREIGN)
    other.keys["times"] = own.keys["times"] = time_change(world)
    return own, other


def test_no_route_shows_or_touches_another_countys_rows(
    two: tuple[Estate, Estate], client: Client
) -> None:
    own, other = two
    client.raise_request_exception = False
    leaks = []
    for role in COUNTY_ROLES:
        client.force_login(own.world.user(role))
        for route in ABOUT_ROWS:
            where = address(route, other)
            for method in (client.get, client.post):
                answer = method(where)
                if answer.status_code not in (401, 403, 404, 405):
                    leaks.append((role, method.__name__, where, answer.status_code))
                if FOREIGN.encode() in body(answer):
                    leaks.append((role, method.__name__, where, "names the person"))
    assert leaks == []


def test_no_list_names_another_countys_people(two: tuple[Estate, Estate], client: Client) -> None:
    own, other = two
    client.raise_request_exception = False
    wrong = []
    for role in COUNTY_ROLES:
        client.force_login(own.world.user(role))
        for route in LISTS:
            for query in ("", f"?q={FOREIGN}", f"?office={other.county.pk}&service=all"):
                answer = client.get(f"/{route}{query}")
                if answer.status_code >= 500:
                    wrong.append((role, route, query, answer.status_code))
                text = body(answer).replace(f'value="{FOREIGN}"'.encode(), b"")
                if FOREIGN.encode() in text.replace(b"q=", b""):
                    wrong.append((role, route, query, "names the person"))
    assert wrong == []


def test_the_probes_are_real_somebody_reaches_each_of_them_at_home(
    two: tuple[Estate, Estate], client: Client
) -> None:
    own, _other = two
    client.raise_request_exception = False
    reached: dict[str, set[int]] = {route: set() for route in ABOUT_ROWS}
    for role in Role:
        client.force_login(own.world.user(role))
        for route in ABOUT_ROWS:
            reached[route].add(client.get(address(route, own)).status_code)
    unreached = {
        route: codes
        for route, codes in reached.items()
        if route not in NEED_MORE and not codes & {200, 302, 405, 409, 422}
    }
    assert unreached == {}


def test_a_stranger_is_sent_to_sign_in_or_told_401(
    two: tuple[Estate, Estate], client: Client
) -> None:
    own, _other = two
    wrong = []
    for route, pattern in ALL:
        if getattr(pattern.callback, "is_public", False) or route.startswith("api/verify/"):
            continue
        where = f"/{route}" if "<" not in route else None
        if route.startswith(PERSONAL):
            where = "/" + re.sub(r"<str:census_code>", "04", route)
            where = re.sub(r"<[^>]+>", "1", where)
        where = where or address(route, own)
        answer = client.get(where)
        is_door = answer.status_code == 302 and "/sign-in/" in answer["Location"]
        if not (is_door or answer.status_code in (401, 405)):
            wrong.append((where, answer.status_code))
        if OWN.encode() in body(answer):
            wrong.append((where, "names the person"))
    assert wrong == []


def test_a_field_worker_reaches_no_page_of_the_office(
    two: tuple[Estate, Estate], client: Client
) -> None:
    own, _other = two
    client.force_login(own.staff.person.user)
    client.raise_request_exception = False
    wrong = []
    for route in ABOUT_ROWS:
        answer = client.get(address(route, own))
        if answer.status_code not in (401, 403, 404, 405):
            wrong.append((route, answer.status_code))
    assert wrong == []


def test_a_person_reaches_nothing_of_another_persons_census(
    two: tuple[Estate, Estate], client: Client
) -> None:
    own, other = two
    client.force_login(other.staff.person.user)
    client.raise_request_exception = False
    attempt = own.keys["attempt"]

    for where in (
        f"/my/04/exam/{attempt}/result/",
        f"/api/my/04/exam/result/{attempt}/",
        f"/my/04/notices/{own.keys['notice']}/read/",
    ):
        answer = client.get(where)
        assert answer.status_code in (404, 405), where
        assert OWN.encode() not in body(answer)


def body(answer: Any) -> bytes:
    """Return what was answered, streamed or not."""
    if getattr(answer, "streaming", False):
        return b"".join(answer.streaming_content)
    return bytes(answer.content)
