"""The pages of cards answer, offer the right steps and keep other counties out."""

import io
import re

import pypdfium2
import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from census_staff.accounts.models import User
from census_staff.accounts.roles import Role
from census_staff.batches.models import Batch
from census_staff.batches.runner import run
from credentials import holding
from credentials.models import Card, Reissue
from recruitment.models import Staff
from tests import zbar
from tests.credentials.making import carried, numbered, printed
from tests.standing import World


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def issuer(world: World) -> Client:
    return signed_in(world.user(Role.CARD_ISSUER))


def holder(card: Card) -> Client:
    return signed_in(User.objects.get(person=card.person_id))


def text_of(page: HttpResponse) -> str:
    """Return what the page says, without its tags."""
    return re.sub(r"<[^>]*>", "", page.content.decode())


def test_from_choosing_to_handing_over_through_the_pages(world):
    world.ready(name="𠮷学文")
    client = issuer(world)
    assert "1 人具备条件" in text_of(client.get("/cards/batches/new/"))

    page = client.post("/cards/batches/new/", {"deed": "number"})
    batch = Batch.objects.get(kind="number")
    assert page.url == f"/cards/batches/{batch.pk}/"
    assert "给 1 人编号" in text_of(client.get(page.url))
    client.post(reverse("batch_deed", args=[batch.pk, "start"]))
    run(batch.pk)
    client.post(reverse("card_batch_print", args=[batch.pk]), {"size": "badge"})
    sheets = Batch.objects.get(kind="print")
    client.post(reverse("batch_deed", args=[sheets.pk, "start"]))
    run(sheets.pk)
    shown = client.get(f"/cards/batches/{sheets.pk}/").content.decode()
    assert "下载 PDF" in shown
    pdf = client.post(reverse("card_batch_file", args=[sheets.pk, 1])).content
    lists = client.post(reverse("card_batch_receipts", args=[sheets.pk])).content
    assert pdf.startswith(b"%PDF") and lists.startswith(b"%PDF")
    card = Card.objects.get()
    client.post("/cards/hand-over/", {"cards": [card.pk]})
    assert Card.objects.get().state == "handed_over"


def test_the_code_on_the_paper_opens_the_public_page(world):
    card = carried(world, name="𠮷学文")
    batch = Batch.objects.get(kind="print")
    pdf = issuer(world).post(reverse("card_batch_file", args=[batch.pk, 1])).content

    [said] = zbar.on_page(pypdfium2.PdfDocument(pdf)[1])

    assert said == f"HTTPS://TESTSERVER/V/{card.token}"
    page = Client().get(said.removeprefix("HTTPS://TESTSERVER")).content.decode()
    assert "<h1>有效</h1>" in page and "𠮷学文" in page


def test_a_proof_is_a_picture_whose_code_opens_nothing(world):
    numbered(world)
    client = issuer(world)
    client.post("/cards/batches/new/", {"deed": "print", "size": "badge"})
    batch = Batch.objects.get(kind="print")

    front, back = (
        client.get(reverse("card_batch_proof", args=[batch.pk, side])).content
        for side in ("front", "back")
    )

    picture = Image.open(io.BytesIO(front))
    assert abs(picture.width / picture.height - 90 / 130) < 0.01
    [said] = zbar.on_picture(Image.open(io.BytesIO(back)))
    token = said[-32:]
    assert Client().get(f"/v/{token}").status_code == 404


def test_files_and_cards_of_another_county_are_not_there(world):
    card = carried(world)
    batch = Batch.objects.get(kind="print")
    stranger = signed_in(world.user(Role.CARD_ISSUER, world.other_county))

    for url in (f"/cards/{card.pk}/", f"/cards/batches/{batch.pk}/", f"/api/cards/{card.pk}/"):
        assert stranger.get(url).status_code == 404, url
    assert stranger.post(reverse("card_batch_file", args=[batch.pk, 1])).status_code == 404
    assert stranger.post(reverse("card_step", args=[card.pk, "recall"])).status_code == 404
    assert stranger.get("/api/cards/").json()["results"] == []


def test_an_auditor_sees_but_may_not_do(world):
    card = carried(world)
    auditor = signed_in(world.user(Role.AUDITOR))

    assert auditor.get(f"/cards/{card.pk}/").status_code == 200
    auditor.post(reverse("card_step", args=[card.pk, "record_lost"]))
    assert Card.objects.get().state == "handed_over"
    assert auditor.get("/cards/batches/new/").status_code == 403


def test_the_page_of_a_card_offers_what_is_possible_and_takes_it(world):
    card = carried(world)
    clerk = signed_in(world.user(Role.TOWNSHIP_CLERK))
    shown = clerk.get(f"/cards/{card.pk}/").content.decode()
    assert reverse("card_step", args=[card.pk, "record_lost"]) in shown
    assert reverse("card_step", args=[card.pk, "confiscate"]) not in shown

    clerk.post(reverse("card_step", args=[card.pk, "record_lost"]), {"sentence": "桃花村"})
    clerk.post(reverse("card_step", args=[card.pk, "reissue"]), {"sentence": ""})
    wish = Reissue.objects.get()
    assert "批准" in issuer(world).get("/cards/reissues/").content.decode()
    issuer(world).post(reverse("reissue_decide", args=[wish.pk, "approve"]))

    assert Card.objects.get(edition=2).state == "numbered"


def test_confiscating_asks_for_article_act_and_evidence(world):
    card = carried(world)
    client, url = issuer(world), reverse("card_step", args=[card.pk, "confiscate"])

    assert "请" in client.post(url, {"article": "第五条"}).content.decode()
    assert Card.objects.get().state == "handed_over"
    client.post(url, {"article": "第五条", "act": "lent", "evidence": "照片"})
    assert Card.objects.get().state == "confiscated"
    assert "照片" in client.get(f"/cards/{card.pk}/").content.decode()
    clerk = signed_in(world.user(Role.TOWNSHIP_CLERK))
    assert "照片" not in clerk.get(f"/cards/{card.pk}/").content.decode().replace("没有照片", "")


def test_the_ledger_finds_by_name_number_and_state_in_few_questions(
    world, django_assert_max_num_queries
):
    card, _other = carried(world, name="𠮷学文"), printed(world)
    client = issuer(world)

    def found(query: str) -> int:
        with django_assert_max_num_queries(25):
            page = client.get(f"/cards/?{query}").content.decode()
        return (
            page.count('href="/cards/')
            - page.count('href="/cards/"')
            - page.count('href="/cards/batches/"')
            - page.count('href="/cards/reissues/"')
        )

    assert found("") == 2
    assert found("q=𠮷") == 1
    assert found(f"q={card.number_id}") == 1
    assert found("state=printed") == 1
    assert found("only=to_recall") == 0


def test_the_holder_shows_the_card_and_reports_it_with_one_tap(world):
    card = carried(world, name="𠮷学文")
    client = holder(card)

    shown = client.get("/my/04/card/").content.decode()
    assert "𠮷学文" in shown and "data-clock" in shown and "有效" in shown
    assert client.get("/my/04/card/photo/").headers["Content-Type"] == "image/jpeg"
    assert "确认" in client.get("/my/04/card/loss/").content.decode()
    client.post("/my/04/card/loss/", {"kind": "lost"})

    assert Card.objects.get().state == "lost"
    assert "<h1>已挂失</h1>" in Client().get(f"/v/{card.token}").content.decode()
    assert "data-clock" not in client.get("/my/04/card/").content.decode()


def test_whoever_is_disabled_does_not_show_a_card(world):
    from django.utils import timezone

    from recruitment.access_orders import order_disable

    card = carried(world)
    order_disable(
        [card.staff_id], actor=world.user(Role.CITY_STEWARD), reason="other", at=timezone.now()
    )

    assert holder(card).get("/my/04/card/").status_code in (302, 403)
    assert holder(card).get("/api/my/04/card/").status_code == 403


def test_the_holder_reports_through_the_api(world):
    card = carried(world)

    said = holder(card).post(
        "/api/my/04/card/", {"kind": "stolen"}, content_type="application/json"
    )

    assert said.json()["state"] == "stolen" and "token" not in said.json()


def test_the_person_page_shows_the_card_and_offers_a_number(world):
    staff = world.ready()
    client = issuer(world)
    assert (
        reverse("card_number", args=[staff.pk])
        in client.get(f"/staff/{staff.pk}/").content.decode()
    )

    card = carried(world, Staff.objects.get(pk=staff.pk))

    shown = client.get(f"/staff/{staff.pk}/").content.decode()
    number = card.number_id
    assert f"{number[:4]} {number[4:8]} {number[8:12]} {number[12:]}" in shown
    assert "证件已发放" in shown


def test_the_person_page_says_why_there_is_no_number(world):
    staff = world.enabled()

    shown = issuer(world).get(f"/staff/{staff.pk}/").content.decode()

    assert "还不具备发证条件" in shown


@pytest.mark.parametrize("role", [Role.TOWNSHIP_CLERK, Role.COORDINATOR, Role.AUDITOR])
def test_every_page_of_cards_answers_whoever_may_see_it(world, role):
    carried(world)
    client = signed_in(world.user(role))

    for url in ("/cards/", "/cards/batches/", "/cards/reissues/"):
        assert client.get(url).status_code == 200, url


def test_handing_over_nothing_says_so_instead_of_counting_none(world: World) -> None:
    client = Client()
    client.force_login(world.user(Role.CARD_ISSUER))

    page = client.post(reverse("card_hand_over"), {}, follow=True)

    assert "请先勾选已签收的证件" in page.content.decode()


def test_the_phones_next_step_follows_the_card(world):
    card = printed(world)
    client = holder(card)
    assert re.findall(r"<h2 id=.nx.>(.*?)</h2>", client.get("/my/04/").content.decode()) == [
        "去领证件"
    ]
    holding.hand_over_one(card, actor=world.user(Role.CARD_ISSUER))
    assert "可以上门登记了" in client.get("/my/04/").content.decode()
    client.post("/my/04/card/loss/", {"kind": "lost"})
    shown = client.get("/my/04/").content.decode()
    assert "等待补办新证" in shown and "您该办的都办完了" not in shown
