"""Corrections: asked by one, decided by another, with history."""

import pytest
from django.test import Client
from django.urls import reverse

from census_staff.accounts.models import User
from census_staff.accounts.roles import Role
from census_staff.lib.errors import Refused
from census_staff.people import services as people
from census_staff.people.models import Correction, Person
from recruitment import corrections
from tests.standing import World, make_person


def asked(world: World, field: str = "name", value: str = "张三丰") -> Correction:
    made = corrections.propose(
        world.enabled(), field, value, actor=world.user(Role.TOWNSHIP_CLERK), reason="身份证"
    )
    assert made is not None
    return made


def test_a_correction_changes_nothing_until_a_second_person_agrees(world: World) -> None:
    one = asked(world)
    assert Person.objects.get(pk=one.person_id).name == "张三"

    corrections.decide(one, actor=world.user(Role.COUNTY_REVIEWER), is_right=True)

    person = Person.objects.get(pk=one.person_id)
    assert (person.name, person.name_key) == ("张三丰", "zhang san feng")
    one.refresh_from_db()
    assert (one.old_value, one.new_value, one.applied) == ("张三", "张三丰", True)


def test_whoever_asks_does_not_decide(world: World) -> None:
    staff = world.enabled()
    one = corrections.propose(
        staff, "name", "张三丰", actor=world.user(Role.COUNTY_REVIEWER), reason=""
    )
    assert one is not None

    with pytest.raises(Refused) as refused:
        corrections.decide(one, actor=world.user(Role.COUNTY_REVIEWER), is_right=True)

    assert refused.value.code == "second_person"


def test_a_corrected_phone_number_signs_in_from_then_on(world: World) -> None:
    one = asked(world, "phone", "13812345678")

    corrections.decide(one, actor=world.user(Role.COUNTY_REVIEWER), is_right=True)

    person = Person.objects.get(pk=one.person_id)
    assert person.phone == "13812345678"
    user = User.objects.get(person=person)
    assert bytes(user.phone_digest or b"") == bytes(person.phone_digest or b"")


def test_a_number_that_opens_another_account_is_not_taken_over(world: World) -> None:
    other = world.enabled()
    one = asked(world, "phone", other.person.phone)

    with pytest.raises(Refused) as refused:
        corrections.decide(one, actor=world.user(Role.COUNTY_REVIEWER), is_right=True)

    assert refused.value.code == "phone_taken"
    assert Person.objects.get(pk=one.person_id).phone != other.person.phone


def test_the_same_wish_twice_is_one_and_a_new_one_takes_its_place(world: World) -> None:
    person, actor = make_person(), world.user(Role.TOWNSHIP_CLERK)

    def wish(value: str) -> Correction | None:
        return people.propose_correction(
            person, field="name", value=value, actor=actor, office_id=world.township.pk
        )

    first, again, other = wish("张三丰"), wish("张三丰"), wish("张三风")

    assert first == again
    assert Correction.objects.filter(decided_at=None).get() == other
    assert wish("张三") is None


def test_a_decided_correction_is_not_decided_again(world: World) -> None:
    one = asked(world)
    corrections.decide(one, actor=world.user(Role.COUNTY_REVIEWER), is_right=False)

    with pytest.raises(Refused) as refused:
        corrections.decide(one, actor=world.user(Role.COUNTY_REVIEWER), is_right=True)

    assert refused.value.code == "decided_already"
    assert Person.objects.get(pk=one.person_id).name == "张三"


def test_another_county_neither_sees_nor_decides(world: World) -> None:
    one = asked(world)
    client = Client()
    client.force_login(world.user(Role.COUNTY_REVIEWER, world.other_county))

    assert "张三丰" not in client.get(reverse("correction_list")).content.decode()
    answer = client.post(reverse("correction_decide", args=[one.pk, "apply"]))

    assert answer.status_code == 404
    one.refresh_from_db()
    assert one.decided_at is None


def test_the_queue_masks_numbers_and_applies_on_the_screen(world: World) -> None:
    one = asked(world, "phone", "13812345678")
    client = Client()
    client.force_login(world.user(Role.COUNTY_REVIEWER))

    page = client.get(reverse("correction_list")).content.decode()
    assert "13812345678" not in page
    assert "138****5678" in page

    client.post(reverse("correction_decide", args=[one.pk, "apply"]))

    assert Person.objects.get(pk=one.person_id).phone == "13812345678"


def test_two_offices_that_enter_one_person_make_one(world: World) -> None:
    known = make_person()

    found, is_new = people.find_or_create(
        id_number=known.id_number, name="别名", phone="13812345678"
    )

    assert (found, is_new, found.name) == (known, False, "张三")
