"""The phone: one next step, and for the disabled only what mends it."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from census_staff.accounts.models import User
from census_staff.correspondence.models import Notice
from census_staff.people.models import Correction
from recruitment.access_orders import order_disable
from recruitment.models import Appeal
from recruitment.pledges import load_pledge_text
from tests.standing import give_photo, pledge, sit, train
from tests.training.studying import loaded, study_all

REMEDY = ["phone_remedy", "phone_courses", "phone_pledge", "phone_notices", "phone_appeal"]
SHUT = ["phone_me"]


@pytest.fixture
def city(world):
    loaded(world)
    load_pledge_text(world.census, actor=world.user("city_steward"))
    return world


def signed_in(staff):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(User.objects.get(person=staff.person))
    return client


def page(client, name, *more):
    return client.get(reverse(name, args=["04", *more]))


def disable(staff, world, reason="run", standards=("sat_online",)):
    order_disable(
        [staff.pk],
        actor=world.user("coordinator"),
        reason=reason,
        standards=standards,
        at=timezone.now(),
    )
    staff.refresh_from_db()


def following(client):
    text = page(client, "phone_home").content.decode()
    return re.search(r'<h2 id="nx">(.*?)</h2>', text)[1]


def test_the_checklist_says_one_thing_to_do_after_the_other(city):
    staff = city.enabled()
    client = signed_in(staff)
    assert following(client) == "学完必修培训"
    study_all(staff)
    assert following(client) == "等待考试"
    sit(staff, score=92)
    assert following(client) == "签署保密承诺书"
    pledge(staff)
    assert following(client) == "请上传照片"
    give_photo(staff.person)
    assert following(client) == "等待制证"


def test_the_home_page_asks_the_same_number_of_questions_for_anybody(
    city, django_assert_max_num_queries
):
    staff = city.ready()
    client = signed_in(staff)
    with django_assert_max_num_queries(45):
        assert page(client, "phone_home").status_code == 200


def test_the_disabled_reach_what_mends_the_reason_and_nothing_else(city):
    staff = city.enabled()
    disable(staff, city)
    client = signed_in(staff)
    assert page(client, "phone_home")["Location"] == reverse("phone_remedy", args=["04"])
    assert {name: page(client, name).status_code for name in REMEDY} == dict.fromkeys(REMEDY, 200)
    refused = client.get(reverse("phone_me", args=["04"]), headers={"accept": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (403, "access_disabled")


def test_the_remedy_page_says_why_since_when_by_which_rule_and_what_to_do(city):
    staff = city.enabled()
    disable(staff, city)
    text = page(signed_in(staff), "phone_remedy").content.decode()
    for said in (
        "您没有参加在线考试",
        "缺少：",
        "本机构设定",
        "系统在一分钟内启用账户",
    ):
        assert said in text
    assert "dock" not in re.findall(r'<nav class="([^"]*)"', text)


def test_the_remedy_page_tells_the_kind_of_reason_from_what_the_office_wrote(city):
    staff = city.enabled()
    order_disable(
        [staff.pk],
        actor=city.user("coordinator"),
        reason="untrained",
        sentence="两次没有参加集中培训。",
        at=timezone.now(),
        standards=["trained"],
    )
    text = page(signed_in(staff), "phone_remedy").content.decode()
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", text))
    assert facts["原因"] == "不按要求培训学习"
    assert facts["机构说明"] == "两次没有参加集中培训。"
    assert facts["须达到"] == "完成培训"


def test_the_disabled_find_back_to_the_remedy_from_everywhere(city):
    staff = city.enabled()
    disable(staff, city)
    client = signed_in(staff)
    back = reverse("phone_remedy", args=["04"])
    for name in ("phone_courses", "phone_exam"):
        assert f'href="{back}"' in page(client, name).content.decode()
    shut = client.get(reverse("phone_me", args=["04"]))
    assert shut.status_code == 403
    assert f'href="{back}"' in shut.content.decode()
    assert shut.content.decode().count("btn-main") == 1


def test_a_refused_signature_is_told_beside_the_signature_and_keeps_what_was_given(city):
    staff = city.enabled()
    study_all(staff)
    client = signed_in(staff)
    shown = page(client, "phone_pledge").content.decode()
    sha256 = re.search(r'name="sha256" value="(\w+)"', shown)[1]
    answer = client.post(
        reverse("phone_pledge", args=["04"]),
        {"sha256": sha256, "typed_name": "别人", "agreed": "1"},
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert text.index('id="sg"') < text.index("data-refused") < text.index('name="typed_name"')
    assert 'value="别人"' in text and "required checked" in text


def test_the_disabled_still_study_and_sign(city):
    staff = city.enabled()
    disable(staff, city, standards=("trained", "pledged"))
    study_all(staff)
    client = signed_in(staff)
    sha256 = re.search(
        r'name="sha256" value="(\w+)"', page(client, "phone_pledge").content.decode()
    )[1]
    answer = client.post(
        reverse("phone_pledge", args=["04"]),
        {"sha256": sha256, "typed_name": staff.person.name, "agreed": "1"},
    )
    assert answer.status_code == 302
    assert "已签署" in page(client, "phone_pledge").content.decode()


def test_an_appeal_reaches_the_county_and_its_answer_the_person(city):
    staff, coordinator = city.enabled(), city.user("coordinator")
    disable(staff, city)
    client = signed_in(staff)
    to = reverse("phone_appeal", args=["04"])
    client.post(to, {"text": "我参加了线下考试，有签到表。"})
    appeal = Appeal.objects.get()
    told = Notice.objects.get(kind="appeal", user=coordinator)
    assert set(told.facts) == {"appeal", "staff"}
    assert "正在处理" in client.post(to, {"text": "再说一次，我考过了。"}).content.decode()
    office = Client()
    office.force_login(coordinator)
    assert "线下考试" in office.get(f"/appeals/{appeal.pk}/").content.decode()
    assert (
        office.post(f"/appeals/{appeal.pk}/", {"answer": "已核实，今天启用。"}).status_code == 302
    )
    assert "已核实" in page(client, "phone_remedy").content.decode()
    assert Notice.objects.filter(kind="appeal_answered", person=staff.person).exists()


def test_an_appeal_of_another_county_is_not_there(city):
    staff = city.enabled(city.other_township)
    order_disable(
        [staff.pk],
        actor=city.user("city_steward"),
        reason="run",
        at=timezone.now(),
        standards=["passed"],
    )
    signed_in(staff).post(reverse("phone_appeal", args=["04"]), {"text": "我当时在住院。"})
    office = Client()
    office.force_login(city.user("coordinator"))
    assert office.get(f"/appeals/{Appeal.objects.get().pk}/").status_code == 404
    assert "住院" not in office.get("/appeals/").content.decode()


def test_what_is_appealed_is_not_readable_in_the_database(city):
    from django.db import connection

    staff = city.enabled()
    disable(staff, city)
    signed_in(staff).post(reverse("phone_appeal", args=["04"]), {"text": "我当时在住院。"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM recruitment_appeal")
        assert "住院".encode() not in bytes(cursor.fetchone()[0])


def test_own_numbers_are_masked_until_asked_for(city):
    staff = city.enabled()
    client = signed_in(staff)
    assert staff.person.id_number not in page(client, "phone_me").content.decode()
    shown = client.post(reverse("phone_me_shown", args=["04"])).content.decode()
    assert staff.person.id_number in shown and staff.person.phone in shown


def test_a_correction_is_asked_for_and_not_made(city):
    staff = city.enabled()
    client = signed_in(staff)
    to = reverse("phone_correct", args=["04"])
    assert client.post(to, {"field": "phone", "value": "13800000000"}).status_code == 302
    assert Correction.objects.get().decided_at is None
    assert "11" in client.post(to, {"field": "phone", "value": "12"}).content.decode()


def test_a_notice_is_read_when_the_person_says_so(city):
    staff = city.enabled()
    at = timezone.now()
    notice = Notice.objects.create(
        kind="run_warning",
        person=staff.person,
        census=city.census,
        due_at=at,
        sent_at=at,
        facts={"days": 3, "deadline_at": at.isoformat()},
    )
    client = signed_in(staff)
    assert "再过 3 天" in page(client, "phone_notices").content.decode()
    notice.refresh_from_db()
    assert notice.read_at is None
    client.post(reverse("phone_notice_read", args=["04", notice.pk]))
    notice.refresh_from_db()
    assert notice.read_at
    other = signed_in(city.enabled())
    assert other.post(reverse("phone_notice_read", args=["04", notice.pk])).status_code == 404


def test_the_api_tells_what_the_pages_tell(city):
    staff = city.enabled()
    client = signed_in(staff)
    home = client.get("/api/my/04/").json()
    assert [gate["state"] for gate in home["gates"]] == ["done", "done", "now", "", "", "", ""]
    assert home["unmet"] == ["trained", "passed", "pledged", "sat_online"]
    disable(staff, city)
    assert client.get("/api/my/04/").json()["code"] == "access_disabled"
    assert client.get("/api/my/04/remedy/").json()["standards"] == ["sat_online"]
    train(staff)
    told = client.get("/api/my/04/pledge/").json()
    signed = client.post(
        "/api/my/04/pledge/",
        {"sha256": told["sha256"], "typed_name": staff.person.name},
        content_type="application/json",
    )
    assert (signed.status_code, bool(signed.json()["signed_at"])) == (201, True)
