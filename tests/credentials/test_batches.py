"""Numbering and printing in bulk: every card once, one bad card alone, all codes readable."""

import hashlib
import itertools
from pathlib import Path

import pypdfium2
import pytest
from django.conf import settings

from census_staff.accounts.roles import Role
from census_staff.batches.models import Batch
from census_staff.batches.runner import run
from census_staff.batches.services import start
from census_staff.people.models import Photo
from census_staff.places.models import Region
from credentials import batches, printing, qr
from credentials.models import Card, PrintFile
from recruitment.models import Staff
from tests.credentials.refusals import refused
from tests.standing import World, make_person


def region(code: str, level: str, name: str) -> None:
    Region.objects.create(edition=2023, code=code, level=level, name=name)


@pytest.fixture
def county(world: World) -> World:
    region("341524000000", "county", "金寨县")
    region("341524112000", "township", "流波䃥镇")
    region("341524112205", "village", "桃花村")
    return world


def numbered(world: World) -> Batch:
    """Number everybody ready in the county as one batch."""
    actor = world.user(Role.CARD_ISSUER)
    batch = batches.prepare_numbers(
        Staff.objects.all(), actor=actor, census=world.census, office=world.county
    )
    start(batch, actor=actor)
    return run(batch.pk)


def printed(world: World, size: str = "badge") -> Batch:
    """Print every numbered card of the county as one batch."""
    actor = world.user(Role.CARD_ISSUER)
    batch = batches.prepare_print(
        Card.objects.all(), actor=actor, census=world.census, office=world.county, size=size
    )
    start(batch, actor=actor)
    return run(batch.pk)


def pdf_of(batch: Batch, world: World) -> bytes:
    return printing.open_file(batch.print_files.get(), actor=world.user(Role.CARD_ISSUER))


def text_of(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize("size", ["badge", "id1"])
def test_a_county_is_numbered_and_printed(county, size):
    people = [county.ready(name=name) for name in ("𠮷学文", "张䶮", "王𫖯")]

    done = numbered(county)
    sheets = printed(county, size)

    assert (done.state, sheets.state) == ("done", "done")
    cards = Card.objects.filter(staff__in=people)
    assert {card.state for card in cards} == {"printed"}
    pdf = pdf_of(sheets, county)
    assert set(qr.read_back(pdf, first=1, step=2)) == {
        qr.address("testserver", card.token) for card in cards
    }
    shown = text_of(pdf)
    assert all(name in shown for name in ("𠮷学文", "张䶮", "王𫖯", "流波䃥镇"))


def test_what_was_printed_is_kept_word_for_word_with_its_hash(county):
    staff = county.ready(name="𠮷学文")
    numbered(county)
    printed(county)

    card = Card.objects.get(staff=staff)

    assert card.face["full_name"] == "𠮷学文"
    assert card.face["area"] == "金寨县\n流波䃥镇 桃花村"
    assert card.face["number"] == card.number_id and len(card.face_sha256) == 64
    assert card.photo == Photo.objects.get(person=staff.person)
    assert card.face["photo"] == card.photo.sha256


def test_a_missing_glyph_or_photo_blocks_that_one_card_and_names_it(county):
    good, rare, bare = county.ready(), county.ready(name="李𡉃"), county.enabled()
    from tests.standing import pledge, sit, train

    train(bare)
    sit(bare, score=90)
    pledge(bare)
    numbered(county)

    batch = printed(county)

    reasons = {item.target_id: (item.state, item.reason) for item in batch.items.all()}
    of = {card.staff_id: reasons[card.pk] for card in Card.objects.all()}
    assert of == {
        good.pk: ("done", ""),
        rare.pk: ("refused", "missing_glyph:U+21243"),
        bare.pk: ("refused", "photo_missing"),
    }
    previewed = batches.prepare_print(
        Card.objects.all(),
        actor=county.user(Role.CARD_ISSUER),
        census=county.census,
        office=county.county,
        size="id1",
    )
    problems = sorted(item.facts["problem"] for item in previewed.items.all())
    assert problems == ["missing_glyph:U+21243", "photo_missing"]


def test_files_hold_so_many_cards_and_are_private(county, monkeypatch):
    monkeypatch.setattr(batches.PrintKind, "chunk", 2)
    for _one in range(5):
        county.ready()
    numbered(county)

    batch = printed(county)

    assert [(file.part, file.cards) for file in batch.print_files.order_by("part")] == [
        (1, 2),
        (2, 2),
        (3, 1),
    ]
    path = Path(settings.PRIVATE_DIR, "cards", batch.print_files.get(part=1).stored)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not path.read_bytes().startswith(b"%PDF")
    pdf = printing.open_file(batch.print_files.get(part=1), actor=county.user(Role.CARD_ISSUER))
    assert hashlib.sha256(pdf).hexdigest() == batch.print_files.get(part=1).sha256


def test_cards_lie_by_township_and_the_receipt_list_matches(county):
    from tests.standing import make_office

    second = make_office("341524100", 9, county.county, "梅山镇普查办")
    region("341524100000", "township", "梅山镇")
    for place, _turn in itertools.product((county.township, second), range(2)):
        county.ready(place)
    numbered(county)

    batch = printed(county)
    issuer = county.user(Role.CARD_ISSUER)
    shown = text_of(printing.receipts(batch, actor=issuer))

    codes = [item.office.code for item in batch.items.order_by("position")]
    assert codes == ["341524100", "341524100", "341524112", "341524112"]
    assert shown.index("梅山镇") < shown.index("流波䃥镇")
    numbers = [
        Card.objects.get(pk=item.target_id).number_id for item in batch.items.order_by("position")
    ]
    assert all(f"{n[:4]} {n[4:8]} {n[8:12]} {n[12:]}" in shown for n in numbers)


def test_whoever_is_no_longer_ready_when_the_batch_works_is_refused_with_the_reason(county):
    from training.models import CompletionVoid

    gone, stays = county.ready(), county.ready()
    actor = county.user(Role.CARD_ISSUER)
    batch = batches.prepare_numbers(
        Staff.objects.all(), actor=actor, census=county.census, office=county.county
    )
    CompletionVoid.objects.create(
        completion=gone.person.completions.get(), reason="test", made_by=actor
    )
    start(batch, actor=actor)

    run(batch.pk)

    assert dict(batch.items.values_list("target_id", "reason")) == {
        gone.pk: "not_ready:trained",
        stays.pk: "",
    }


def test_nobody_of_another_county_comes_into_a_batch(county):
    county.ready(county.other_township)

    with refused("nobody_waiting"):
        numbered(county)


def test_a_batch_of_another_county_is_not_started(county):
    county.ready()
    actor = county.user(Role.CARD_ISSUER)
    batch = batches.prepare_numbers(
        Staff.objects.all(), actor=actor, census=county.census, office=county.county
    )

    with refused("not_in_role"):
        start(batch, actor=county.user(Role.CARD_ISSUER, county.other_county))


def test_files_are_deleted_on_their_date(county):
    from django.utils import timezone

    county.ready()
    numbered(county)
    batch = printed(county)

    swept = printing.sweep(timezone.now() + printing.KEPT_FOR)

    assert swept == 1 and PrintFile.objects.get().stored == ""
    with refused("file_gone"):
        pdf_of(batch, county)


def test_what_a_killed_printer_left_is_deleted_once_nobody_can_be_writing_it(county):
    import os
    import time

    from credentials import private_files

    private_files.keep("7-1.pdf", b"whole")
    left, fresh = (Path(settings.PRIVATE_DIR, "cards", f"8-1.unfinished-{n}") for n in (1, 2))
    for path in (left, fresh):
        path.write_bytes(b"half")
    os.utime(left, (0, time.time() - 2 * private_files.LEFT_BEHIND))

    assert private_files.sweep() == 1
    assert not left.exists() and fresh.exists()
    assert private_files.contents("7-1.pdf") == b"whole"


def test_the_newest_photo_is_printed(county):
    from tests.standing import give_photo

    person = make_person()
    county.ready(person=person)
    newest = give_photo(person)
    numbered(county)
    printed(county)

    assert Card.objects.get().photo == newest
