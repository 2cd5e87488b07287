"""Law 8: whoever is disabled in a census reaches its remedy area alone, and nothing else is lost."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from recruitment.lifecycle import ACCESS
from tests.standing import make_census


def pages(resolver: Any = None) -> Iterator[URLPattern]:
    """Yield every page of the product that lies in a census."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from pages(each)
        elif str(each.pattern).startswith("my/<str:census_code>/"):
            yield each


def address(page: URLPattern, census_code: str) -> str:
    """Return an address of the page; what else it names does not exist."""
    names = {name: 999_999 for name in page.pattern.converters if name != "census_code"}
    kinds = {name: type(kind).__name__ for name, kind in page.pattern.converters.items()}
    uuid = "00000000-0000-4000-8000-000000000000"
    given = {name: uuid if kinds[name] == "UUIDConverter" else 999_999 for name in names}
    return reverse(page.name, kwargs={**given, "census_code": census_code})


@pytest.fixture
def disabled(world):
    """Give somebody whose access is disabled."""
    staff = world.enabled()
    ACCESS.advance_one(staff, "disable", actor=world.user("city_steward"), reason="unfit")
    return staff


def test_the_gate_stands_before_every_page_that_is_not_marked(client, world, disabled):
    client.force_login(disabled.person.user)
    shut = [page for page in pages() if not getattr(page.callback, "is_remedy", False)]
    for page in shut:
        for send in (client.get, client.post):
            answer = send(address(page, "04"), HTTP_ACCEPT="application/json")
            assert answer.status_code == 403, page.name
            assert answer.json()["code"] == "access_disabled", page.name


def test_pages_of_the_remedy_area_stay_open(client, world, disabled):
    client.force_login(disabled.person.user)
    open_pages = [page for page in pages() if getattr(page.callback, "is_remedy", False)]
    for page in open_pages:
        answer = client.get(address(page, "04"))
        assert answer.status_code != 403, page.name


def test_a_disabled_person_can_still_sign_in_and_is_led_to_the_remedy(client, disabled):
    form = {"name": disabled.person.phone, "password": "census2026"}
    assert client.post("/sign-in/", form).status_code == 302
    chain = client.get("/", follow=True).redirect_chain
    assert not chain or "/my/04/" in chain[-1][0]


def test_the_other_census_and_the_office_are_untouched(client, world, disabled):
    from census_staff.accounts import services

    world.census = make_census("05", name="第五次全国经济普查", short_name="五经普")
    world.enabled(person=disabled.person)
    user = disabled.person.user
    services.grant(
        user,
        role="township_clerk",
        office=world.township,
        census=None,
        actor=world.user("security_admin", world.county),
    )
    user.refresh_from_db()
    user.password_changed_at = user.activated_at
    user.save()
    client.force_login(user)
    assert client.get("/account/").status_code == 200
    for page in pages():
        assert client.get(address(page, "05")).status_code != 403, page.name


def test_the_disabling_takes_effect_on_a_session_that_is_already_open(client, world):
    staff = world.enabled()
    client.force_login(staff.person.user)
    shut = [page for page in pages() if not getattr(page.callback, "is_remedy", False)]
    before = [client.get(address(page, "04")).status_code for page in shut]
    ACCESS.advance_one(staff, "disable", actor=world.user("city_steward"), reason="unfit")
    assert 403 not in before
    assert all(client.get(address(page, "04")).status_code == 403 for page in shut)


def test_a_person_without_a_record_finds_nothing_there(client, world):
    client.force_login(world.user("township_clerk"))
    for page in pages():
        assert client.get(address(page, "04")).status_code == 404, page.name
