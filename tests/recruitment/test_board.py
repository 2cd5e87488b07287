"""The readiness board: every number is the length of the list it opens."""

import re
from typing import Any

from census_staff.accounts.roles import Role
from tests.standing import World, sit, train


def everyone(world: World) -> None:
    """Put people at every gate in two counties."""
    world.staff()
    world.appointed()
    sit(world.enabled(), score=30)
    train(world.enabled())
    world.ready()
    world.ready(world.other_township)


def test_every_number_opens_a_list_of_exactly_that_many(world: World, client: Any) -> None:
    everyone(world)
    client.force_login(world.user(Role.CITY_STEWARD))

    page = client.get("/board/").content.decode()
    numbers = re.findall(r'href="/staff/\?([^"]+)"[^>]*>(?:<b>)?<span class="num">([\d,]+)', page)
    numbers += [
        (query, count)
        for query, count in re.findall(
            r'href="/staff/\?([^"]+)" data-tone.*?<b><span class="num">([\d,]+)', page
        )
    ]

    assert len(numbers) > 20
    for query, count in numbers:
        answer = client.get(f"/staff/?{query.replace('&amp;', '&')}")
        assert answer.status_code == 200
        rows = answer.context["pager"].total
        if rows is None:
            rows = len(answer.context["pager"].rows)
        assert rows == int(count.replace(",", "")), query


def test_a_county_sees_its_own_townships_alone(world: World, client: Any) -> None:
    everyone(world)
    client.force_login(world.user(Role.COORDINATOR))

    page = client.get("/board/").content.decode()

    assert world.township.short_name in page
    assert world.other_township.short_name not in page
    assert client.get(f"/board/?office={world.other_county.pk}").status_code == 404


def test_the_board_asks_a_bounded_number_of_questions(
    world: World, client: Any, django_assert_max_num_queries: Any
) -> None:
    everyone(world)
    client.force_login(world.user(Role.CITY_STEWARD))

    with django_assert_max_num_queries(30):
        client.get("/board/")
