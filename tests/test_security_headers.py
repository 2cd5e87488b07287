"""A walk over every page, errors and API included: its headers, and no script or style in it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import path

from census_staff.accounts.roles import Role
from census_staff.lib.errors import Refused
from credentials.models import Card
from tests.estate import Estate, build, time_change
from tests.standing import World
from tests.test_scope import ALL, OWN, PERSONAL, address, body

# The page of the API draws itself with styles; scripts stand in no page.
STYLED = ("/api/",)
REFERRERS = {"same-origin", "no-referrer"}


class Page(HTMLParser):
    """Collects what a content policy without inline code forbids."""

    def __init__(self, nonce: str) -> None:
        super().__init__()
        self.nonce = nonce
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not given.get("src"):
            self.faults.append("a script stands in the page")
        if tag == "style" and not (self.nonce and given.get("nonce") == self.nonce):
            self.faults.append("a style stands in the page")
        if tag in ("iframe", "object", "embed", "base"):
            self.faults.append(tag)
        for name, value in given.items():
            if name.startswith(("on", "hx-on")) or name == "style":
                self.faults.append(f"<{tag} {name}>")
            if re.match(r"\s*(javascript|vbscript):", value or "", re.I):
                self.faults.append(f"<{tag} {name}> runs a script")
            if name in ("src", "action") and re.match(r"(https?:)?//", value or ""):
                self.faults.append(f"<{tag} {name}> leads away")


def faults(answer: Any, where: str, *, is_signed_in: bool) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    policy = answer.headers.get("Content-Security-Policy", "")
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    is_styled = where in STYLED
    if rules.get("script-src") != "'self'" or rules.get("default-src") != "'self'":
        yield "no content policy"
    if "unsafe" in policy.replace("'unsafe-inline'", "" if is_styled else "unsafe"):
        yield "the policy lets inline code in"
    for name, value in (("object-src", "'none'"), ("base-uri", "'none'"),
                        ("frame-ancestors", "'none'"), ("form-action", "'self'")):  # fmt: skip
        if rules.get(name) != value:
            yield f"the policy says nothing of {name}"
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        yield "types may be guessed"
    if answer.headers.get("X-Frame-Options") != "DENY":
        yield "may be framed"
    if answer.headers.get("Referrer-Policy") not in REFERRERS:
        yield "tells others where readers come from"
    if is_signed_in and "no-store" not in answer.headers.get("Cache-Control", ""):
        yield "is kept by the browser"
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        nonce = re.search(r"'nonce-([^']+)'", policy)
        page = Page(nonce[1] if nonce else "")
        page.feed(body(answer).decode())
        yield from (f for f in page.faults if not (is_styled and "style" in f))


def where_of(route: str, own: Estate) -> str:
    """Return the address of a route, with this county's objects in it."""
    if route.startswith(PERSONAL):
        token = Card.objects.get(pk=own.card.pk).token
        route = route.replace("<str:token>", token).replace("<str:census_code>", "04")
        # What is asked for may be absent: the page that says so counts as well.
        return "/" + re.sub(r"<[^>]+>", "1", route)
    return address(route, own) if "<" in route else f"/{route}"


@pytest.fixture
def own(world: World) -> Estate:
    """Give a county with one of everything."""
    estate = build(world, world.county, world.township, OWN)
    estate.keys["times"] = time_change(world)
    return estate


def test_every_page_of_everybody_has_its_headers_and_no_inline_code(own: Estate) -> None:
    wrong, opened = [], set()
    users = [None, own.staff.person.user, *(own.world.user(role) for role in Role)]
    for user in users:
        client = Client(raise_request_exception=False)
        if user is not None:
            client.force_login(user)
        for route, _pattern in ALL:
            where = where_of(route, own)
            answer = client.get(where)
            if answer.status_code == 200:
                opened.add(route)
            for fault in faults(answer, where, is_signed_in=user is not None):
                wrong.append((where, answer.status_code, str(user), fault))
    assert wrong == []
    assert len(opened) > 100, sorted({route for route, _p in ALL} - opened)


def test_errors_have_them_too(own: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    from census_staff import urls

    def breaks(request: Any) -> None:
        raise RuntimeError("broken")

    def refuses(request: Any) -> None:
        raise Refused("no_census", "No.")

    breaks.is_public = refuses.is_public = True  # type: ignore[attr-defined]
    more = [path("breaks/", breaks), path("refuses/", refuses)]
    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, *more])
    from django.urls import clear_url_caches

    clear_url_caches()
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(own.world.user(Role.COORDINATOR))
    answers = {
        500: client.get("/breaks/"),
        409: client.get("/refuses/"),
        404: client.get("/nothing/here/"),
        405: client.get("/sign-out/"),
        403: client.post("/sign-out/"),
        400: client.get("/", HTTP_HOST="elsewhere.example"),
    }
    clear_url_caches()
    for status, answer in answers.items():
        assert answer.status_code == status
        assert list(faults(answer, "", is_signed_in=False)) == []
    api = Client(raise_request_exception=False).get("/api/staff/")
    assert (api.status_code, "no-store" in api["Cache-Control"]) == (401, True)
    assert list(faults(api, "", is_signed_in=True)) == []


def test_the_check_sees_what_it_forbids() -> None:
    bad = Page("once")
    bad.feed(
        '<script>1</script><style>a</style><p style="x" onclick="y"><a href="javascript:1">'
        '<img src="//elsewhere.example/x"><base href="/">'
    )
    assert len(bad.faults) == 7
    good = Page("once")
    good.feed('<script src="/static/a.js"></script><style nonce="once">a</style><a href="//x">')
    assert good.faults == []
