"""The page behind the QR code: what it says, in which order, and what it never does."""

import base64
import re
from datetime import date, timedelta
from hashlib import sha256
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.audit.acting import acting
from census_staff.lib.portraits import draw_portrait
from census_staff.people.models import Photo
from credentials import tokens, verification
from credentials.models import Card, Confiscation, Lookup, Withdrawal
from credentials.numbers import check_digit
from credentials.states import Showing
from recruitment.access_orders import order_disable
from tests.credentials.making import carried, printed, reissued
from tests.standing import TESTS, World

WORDS = {
    Showing.VALID: "有效",
    Showing.NOT_YET: "未到上岗期",
    Showing.EXPIRED: "已过有效期",
    Showing.SUSPENDED: "已暂停",
    Showing.LOST: "已挂失",
    Showing.REPLACED: "已换新证",
    Showing.RECALLED: "已收回",
    Showing.CANCELLED: "已注销",
    Showing.CONFISCATED: "已收缴",
}


@pytest.fixture
def card(world: World) -> Card:
    return carried(world, name="𠮷学文")


def page(token: str, path: str = "/v/") -> str:
    return Client().get(f"{path}{token}").content.decode()


def verdict(token: str) -> str:
    return re.search(r"<h1>(.*?)</h1>", page(token))[1]


def put(card: Card, state: str) -> None:
    """Set a state by the shortest legal way, with what it asks to be written beside it."""
    with acting(TESTS):
        Card.objects.filter(pk=card.pk).update(state=state)
    if state == "cancelled":
        Withdrawal.objects.create(card=card, exception="x")
    if state == "confiscated":
        Confiscation.objects.create(
            card=card,
            person=card.person,
            census=card.census,
            article="x",
            act="lent",
            evidence="x",
            made_by=card.staff.entered_by,
            made_at=timezone.now(),
        )


def test_a_valid_card_shows_who_its_holder_is(card):
    shown = page(card.token)

    for text in (
        "有效",
        "𠮷学文",
        "普查员",
        card.issuer.name,
        card.issuer.phone,
        "统计法第三十三条",
    ):
        assert text in shown
    number = card.number_id
    assert f"{number[:4]} {number[4:8]} {number[8:12]} {number[12:]}" in shown
    assert base64.b64encode(bytes(card.photo.jpeg)).decode() in shown


def test_either_case_and_either_path_answer_alike(card):
    answers = {
        re.sub(r"nonce=\"[^\"]*\"|\d\d:\d\d:\d\d", "", page(token, path))
        for path in ("/v/", "/V/")
        for token in (card.token, card.token.lower())
    }

    assert len(answers) == 1


def test_the_page_with_the_largest_photo_is_smaller_than_50_kb(world):
    staff = world.ready()
    jpeg = draw_portrait("1").ljust(25_000, b"x")
    Photo.objects.create(person=staff.person, jpeg=jpeg, sha256=sha256(jpeg).hexdigest())
    card = carried(world, staff)
    assert len(card.photo.jpeg) == 25_000

    assert len(Client().get(f"/v/{card.token}").content) < 50_000


def test_the_page_asks_once_writes_nothing_and_sets_no_cookie(card):
    client = Client()
    client.cookies["session"] = "somebody-elses"
    # The question is planned once for each connection.
    client.get(f"/v/{card.token}")
    with CaptureQueriesContext(connection) as asked:
        response = client.get(f"/v/{card.token}")

    assert len(asked) == 1 and asked[0]["sql"].startswith("EXECUTE card_scan")
    assert not response.cookies
    assert response.headers["Cache-Control"] == "no-store"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "<script" not in response.content.decode()


@pytest.mark.parametrize("text", ["A" * 32, "A" * 31, "x/../y", "A" * 5000, "1" * 32])
def test_a_made_up_token_costs_no_question(world, django_assert_num_queries, text):
    with django_assert_num_queries(0):
        response = Client().get(f"/v/{text}")

    assert response.status_code == 404
    expected = "查无此证" if len(text) == 32 and text[0] == "A" else "无法识别"
    assert expected in response.content.decode()


def test_a_genuine_token_without_a_card_is_unknown(world):
    from django.conf import settings

    from credentials.keys import token_key

    assert verdict(tokens.new(token_key(settings.TOKEN_KEY))) == "查无此证"


def test_every_outcome_is_said_in_its_words(world, card):
    steward = world.user(Role.CITY_STEWARD)
    seen = {Showing.VALID: verdict(card.token)}
    order_disable([card.staff_id], actor=steward, reason="other", at=timezone.now())
    seen[Showing.SUSPENDED] = verdict(card.token)
    ways = (("lost",), ("recalled",), ("confiscated",), ("cancelled",), ("lost", "replaced"))
    for way in ways:
        other = carried(world)
        with acting(TESTS):
            type(other.staff).objects.filter(pk=other.staff_id).update(service="appointed")
        for state in way:
            put(other, state)
        seen[Showing(way[-1])] = verdict(other.token)
    today = timezone.localdate()
    for showing, first, last in (
        (Showing.EXPIRED, today - timedelta(9), today - timedelta(1)),
        (Showing.NOT_YET, today + timedelta(1), today + timedelta(9)),
    ):
        other = carried(world, starts_on=first, ends_on=last)
        seen[showing] = verdict(other.token)

    assert seen == WORDS


def test_what_weighs_more_is_said_first(world):
    today = timezone.localdate()
    card = carried(world, starts_on=today - timedelta(9), ends_on=today - timedelta(1))
    order_disable(
        [card.staff_id], actor=world.user(Role.CITY_STEWARD), reason="other", at=timezone.now()
    )
    assert verdict(card.token) == "已暂停"
    with acting(TESTS):
        type(card.staff).objects.filter(pk=card.staff_id).update(service="appointed")
    put(card, "lost")
    assert verdict(card.token) == "已挂失"
    put(card, "confiscated")
    assert verdict(card.token) == "已收缴"


@pytest.mark.parametrize("showing", [s for s in WORDS if s not in ("valid", "not_yet")])
def test_every_other_outcome_hides_name_photo_and_area(world, card, showing):
    real = verification._row_of

    def worded(token: str, today: date) -> dict:
        return real(token, today) | {"n_showing": showing.value}

    with patch.object(verification, "_row_of", worded):
        shown = page(card.token)

    assert WORDS[showing] in shown
    assert "𠮷" not in shown and "data:image" not in shown and "桃花村" not in shown
    assert card.issuer.phone in shown and "普查员" in shown


def test_the_old_edition_says_replaced_and_the_new_one_valid(world, card):
    new = reissued(world, card)

    assert (verdict(card.token), verdict(new.token)) == ("已换新证", "有效")


def test_without_the_database_the_page_never_says_valid(card):
    with patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        response = Client().get(f"/v/{card.token}")

    shown = response.content.decode()
    assert response.status_code == 503
    assert "暂时无法核验" in shown and "有效</h1>" not in shown


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_only_reading_is_possible(card, method):
    assert getattr(Client(), method)(f"/v/{card.token}").status_code == 405


def test_json_says_the_same(card):
    said = Client().get(f"/api/verify/{card.token.lower()}").json()

    assert said["showing"] == "valid" and said["number"] == card.number_id
    assert "photo" not in said and "token" not in said


def look_up(number: str, name: str, client: Client | None = None) -> tuple[int, str]:
    response = (client or Client(enforce_csrf_checks=True)).post(
        "/v/", {"number": number, "full_name": name}
    )
    assert not response.cookies
    return response.status_code, response.content.decode()


def test_number_and_full_name_together_find_the_card_without_its_photo(card):
    status, shown = look_up(" ".join(re.findall("....", card.number_id)), "𠮷学文")

    assert status == 200 and "有效" in shown and "𠮷学文" in shown
    assert "data:image" not in shown


def test_a_wrong_name_and_an_unknown_number_get_the_same_answer(card):
    strip = re.compile(r"nonce=\"[^\"]*\"|\d\d:\d\d:\d\d|value=\"[^\"]*\"")
    wrong = look_up(card.number_id, "李四")
    body = card.number_id[:9] + "999999"
    unknown = look_up(body + check_digit(body), "𠮷学文")

    assert wrong[0] == unknown[0] == 404
    assert strip.sub("", wrong[1]) == strip.sub("", unknown[1])


def test_digits_that_cannot_be_a_number_are_asked_for_again_and_nothing_typed_is_lost(card):
    status, shown = look_up(card.number_id[:-1], "𠮷学文")

    assert status == 422 and "这不是 16 位证件编号" in shown and "查无此证" not in shown
    assert card.number_id[:-1] in shown and "𠮷学文" in shown
    assert not Lookup.objects.exists()


def test_what_was_typed_stays_when_nothing_is_found(card):
    shown = look_up(card.number_id, "李四")[1]

    assert f'value="{card.number_id}"' in shown and 'value="李四"' in shown
    assert "编号和姓名都相符" in shown


def test_look_ups_are_throttled_by_number_and_keep_only_digests(card):
    answers = [look_up(card.number_id, "李四")[0] for _turn in range(11)]

    assert answers == [404] * 10 + [429]
    kept = Lookup.objects.first()
    assert card.number_id.encode() not in bytes(kept.number_digest)


def test_not_yet_says_whether_a_day_or_the_holder_is_awaited(world):
    today = timezone.localdate()
    card = carried(world, starts_on=today + timedelta(1))
    assert "有效期从" in page(card.token)
    made = printed(world, starts_on=today)
    shown = page(made.token)
    assert "未到上岗期" in shown and "还没有发到持证人手里" in shown and "有效期从" not in shown
