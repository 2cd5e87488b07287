"""Tokens: shown once, bound to one posting or one census, ended with what they stand on."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from census_staff.accounts import services
from census_staff.accounts.api_auth import TokenAuthentication
from census_staff.accounts.api_errors import explain
from census_staff.accounts.gate import field_record
from census_staff.accounts.models import ApiToken, Posting
from census_staff.accounts.services.passwords import set_password
from census_staff.accounts.services.tokens import make_token, revoke
from census_staff.lib.errors import Refused
from recruitment.lifecycle import ACCESS
from recruitment.models import Staff
from tests.standing import make_census


def bearer(text: str):
    """Return the user as the API sees the bearer of this token."""
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {text}")
    found = TokenAuthentication().authenticate(Request(request))
    assert found is not None
    return found[0]


def is_refused(text: str) -> bool:
    try:
        bearer(text)
    except exceptions.AuthenticationFailed:
        return True
    return False


@pytest.fixture
def clerk(world):
    """Give an office user."""
    return world.user("township_clerk")


@pytest.fixture
def clerks_token(clerk):
    """Give a token of the clerk's posting."""
    return make_token(clerk, label="sync", days=30, posting=clerk.postings.get())


def test_the_value_of_a_token_is_not_stored(clerks_token):
    token, text = clerks_token
    assert text.encode() not in bytes(token.digest)
    assert text not in str(ApiToken.objects.values())


def test_a_token_reaches_what_its_posting_reaches_and_no_more(world, clerk, clerks_token):
    Posting.objects.create(
        user=clerk, role="county_reviewer", duty="business", office=world.county, census=None
    )
    seen = bearer(clerks_token[1])
    assert "staff.review" in clerk.actions() and "staff.review" not in seen.actions()
    assert [path for path, _census in seen.reach("staff.view")] == [world.township.path]


def test_a_bearer_signs_states_with_the_users_key(world):
    reviewer = world.user("county_reviewer")
    _token, text = make_token(reviewer, label="x", days=1, posting=reviewer.postings.get())
    staff = world.staff()
    from recruitment.lifecycle import SERVICE

    SERVICE.advance_one(staff, "appoint", actor=bearer(text))
    assert staff.reviewed_by == reviewer


def test_a_token_ends_with_its_posting(world, clerk, clerks_token):
    services.end_posting(clerk.postings.get(), actor=world.user("security_admin", world.county))
    assert not bearer(clerks_token[1]).actions()


def test_a_token_ends_on_its_day_when_revoked_locked_or_the_password_changes(world, clerk):
    made = [make_token(clerk, label="x", days=1, posting=clerk.postings.get()) for _n in range(3)]
    revoke(made[0][0], actor=clerk)
    ApiToken.objects.filter(pk=made[1][0].pk).update(expires_at=timezone.now())
    assert [is_refused(text) for _token, text in made] == [True, True, False]
    set_password(clerk, "Silent-River-77")
    assert is_refused(made[2][1])
    _token, text = make_token(clerk, label="x", days=1, posting=clerk.postings.get())
    services.lock(clerk, actor=world.user("security_admin", world.county), reason="x")
    assert is_refused(text)


def test_a_token_lasts_ninety_days_at_most(clerk):
    for days in (0, 91):
        with pytest.raises(Refused) as said:
            make_token(clerk, label="x", days=days, posting=clerk.postings.get())
        assert said.value.code == "token_days"


def test_nobody_binds_a_token_to_what_is_not_theirs(world, clerk):
    other = world.user("county_reviewer").postings.get()
    with pytest.raises(Refused):
        make_token(clerk, label="x", days=1, posting=other)
    with pytest.raises(Refused):
        make_token(clerk, label="x", days=1, census=world.census)


def test_a_field_token_reaches_its_own_census_only(world):
    staff = world.enabled()
    user = staff.person.user
    _token, text = make_token(user, label="x", days=1, census=world.census)
    make_census("05", kind="economic", name="第五次全国经济普查", short_name="五经普")
    seen = bearer(text)
    assert field_record(seen, "04").staff_id == staff.pk
    with pytest.raises(Http404):
        field_record(seen, "05")
    assert not seen.actions() and Staff.objects.own(seen).count() == 1


def test_a_field_token_does_not_reach_the_persons_record_in_another_census(world):
    staff = world.enabled()
    here, world.census = world.census, make_census("05", name="五经普", short_name="五经普")
    other = world.staff(person=staff.person)
    seen = bearer(make_token(staff.person.user, label="x", days=1, census=here)[1])
    assert list(Staff.objects.own(seen)) == [staff]
    assert set(Staff.objects.own(staff.person.user)) == {staff, other}
    with pytest.raises(Http404):
        field_record(seen, "05", is_remedy=True)


def test_an_office_token_does_not_reach_the_bearers_own_field_record(world):
    user = world.enabled().person.user
    posting = services.grant(
        user,
        role="township_clerk",
        office=world.township,
        census=None,
        actor=world.user("security_admin", world.county),
    )
    seen = bearer(make_token(user, label="x", days=1, posting=posting)[1])
    with pytest.raises(Http404):
        field_record(seen, "04")


def test_a_disabled_bearer_reaches_the_remedy_routes_alone(world):
    staff = world.enabled()
    seen = bearer(make_token(staff.person.user, label="x", days=1, census=world.census)[1])
    ACCESS.advance_one(staff, "disable", actor=world.user("city_steward"), reason="unfit")
    with pytest.raises(Refused) as said:
        field_record(seen, "04")
    answer = explain(said.value, {})
    assert (answer.status_code, answer.data["code"]) == (403, "access_disabled")
    assert field_record(seen, "04", is_remedy=True).staff_id == staff.pk


def test_over_the_wire_a_token_opens_its_own_census_alone(client, world):
    staff = world.enabled()
    _token, text = make_token(staff.person.user, label="x", days=1, census=world.census)
    said = {"HTTP_AUTHORIZATION": f"Bearer {text}"}
    assert client.get("/api/my/04/courses/", **said).status_code == 200
    assert client.get("/api/my/05/courses/", **said).status_code == 404
    assert client.get("/api/my/04/courses/").status_code == 401
    assert client.get("/api/staff/", **said).json()["code"] == "not_in_role"


def test_disabling_in_one_census_leaves_the_other_open(world):
    staff = world.enabled()
    first, world.census = world.census, make_census("05", name="五经普", short_name="五经普")
    world.enabled(person=staff.person)
    ACCESS.advance_one(staff, "disable", actor=world.user("city_steward"), reason="unfit")
    user = staff.person.user
    assert field_record(user, "05").is_open
    with pytest.raises(Refused):
        field_record(user, first.code)


def test_the_page_shows_the_value_once_and_never_again(client, world, clerk):
    client.force_login(clerk)
    form = {"label": "sync", "binding": f"posting:{clerk.postings.get().pk}", "days": 30}
    page = client.post("/account/tokens/add/", form).content.decode()
    text = page.split('value="cs_')[1].split('"')[0]
    assert not is_refused(f"cs_{text}")
    assert text not in client.get("/account/").content.decode()
    client.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert is_refused(f"cs_{text}")


def test_the_page_binds_to_ones_own_alone(client, world, clerk):
    other = world.user("county_reviewer")
    client.force_login(clerk)
    form = {"label": "x", "binding": f"posting:{other.postings.get().pk}", "days": 30}
    assert client.post("/account/tokens/add/", form).status_code == 422
    token, _text = make_token(other, label="x", days=1, posting=other.postings.get())
    assert client.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404


def test_every_other_browser_is_signed_out_on_request(client, clerk):
    from django.test import Client

    other = Client()
    other.force_login(clerk)
    client.force_login(clerk)
    client.post("/account/sessions/end/")
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


def test_a_token_outlives_neither_ninety_days_nor_its_word(clerks_token):
    token, _text = clerks_token
    assert token.expires_at - token.made_at <= timedelta(days=30, seconds=5)
