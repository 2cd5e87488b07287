"""People are found by a name, its pinyin, or the beginning of their card's number."""

from census_staff.accounts.roles import Role
from credentials import issue
from recruitment.filters import asked_for, roster
from tests.standing import World


def test_the_beginning_of_a_card_number_finds_its_holder(world: World) -> None:
    holder, other = world.ready(), world.ready()
    issuer = world.user(Role.CARD_ISSUER)
    card = issue.number_one(holder, actor=issuer)
    issue.number_one(other, actor=issuer)
    rows = roster(issuer, census_id=world.census.pk)

    found = asked_for(rows, {"q": f" {card.number_id[:4]} {card.number_id[4:]}"})

    assert list(found.values_list("pk", flat=True)) == [holder.pk]
    assert asked_for(rows, {"q": card.number_id[:12]}).count() == 2
    assert asked_for(rows, {"q": "9" * 16}).count() == 0


def test_any_part_of_a_name_and_the_beginning_of_its_pinyin_find_a_person(world: World) -> None:
    person = world.staff(name="流波䃥生")
    clerk = world.user(Role.TOWNSHIP_CLERK)
    rows = roster(clerk, census_id=world.census.pk)

    assert list(asked_for(rows, {"q": "䃥"}).values_list("pk", flat=True)) == [person.pk]
    assert asked_for(rows, {"q": "zhang"}).count() == 1
    assert asked_for(rows, {"q": "' OR 1=1 --"}).count() == 0
