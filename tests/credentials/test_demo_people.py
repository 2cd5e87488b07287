"""The invented people are sound, nobody's, varied, and the same every time."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from census_staff.lib import idcard, names
from credentials.demo.people import LU_AN_COUNTIES, PHONE_PREFIX, people
from recruitment.words import Hiring, Role, Schooling, Source

FOUR_THOUSAND = people(4000)


def test_the_same_seed_gives_the_same_people_and_a_longer_list_begins_with_the_shorter() -> None:
    assert people(300) == FOUR_THOUSAND[:300]


def test_no_two_share_a_number_or_a_phone() -> None:
    assert len({person.id_number for person in FOUR_THOUSAND}) == 4000
    assert len({person.phone for person in FOUR_THOUSAND}) == 4000


def test_every_id_number_is_sound_from_lu_an_born_in_1900_and_of_the_stated_sex() -> None:
    for person in FOUR_THOUSAND:
        told = idcard.parse(person.id_number, today=date(2026, 12, 1), counties=LU_AN_COUNTIES)
        assert (told.number, told.birth_on.year, told.sex) == (person.id_number, 1900, person.sex)
        assert not told.warnings


def test_every_phone_is_of_the_range_kept_for_demonstrations() -> None:
    assert all(person.phone.startswith(PHONE_PREFIX) for person in FOUR_THOUSAND)
    assert all(person.phone.isdigit() and len(person.phone) == 11 for person in FOUR_THOUSAND)


def test_every_name_is_written_as_it_is_stored() -> None:
    assert all(names.clean(person.name) == names.CleanName(person.name) for person in FOUR_THOUSAND)


def test_rare_and_dotted_names_are_among_any_few_hundred() -> None:
    text = " ".join(person.name for person in FOUR_THOUSAND[:400])
    assert all(sign in text for sign in "𠮷䶮㛃𫖯䃥𡉃·")
    assert any(person.name.startswith("阿卜杜·") for person in FOUR_THOUSAND)
    assert max(len(person.name) for person in FOUR_THOUSAND) > 15


def test_the_words_are_those_of_the_roster() -> None:
    assert {person.role for person in FOUR_THOUSAND} == set(Role.values)
    assert {person.schooling for person in FOUR_THOUSAND} <= set(Schooling.values)
    assert {person.source for person in FOUR_THOUSAND} == set(Source.values)
    assert {person.hiring for person in FOUR_THOUSAND} == set(Hiring.values)


def test_one_in_six_is_a_supervisor() -> None:
    supervisors = [person for person in FOUR_THOUSAND if person.role == Role.SUPERVISOR]
    assert len(supervisors) == 667


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), county=st.from_regex(r"\A3[1-7][0-9]{4}\Z"))
def test_any_seed_and_county_give_sound_numbers(seed: int, county: str) -> None:
    for person in people(60, seed=seed, counties=(county,)):
        assert idcard.parse(person.id_number).county == county
