"""A walk over every route as every role: a county's rows are nobody else's, whatever the door."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from census_staff.accounts.models import ApiToken
from census_staff.accounts.roles import ROLES, Role
from tests.cells import (
    API,
    BODIES,
    OF_THE_CITY,
    WITHOUT_CODE,
    Post,
    Said,
    code_of,
    expected,
    is_reached,
    is_right,
    posts,
)
from tests.estate import Estate, build, time_change
from tests.standing import World

FOREIGN = "邻县查无人"
OWN = "本县有其人"
METHODS = ("get", "post")
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
PLAIN = {"HTTP_ACCEPT": "application/json"}
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
         "api/runs/<int:pk>/steps/": {"name": "freeze"}, "corrections/": {"answer": "apply"},
         "exemptions/": {"answer": "grant"}, "census/times/": {"deed": "approve"}}  # fmt: skip
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


def about(route: str) -> str:
    """Return which of a county's objects the route names first."""
    begins = max((b for b in KEYS if route.startswith(b)), key=len, default=None)
    assert begins, f"say in KEYS what {route} is about"
    return KEYS[begins]


def address(route: str, estate: Estate) -> str:
    """Return the route with this county's keys in it."""
    key = about(route)
    words = MORE | next((w for b, w in WORDS.items() if route.startswith(b)), {})
    first = True

    def fill(match: re.Match[str]) -> str:
        nonlocal first
        name = match.group(2)
        if first and name in ("pk", "person") and name not in words:
            first = False
            return str(estate.keys.get(key, 0))
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
    for each in (own, other):
        each.keys["token"] = token_of(each).pk
    return own, other


def token_of(estate: Estate) -> ApiToken:
    """Return a token of the county's coordinator."""
    return ApiToken.objects.create(
        user_id=estate.keys["user"], posting_id=estate.keys["posting"], label="x", session_epoch=0,
        digest=bytes(28) + estate.county.pk.to_bytes(4), expires_at=timezone.now() + timedelta(days=9),
    )  # fmt: skip


def ask(client: Client, method: str, route: str, where: str, **more: Any) -> tuple[Said, bytes]:
    """Return the answer to a request that leaves everything as it was."""
    if method == "post":
        more |= {"data": BODIES.get(route, {})}
        if route.startswith("api/"):
            more["content_type"] = "application/json"
    with transaction.atomic():
        answer = getattr(client, method)(where, **more)
        text = body(answer)
        transaction.set_rollback(True)
    return Said(answer.status_code, code_of(text) if answer.status_code >= 400 else ""), text


def action_of(route: str) -> str | None:
    """Return the action that opens a route to a role, if roles are asked there."""
    return API.get(route) or getattr(dict(ALL)[route].callback, "action", None)


def test_every_cell_of_an_objects_routes_is_what_the_role_table_says(
    two: tuple[Estate, Estate], client: Client
) -> None:
    own, other = two
    absent = replace(own, keys=dict.fromkeys(own.keys, 987_654_321))
    client.raise_request_exception = False
    said: dict[tuple[Post, str, str, str], Said] = {}
    leaks = []
    # At the lowest of its levels a role has most beside it that is not its own; at the highest it
    # holds what lies far below it.
    lowest = {post.role: post for post in reversed([*posts(own.world)])}
    highest = {post.role: post for post in posts(own.world)}
    for post in {*lowest.values(), *highest.values()}:
        client.force_login(post.user)
        for route in ABOUT_ROWS:
            for method in METHODS:
                for whose, estate in (("own", own), ("other", other), ("absent", absent)):
                    if whose != "own" and is_reached(post, about(route), other):
                        # A city's post reaches both alike.
                        continue
                    elsewhere = said.get((post, route, method, "other"), Said(404, ""))
                    if whose == "absent" and elsewhere.status != 404:
                        continue
                    # The page of a refusal is read at home; elsewhere its code will do.
                    form = {} if whose == "own" else PLAIN
                    found, text = ask(client, method, route, address(route, estate), **form)
                    said[post, route, method, whose] = found
                    if FOREIGN.encode() in text:
                        leaks.append((post.role, method, route, whose))
    assert leaks == []
    assert wrong_cells(said, {"own": own, "other": other}) == []


def wrong_cells(said: dict[Any, Said], whole: dict[str, Estate]) -> list[Any]:
    """Return the cells that are not what the role table says."""
    taken, wrong = set(), []
    wants = {}
    for post, route, method, whose in said:
        # An object that is nowhere is beyond everybody's reach.
        reached = whose in whole and is_reached(post, about(route), whole[whose])
        want = expected(post, route, method, action_of(route), reached)
        wants[post, route, method, whose] = want
        if want == "open" and said[post, route, method, whose].status != 405:
            taken.add((route, method))
    for cell, want in wants.items():
        post, route, method, whose = cell
        found = said[cell]
        if (route, method) not in taken:
            # No such method here: said before or after the role is asked, never after the object.
            right = found.status == 405 or (want == "no_role" and is_right(want, found, route))
        else:
            right = is_right(want, found, route)
        if not right:
            wrong.append((post.role, method, route, whose, want, found))
    idle = {route for _p, route, _m, _w in said} - {route for route, _method in taken}
    return wrong + sorted(idle)


def test_every_cell_of_the_lists_is_what_the_role_table_says(
    two: tuple[Estate, Estate], client: Client
) -> None:
    own, _other = two
    client.raise_request_exception = False
    wrong = []
    for post in posts(own.world):
        client.force_login(post.user)
        for route in LISTS:
            action = action_of(route)
            # What the forms of those who may do is asked of them elsewhere.
            for method in () if action is None else ("get",) if post.may(action) else METHODS:
                found, text = ask(client, method, route, f"/{route}")
                want = expected(post, route, method, action, True)
                if want == "open" and route in OF_THE_CITY and post.path != own.world.city.path:
                    want = "no_deed"
                is_foreign = FOREIGN.encode() in text and post.path != own.world.city.path
                if is_foreign:
                    wrong.append((post.role, method, route, "names the person"))
                if found.status != 405 and not is_right(want, found, route):
                    wrong.append((post.role, method, route, want, found))
    assert wrong == []


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_other_method_does_or_tells_anything(
    two: tuple[Estate, Estate], client: Client, method: str
) -> None:
    own, other = two
    client.raise_request_exception = False
    wrong, seen = [], set()
    for post in {post.role: post for post in posts(own.world)}.values():
        client.force_login(post.user)
        for route in LISTS + ABOUT_ROWS:
            action = action_of(route)
            is_api = route.startswith("api/")
            # A page takes every such method as a look at it: asked once, of somebody who may.
            if not is_api and (route in seen or not (action and post.may(action))):
                continue
            seen.add(route)
            for estate in (own, other):
                where = address(route, estate) if "<" in route else f"/{route}"
                with CaptureQueriesContext(connection) as asked:
                    found, text = ask(client, method, route, where, **PLAIN)
                written = [query["sql"] for query in asked if WRITES.match(query["sql"])]
                refused = (403, 404, 405, 406) if route in WITHOUT_CODE else (403, 404, 405)
                right = found.status in refused if is_api else found.status < 500
                leaks = FOREIGN.encode() in text and post.path != own.world.city.path
                if not right or leaks or written:
                    wrong.append((post.role, route, found, written))
    assert wrong == []


def test_no_list_names_another_countys_people(two: tuple[Estate, Estate], client: Client) -> None:
    own, other = two
    client.raise_request_exception = False
    wrong = []
    for role in COUNTY_ROLES:
        client.force_login(own.world.user(role))
        for route in LISTS:
            for query in (f"?q={FOREIGN}", f"?office={other.county.pk}&service=all"):
                answer = client.get(f"/{route}{query}")
                if answer.status_code >= 500:
                    wrong.append((role, route, query, answer.status_code))
                text = body(answer).replace(f'value="{FOREIGN}"'.encode(), b"")
                if FOREIGN.encode() in text.replace(b"q=", b""):
                    wrong.append((role, route, query, "names the person"))
    assert wrong == []


def test_a_stranger_is_sent_to_sign_in_or_told_401(
    two: tuple[Estate, Estate], client: Client
) -> None:
    own, _other = two
    absent = replace(own, keys=dict.fromkeys(own.keys, 987_654_321))
    wrong = []
    for route, pattern in ALL:
        if getattr(pattern.callback, "is_public", False) or route.startswith("api/verify/"):
            continue
        for estate in (own, absent):
            where = f"/{route}"
            if route.startswith(PERSONAL):
                where = "/" + re.sub(r"<str:census_code>", "04", route)
                where = re.sub(r"<[^>]+>", "1", where)
            elif "<" in route:
                where = address(route, estate)
            for method in ("get", "post", "put", "delete"):
                answer = getattr(client, method)(where)
                if route.startswith("api/"):
                    has_code = bool(code_of(answer.content)) or route in WITHOUT_CODE
                    right = answer.status_code == 401 and has_code
                else:
                    right = answer.status_code == 302 and "/sign-in/" in answer["Location"]
                if not right or OWN.encode() in body(answer):
                    wrong.append((method, where, answer.status_code))
    assert wrong == []


def test_a_field_worker_reaches_no_page_of_the_office(
    two: tuple[Estate, Estate], client: Client
) -> None:
    own, _other = two
    client.force_login(own.staff.person.user)
    client.raise_request_exception = False
    wrong = []
    for route in ABOUT_ROWS:
        # What is one person's has no role: to everybody else it is not there.
        want = "no_role" if action_of(route) else "away"
        for method in METHODS:
            found, _text = ask(client, method, route, address(route, own))
            if found.status != 405 and not is_right(want, found, route):
                wrong.append((route, method, found))
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
