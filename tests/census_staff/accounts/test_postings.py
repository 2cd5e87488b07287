"""Postings: entrusted by a security administrator, within their tree, never to themselves."""

import pytest
from django.db import Error, transaction

from census_staff.accounts import services
from census_staff.accounts.models import Posting, User
from census_staff.accounts.roles import ROLES, Role
from census_staff.audit.models import Entry
from census_staff.lib.database_errors import refusal
from census_staff.lib.errors import Refused
from tests.standing import TESTS, make_user


@pytest.fixture
def guard(world):
    """Give the security administrator of the county."""
    return world.user(Role.SECURITY_ADMIN, world.county)


@pytest.fixture
def newcomer(db):
    """Give an office account without a posting."""
    return services.create_office_user("newcomer", "陈文", actor=TESTS)


def refused(code: str, deed, *arguments, **named) -> None:
    with pytest.raises(Refused) as said:
        deed(*arguments, **named)
    assert said.value.code == code


def held(user: User) -> list[str]:
    return list(user.postings.filter(ended_at=None).values_list("role", flat=True))


def test_a_grant_opens_the_actions_of_the_role_and_is_in_the_trail(world, guard, newcomer):
    where = {"role": "township_clerk", "office": world.township, "census": None}
    posting = services.grant(newcomer, **where, actor=guard)
    assert newcomer.actions() == ROLES["township_clerk"].actions
    entry = Entry.objects.get(event="posting_granted")
    assert (entry.actor, entry.subject_id) == (f"user:{guard.pk}", posting.pk)
    assert entry.details == {"user": newcomer.pk, "role": "township_clerk"}


def test_nobody_grants_themselves_a_posting(world, guard):
    where = {"role": "county_reviewer", "office": world.county, "census": None}
    refused("own_posting", services.grant, guard, **where, actor=guard)


def test_an_office_outside_the_tree_is_refused(world, guard, newcomer):
    where = {"role": "township_clerk", "office": world.other_township, "census": None}
    refused("not_allowed", services.grant, newcomer, **where, actor=guard)
    where["office"] = world.city
    refused("not_allowed", services.grant, newcomer, **where, actor=guard)


def test_a_user_of_another_role_grants_nothing(world, newcomer):
    where = {"role": "township_clerk", "office": world.township, "census": None}
    for role in set(Role.values) - {"security_admin"}:
        refused("not_allowed", services.grant, newcomer, **where, actor=world.user(role))


def test_a_role_is_held_only_at_offices_of_its_levels(world, guard, newcomer):
    where = {"role": "city_steward", "office": world.county, "census": None}
    refused("wrong_level", services.grant, newcomer, **where, actor=guard)


def test_the_same_posting_is_not_given_twice(world, guard, newcomer):
    where = {"role": "township_clerk", "office": world.township, "census": None}
    services.grant(newcomer, **where, actor=guard)
    refused("posting_once", services.grant, newcomer, **where, actor=guard)


@pytest.mark.parametrize("second", ["auditor", "security_admin"])
def test_duties_are_kept_apart_by_the_database(world, guard, newcomer, second):
    where = {"office": world.county, "census": None, "actor": guard}
    services.grant(newcomer, role="county_reviewer", **where)
    with pytest.raises(Error) as fault, transaction.atomic():
        services.grant(newcomer, role=second, **where)
    assert refusal(fault.value).code == "duties_kept_apart"
    assert held(newcomer) == ["county_reviewer"]


def test_a_county_has_one_coordinator(world, guard, newcomer):
    world.user(Role.COORDINATOR, world.county)
    where = {"role": "coordinator", "office": world.county, "census": world.census}
    with pytest.raises(Error) as fault, transaction.atomic():
        services.grant(newcomer, **where, actor=guard)
    assert refusal(fault.value).code == "one_coordinator"


def test_the_post_of_coordinator_is_handed_over_in_one_act(world, guard, newcomer):
    before = world.user(Role.COORDINATOR, world.county)
    old = before.postings.get()
    new = services.hand_over(old, successor=newcomer, actor=guard)
    old.refresh_from_db()
    assert old.ended_at and old.ended_by == guard and new.ended_at is None
    assert (new.office, new.census, new.role) == (old.office, old.census, old.role)
    assert not before.actions() and "staff.leave" in newcomer.actions()


def test_a_hand_over_that_fails_leaves_the_post_where_it_was(world, guard):
    before = world.user(Role.COORDINATOR, world.county)
    auditor = world.user(Role.AUDITOR, world.county)
    with pytest.raises(Error), transaction.atomic():
        services.hand_over(before.postings.get(), successor=auditor, actor=guard)
    assert held(before) == ["coordinator"]


def test_a_coordinator_does_not_end_without_a_successor(world, guard):
    posting = world.user(Role.COORDINATOR, world.county).postings.get()
    refused("coordinator_stays", services.end_posting, posting, actor=guard)


def test_an_ended_posting_opens_nothing_and_does_not_end_again(world, guard):
    clerk = world.user(Role.TOWNSHIP_CLERK)
    services.end_posting(clerk.postings.get(), actor=guard)
    assert not clerk.actions()
    refused("posting_ended", services.end_posting, clerk.postings.get(), actor=guard)


def test_pages_show_only_the_tree_and_hide_the_rest(client, world, guard):
    mine, others = world.user("township_clerk"), make_user("township_clerk", world.other_township)
    client.force_login(guard)
    page = client.get("/postings/").content.decode()
    assert mine.login in page and others.login not in page
    theirs = others.postings.get().pk
    for address in (
        f"/postings/{theirs}/end/",
        f"/users/{others.pk}/",
        f"/users/{others.pk}/lock/",
    ):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)
    assert others.login not in client.get("/users/").content.decode()


@pytest.mark.parametrize("role", sorted(set(Role.values) - {"security_admin"}))
def test_other_roles_see_none_of_these_pages(client, world, role):
    client.force_login(world.user(role))
    for address in ("/postings/", "/postings/grant/", "/users/", "/users/add/"):
        assert client.get(address).status_code == 403


def test_granting_and_ending_through_the_pages(client, world, guard, newcomer):
    client.force_login(guard)
    form = {"login": "newcomer", "role": "township_clerk", "office": world.township.pk}
    assert client.post("/postings/grant/", form).status_code == 302
    posting = newcomer.postings.get()
    assert client.get(f"/postings/{posting.pk}/end/").status_code == 200
    client.post(f"/postings/{posting.pk}/end/")
    posting.refresh_from_db()
    assert posting.ended_at


def test_a_posted_form_reaches_no_office_outside_and_no_field_it_does_not_name(
    client, world, guard, newcomer
):
    client.force_login(guard)
    form = {"login": "newcomer", "role": "township_clerk", "office": world.other_township.pk}
    assert client.post("/postings/grant/", form).status_code == 200
    form |= {"office": world.township.pk, "duty": "audit", "started_by": 1, "user": guard.pk}
    client.post("/postings/grant/", form)
    posting = Posting.objects.get(user=newcomer)
    assert (posting.duty, posting.started_by) == ("business", guard)
    assert not guard.postings.filter(role="township_clerk").exists()


def test_the_page_says_in_words_what_the_database_refuses(client, world, guard, newcomer):
    world.user(Role.COORDINATOR, world.county)
    client.force_login(guard)
    form = {"login": "newcomer", "role": "coordinator", "office": world.county.pk}
    answer = client.post("/postings/grant/", form | {"census": world.census.pk})
    assert answer.status_code == 200 and answer.context["form"].non_field_errors()
    posting = world.user(Role.COORDINATOR, world.county).postings.get()
    auditor = world.user(Role.AUDITOR, world.county)
    answer = client.post(f"/postings/{posting.pk}/hand-over/", {"login": auditor.login})
    assert answer.status_code == 200 and answer.context["form"].errors


def test_handing_over_through_the_page(client, world, guard, newcomer):
    posting = world.user(Role.COORDINATOR, world.county).postings.get()
    client.force_login(guard)
    page = f"/postings/{posting.pk}/hand-over/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"login": "nobody"}).status_code == 200
    assert client.post(page, {"login": "newcomer"}).status_code == 302
    assert held(newcomer) == ["coordinator"]


def test_a_new_office_account_comes_with_its_first_posting_or_not_at_all(client, world, guard):
    client.force_login(guard)
    form = {
        "login": "jinzhai-chen",
        "display_name": "陈文",
        "role": "city_steward",
        "office": world.county.pk,
        "locked_at": "2026-01-01",
        "password": "x",
    }
    assert client.post("/users/add/", form).status_code == 200
    assert not User.objects.filter(login="jinzhai-chen").exists()
    client.post("/users/add/", form | {"role": "county_reviewer"})
    user = User.objects.get(login="jinzhai-chen")
    assert held(user) == ["county_reviewer"]
    assert not user.has_usable_password() and user.locked_at is None


def test_a_slip_opens_the_office_account_and_leaves_no_file(client, world, guard, settings):
    import io

    import pypdfium2

    user = services.create_office_user("jinzhai-chen", "陈文", actor=TESTS)
    services.grant(user, role="county_reviewer", office=world.county, census=None, actor=guard)
    client.force_login(guard)
    answer = client.post(f"/users/{user.pk}/slip/")
    assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "no-store"
    text = pypdfium2.PdfDocument(io.BytesIO(answer.content))[0].get_textpage().get_text_bounded()
    code = next(word for word in text.split() if "-" in word and len(word) == 11)
    assert services.open_account("jinzhai-chen", code) == user
    assert not list(settings.PRIVATE_DIR.rglob("*slip*"))


def test_no_slip_is_printed_for_oneself_or_for_field_staff(client, world, guard):
    worker = world.enabled().person.user
    client.force_login(guard)
    assert client.post(f"/users/{worker.pk}/slip/").status_code == 409
    city = world.user(Role.SECURITY_ADMIN, world.city)
    client.force_login(city)
    assert client.post(f"/users/{city.pk}/slip/").status_code in (404, 409)


def test_field_staff_are_found_by_phone_within_the_tree_and_locked(client, world, guard):
    worker = world.enabled().person.user
    stranger = world.enabled(world.other_township, name="李四").person.user
    client.force_login(guard)
    found = client.post("/users/find/", {"name": worker.person.phone})
    assert found["Location"] == f"/users/{worker.pk}/"
    assert client.post("/users/find/", {"name": stranger.person.phone})["Location"] == "/users/"
    client.post(f"/users/{worker.pk}/lock/", {"reason": "手机遗失"})
    worker.refresh_from_db()
    assert worker.locked_at and worker.session_epoch == 1
    assert client.get(f"/users/{worker.pk}/").status_code == 200
    client.post(f"/users/{worker.pk}/unlock/")
    worker.refresh_from_db()
    assert worker.locked_at is None


def test_nobody_locks_themselves_or_accounts_above_them(world, guard):
    refused("own_account", services.lock, guard, actor=guard, reason="x")
    refused("not_allowed", services.lock, world.user("city_steward"), actor=guard, reason="x")


def test_whoever_works_in_another_county_too_is_locked_only_from_above(world, guard):
    both = make_user("township_clerk", world.township)
    city = world.user(Role.SECURITY_ADMIN, world.city)
    services.grant(
        both, role="township_clerk", office=world.other_township, census=None, actor=city
    )
    refused("not_allowed", services.lock, both, actor=guard, reason="x")
    services.lock(both, actor=city, reason="x")
    assert both.locked_at


def test_each_page_asks_the_database_a_bounded_number_of_times(
    client, world, guard, django_assert_max_num_queries
):
    for _number in range(12):
        make_user("township_clerk", world.township)
    client.force_login(guard)
    for address in ("/postings/", "/users/"):
        with django_assert_max_num_queries(25):
            client.get(address)
