"""A pledge is signed once, under the text that was read, by its own hand and name."""

import io

import pytest
from django.test import Client
from PIL import Image, ImageDraw

from census_staff.accounts.models import User
from census_staff.correspondence.models import Notice
from census_staff.lib.errors import Refused
from recruitment import pledges
from recruitment.models import Pledge, PledgeText, Staff
from recruitment.pledges import Signature
from tests.standing import train

DEVICE = "a phone"


@pytest.fixture
def person(world):
    pledges.load_pledge_text(world.census, actor=world.user("city_steward"))
    staff = world.enabled(name="𠮷学文")
    train(staff)
    return staff


def drawn(*, ink=True, size=(600, 300), mode="RGBA"):
    """Return a PNG as the phone's canvas makes it."""
    image = Image.new(mode, size)
    if ink:
        ImageDraw.Draw(image).line([(50, 150), (300, 80), (500, 220)], "#182230", 7)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def sign(staff, **more):
    text = pledges.text_for(staff)
    values = {"drawing": drawn(), "device": DEVICE} | more
    sha256 = values.pop("sha256", text.sha256)
    actor = User.objects.get(person=staff.person)
    return pledges.sign(staff, sha256=sha256, signature=Signature(**values), actor=actor)


def is_pledged(staff):
    return Staff.objects.filter(pk=staff.pk).meeting("pledged").exists()


def test_a_signature_keeps_the_hash_of_the_text_the_time_and_the_device(person):
    signed = sign(person)
    assert is_pledged(person)
    assert signed.text_sha256 == signed.text.sha256
    assert signed.device == DEVICE
    assert signed.signature_kind == "drawn"
    assert bytes(signed.drawing).startswith(b"\x89PNG")


def test_signing_twice_is_signing_once(person):
    assert sign(person).pk == sign(person).pk
    assert Pledge.objects.count() == 1


def test_a_typed_name_must_be_the_persons_own(person):
    with pytest.raises(Refused) as refused:
        sign(person, drawing=b"", typed_name="吉学文")
    assert refused.value.code == "wrong_name"
    assert sign(person, drawing=b"", typed_name=" 𠮷学文 ").typed_name == "𠮷学文"


def test_a_text_that_changed_under_the_readers_eyes_is_not_signed(person):
    with pytest.raises(Refused) as refused:
        sign(person, sha256="0" * 64)
    assert refused.value.code == "pledge_changed"
    assert not is_pledged(person)


@pytest.mark.parametrize(
    ("drawing", "code"),
    [
        (drawn(ink=False), "signature_empty"),
        (b"\x89PNG not at all", "signature_unreadable"),
        (b"x" * 60_001, "signature_too_large"),
        (drawn(ink=False, size=(4000, 4000), mode="1"), "signature_unreadable"),
    ],
)
def test_a_drawing_that_is_no_signature_is_refused(person, drawing, code):
    with pytest.raises(Refused) as refused:
        sign(person, drawing=drawing)
    assert refused.value.code == code


def test_whoever_is_not_trained_cannot_sign(world):
    pledges.load_pledge_text(world.census, actor=world.user("city_steward"))
    with pytest.raises(Refused) as refused:
        sign(world.enabled())
    assert refused.value.code == "not_trained"


def test_a_new_version_may_leave_earlier_signatures_alone_or_ask_for_new_ones(person, world):
    sign(person)
    steward = world.user("city_steward")
    more = {"title": "保密承诺书", "actor": steward}
    pledges.publish_text(world.census, "enumerator", body="第二版。", ask_again=False, **more)
    assert is_pledged(person)
    newest = pledges.publish_text(
        world.census, "enumerator", body="第三版。", ask_again=True, **more
    )
    assert not is_pledged(person)
    assert Notice.objects.get(kind="pledge_renewed").person == person.person
    assert sign(person).text == newest
    assert is_pledged(person)


def test_the_text_of_the_product_is_loaded_once_for_each_role(person, world):
    assert pledges.load_pledge_text(world.census, actor=world.user("city_steward")) == 0
    assert sorted(PledgeText.objects.values_list("role", flat=True)) == ["enumerator", "supervisor"]


def test_the_signed_pledge_is_a_pdf_of_the_persons_own(person, world):
    sign(person)
    client = Client()
    client.force_login(User.objects.get(person=person.person))
    answer = client.get(f"/my/{world.census.code}/pledge/pdf/")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    other = world.enabled()
    client.force_login(User.objects.get(person=other.person))
    assert client.get(f"/my/{world.census.code}/pledge/pdf/").status_code == 404


def test_only_the_steward_publishes_a_pledge(world):
    client = Client()
    values = {"role": "enumerator", "title": "承诺书", "body": "正文。"}
    client.force_login(world.user("training_officer"))
    assert client.post("/pledge-texts/new/", values).status_code == 403
    client.force_login(world.user("city_steward"))
    assert client.post("/pledge-texts/new/", values).status_code == 302
    assert PledgeText.objects.get().published_by == world.user("city_steward")
    assert client.get("/pledge-texts/").status_code == 200
