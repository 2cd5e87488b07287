"""People are found by a name, its pinyin, or the beginning of their card's number."""

from django.db import connection

from census_staff.accounts.roles import Role
from census_staff.people.models import Person, is_called
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


def test_a_name_is_looked_up_in_its_index_and_among_few_alike(world: World) -> None:
    for name in ("欧阳秀英", "秀英", "英秀", "李秀", "𠮷秀英", "Ａ"):
        world.staff(name=name)
    rows = roster(world.user(Role.TOWNSHIP_CLERK), census_id=world.census.pk)

    for text in (
        "秀",
        "秀英",
        "阳秀英",
        "𠮷",
        "𠮷秀",
        "英秀英",
        "欧阳秀英英",
        "%",
        "_",
        "zhang san",
        "san",
    ):
        found = [
            set(asked_for(rows, {"q": text}, everywhere=way).values_list("person__name", flat=True))
            for way in (True, False)
        ]
        assert found[0] == found[1], text
        if not text.isascii():
            assert found[0] == {one.person.name for one in rows if text in one.person.name}, text


def test_the_index_of_names_is_what_finds_them(world: World) -> None:
    world.staff(name="流波䃥生")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Person.objects.filter(is_called("波䃥")).explain()

    assert "person_name_parts" in plan
