"""The roster, a person's page and the records entered by hand."""

import io
import re
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from census_staff.accounts.models import Reveal, User
from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.people.models import Correction, Photo
from recruitment.models import Staff
from recruitment.roster_columns import synthetic_id
from tests.standing import World, give_photo, make_person, sit


def signed_in(user: User) -> Client:
    """Return a browser of this user."""
    client = Client()
    client.force_login(user)
    return client


def clerk_of(world: World) -> Client:
    return signed_in(world.user(Role.TOWNSHIP_CLERK))


def record_of(world: World, **more: Any) -> dict[str, Any]:
    """Return what a clerk types about a supervisor."""
    return {
        "office": world.township.pk,
        "role": "supervisor",
        "name": "鲍传霞",
        "id_kind": "resident",
        "id_number": synthetic_id("341524", "0107", 7),
        "phone": "13800001234",
        "schooling": "college",
        "hiring": "recommended",
        "source": "village",
        "employer": "桃花村村民委员会 会计",
        "areas": "341524112205 341524112206",
    } | more


def test_the_list_shows_the_county_and_nothing_of_another(world: World) -> None:
    world.staff(name="李道芳")
    world.staff(world.other_township, name="余传宝")

    page = signed_in(world.user(Role.COUNTY_REVIEWER)).get(reverse("staff_list"))

    assert "李道芳" in page.content.decode()
    assert "余传宝" not in page.content.decode()


def test_a_gate_in_the_address_shows_those_behind_the_number(world: World) -> None:
    ready, waiting = world.ready(name="江绍伟"), world.staff(name="方玉莲")
    client = signed_in(world.user(Role.COORDINATOR))

    for query, inside, outside in [
        ("gate=passed", ready, waiting),
        ("missing=passed", waiting, ready),
        ("gate=reviewed", ready, waiting),
        ("missing=sat_online", waiting, ready),
    ]:
        text = client.get(f"{reverse('staff_list')}?{query}").content.decode()
        assert inside.person.name in text, query
        assert outside.person.name not in text, query


def test_a_list_of_fifty_asks_as_much_as_a_list_of_two(
    world: World, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(world.user(Role.COORDINATOR))
    for _each in range(8):
        world.staff()
    client.get(reverse("staff_list"))

    with django_assert_max_num_queries(22):
        client.get(reverse("staff_list"))


def test_a_whole_phone_number_finds_the_person_and_stands_in_no_address(world: World) -> None:
    staff = world.staff()
    client = clerk_of(world)

    answer = client.post(reverse("staff_find"), {"q": staff.person.phone})

    assert answer["Location"] == reverse("staff_page", args=[staff.pk])
    again = client.post(reverse("staff_find"), {"q": staff.person.id_number.lower()})
    assert again["Location"] == reverse("staff_page", args=[staff.pk])


def test_a_name_typed_in_pinyin_finds_the_person(world: World) -> None:
    world.staff(person=make_person("李道芳", name_key="li dao fang"))

    page = clerk_of(world).get(reverse("staff_list") + "?q=li dao")

    assert "李道芳" in page.content.decode()


def test_the_export_is_masked_text_and_on_record(world: World) -> None:
    staff = world.staff(person=make_person("=1+1"), employer="=HYPERLINK(1)")
    client = signed_in(world.user(Role.COORDINATOR))

    answer = client.post(reverse("staff_export"))

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    values = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "=1+1" in values
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert staff.person.phone not in values
    assert Entry.objects.filter(event="staff.exported", details={"rows": 1}).exists()


def test_exporting_is_not_for_clerks(world: World) -> None:
    assert clerk_of(world).post(reverse("staff_export")).status_code == 403


def test_a_persons_page_masks_numbers_and_tells_what_is_unmet(world: World) -> None:
    staff = world.enabled()
    sit(staff, score=74)
    give_photo(staff.person)

    page = signed_in(world.user(Role.COORDINATOR)).get(reverse("staff_page", args=[staff.pk]))

    text = page.content.decode()
    assert page.status_code == 200
    assert staff.person.phone not in text
    assert staff.person.id_number not in text
    assert "74" in text
    assert reverse("staff_step", args=[staff.pk, "access", "disable"]) in text
    assert (
        signed_in(world.user(Role.COORDINATOR)).get(reverse("staff_portrait", args=[staff.pk]))[
            "Content-Type"
        ]
        == "image/jpeg"
    )


def test_a_person_of_another_county_is_not_there(world: World) -> None:
    staff = world.staff(world.other_township)
    client = signed_in(world.user(Role.COUNTY_REVIEWER))

    for name in ("staff_page", "staff_portrait"):
        assert client.get(reverse(name, args=[staff.pk])).status_code == 404


def test_looking_at_a_number_needs_a_reason_and_is_kept(world: World) -> None:
    staff = world.staff()
    client = signed_in(world.user(Role.COORDINATOR))
    address = reverse("staff_reveal", args=[staff.pk, "phone"])

    assert staff.person.phone not in client.post(address, {"reason": ""}).content.decode()
    shown = client.post(address, {"reason": "核对来电"})

    assert staff.person.phone in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert Reveal.objects.get().reason == "核对来电"
    assert not Entry.objects.filter(event="reveal", reason__contains=staff.person.phone).exists()


def test_a_clerk_enters_a_person_with_the_checks_of_a_roster(world: World) -> None:
    client = clerk_of(world)
    wrong = client.post(reverse("staff_add"), record_of(world, id_number="341524190001010010"))
    assert wrong.status_code == 200
    assert not Staff.objects.exists()

    answer = client.post(reverse("staff_add"), record_of(world))

    staff = Staff.objects.get()
    assert answer["Location"] == reverse("staff_page", args=[staff.pk])
    assert (staff.service, staff.person.name, len(staff.areas)) == ("under_review", "鲍传霞", 2)
    assert staff.person.name_key.startswith("bao")


def test_who_serves_elsewhere_in_the_census_is_not_entered_twice(world: World) -> None:
    elsewhere = world.staff(world.other_township)

    page = clerk_of(world).post(
        reverse("staff_add"), record_of(world, id_number=elsewhere.person.id_number)
    )

    text = page.content.decode()
    assert Staff.objects.count() == 1
    assert "申请调动" in text
    assert world.other_township.name not in text


def test_a_known_person_keeps_their_name_until_a_second_person_agrees(world: World) -> None:
    known = make_person("鲍传侠")

    clerk_of(world).post(reverse("staff_add"), record_of(world, id_number=known.id_number))

    known.refresh_from_db()
    assert known.name == "鲍传侠"
    assert {c.field for c in Correction.objects.filter(applied=False)} == {"name", "phone"}


def test_changing_a_record_keeps_hidden_numbers_that_are_left_empty(world: World) -> None:
    staff = world.staff(role="supervisor")
    before = staff.person.phone
    given = record_of(world, name=staff.person.name, id_number="", phone="", employer="新单位 主任")

    clerk_of(world).post(reverse("staff_edit", args=[staff.pk]), given)

    staff.refresh_from_db()
    staff.person.refresh_from_db()
    assert staff.employer == "新单位 主任"
    assert staff.person.phone == before


def test_a_photo_is_kept_small_and_one_too_small_is_refused(world: World) -> None:
    from PIL import Image

    staff, client = world.staff(), clerk_of(world)
    address = reverse("staff_photo", args=[staff.pk])

    def picture(size: tuple[int, int]) -> io.BytesIO:
        out = io.BytesIO()
        Image.new("RGB", size, "white").save(out, "PNG")
        out.seek(0)
        out.name = "a.png"
        return out

    assert client.post(address, {"photo": picture((90, 120))}).status_code == 200
    assert not Photo.objects.exists()

    client.post(address, {"photo": picture((600, 840))})

    assert len(bytes(Photo.objects.get().jpeg)) <= 25_000


@pytest.mark.parametrize("name", ["staff_list", "staff_add", "exemption_list"])
def test_every_page_opens_without_inline_styles(world: World, name: str) -> None:
    world.staff()
    user = world.user(Role.TOWNSHIP_CLERK)

    page = signed_in(user).get(reverse(name))

    assert page.status_code == 200
    assert not re.search(r'style="', page.content.decode())


def test_the_api_gives_staff_with_scope_filters_and_steps(world: World) -> None:
    staff = world.appointed()
    world.staff(world.other_township)
    client = signed_in(world.user(Role.COORDINATOR))

    listed = client.get("/api/staff/?gate=reviewed").json()

    assert [one["id"] for one in listed["results"]] == [staff.pk]
    assert staff.person.phone not in str(listed)
    one = client.get(f"/api/staff/{staff.pk}/").json()
    assert {"axis": "service", "name": "leave"}.items() <= {
        k: v for s in one["steps"] if s["name"] == "leave" for k, v in s.items()
    }.items()
    said = client.post(
        f"/api/staff/{staff.pk}/steps/service/leave/", {}, content_type="application/json"
    )
    assert (said.status_code, said.json()["code"]) == (409, "reason_needed")


def test_the_api_answers_not_there_for_another_county(world: World) -> None:
    other = world.staff(world.other_township)
    client = signed_in(world.user(Role.COORDINATOR))

    assert client.get(f"/api/staff/{other.pk}/").status_code == 404
    assert (
        client.post(
            f"/api/staff/{other.pk}/steps/service/leave/",
            {"sentence": "x"},
            content_type="application/json",
        ).status_code
        == 404
    )
