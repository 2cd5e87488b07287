"""Sheets of 5,000 cards, with and without every code read back, beside ReportLab and a bare writer."""

import gc
import hashlib
import io
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench import machine
from tests.bench.report import Report, say

CARDS = {True: 12, False: 5_000}
PEERS = {True: 4, False: 400}  # a peer's sample; its rate does not depend on how many there are


def run(size: int, quick: bool) -> Report:
    """Return how many cards a second each way makes; each in a process of its own."""
    cards = CARDS[quick]
    report = Report(
        "cards", f"{cards:,} cards on A4, distinct photos, QR, rare characters", cards, quick
    )
    photos = _photos(cards)
    report.figures["photos"] = (
        f"{len(set(photos)):,} distinct, at most {max(map(len, photos)):,} bytes"
    )
    sides: dict[str, tuple[str, Callable[..., Any], int]] = {
        "reportlab": ("peer: ReportLab and a pure-Python code", _reportlab, PEERS[quick]),
        "limit": ("limit: hand-written PDF writer", _limit, cards),
        "plain": ("product: sheets", _product, cards),
        "read": ("product: sheets, every code read back", _product_read, cards),
    }
    found: dict[str, dict[str, Any]] = {}
    for key, (name, work, count) in sides.items():
        found[key] = _apart(work, count, photos)
        one = found[key]
        report.side(
            name, count / one["seconds"], "cards/s", seconds=one["seconds"], peak_mb=one["peak"],
            note=f"{count:,} cards, {one['bytes'] / count / 1000:.0f} kB each" + (f", {one['files']} files" if one["files"] > 1 else ""),
        )  # fmt: skip
    rate = {key: side.rate for key, side in zip(sides, report.sides, strict=True)}
    report.at_least("without read-back / ReportLab", rate["plain"] / rate["reportlab"], 4)
    report.at_least("without read-back / hand-written writer", rate["plain"] / rate["limit"], 0.4)
    report.at_least("with read-back / ReportLab", rate["read"] / rate["reportlab"], 2.5)
    report.at_least("with read-back / hand-written writer", rate["read"] / rate["limit"], 0.25)
    report.at_most("memory, MB", max(found["plain"]["peak"], found["read"]["peak"]), 256)
    report.holds("every code was read", found["read"]["unread"] == 0)
    _whole(report, photos, quick)
    return report


def _photos(count: int) -> list[bytes]:
    """Return so many distinct photos; drawn once and kept beside the databases."""
    from census_staff.lib.portraits import draw_portrait

    store = Path(os.environ["CENSUS_TEST_STATE"], "bench-photos")
    store.mkdir(exist_ok=True)
    found = []
    for number in range(count):
        path = store / f"{number}.jpg"
        if not path.exists():
            path.write_bytes(draw_portrait(f"bench {number}"))
        found.append(path.read_bytes())
        if number and number % 1000 == 0:
            say(f"  cards: {number:,} photos")
    return found


def faces(photos: list[bytes], count: int) -> Iterator[Any]:
    """Yield the faces of these cards."""
    from datetime import date

    from credentials import numbers, tokens
    from credentials.card_faces import CardFace
    from tests.bench.rows import _names

    names, key = _names(), b"k" * 32
    for place in range(count):
        yield CardFace(
            number=numbers.make(census="04", county="341524", role="2", sequence=place + 1),
            token=tokens.new(key), full_name=names[place % len(names)], role_name="普查员",
            census_title="第四次全国农业普查", edition=1, issuer="金寨县第四次全国农业普查领导小组办公室",
            issuer_short="金寨县农普办", area=f"金寨县\n流波䃥镇 第{place % 90}村、响洪甸村", valid_from=date(2026, 12, 1),
            valid_until=date(2027, 5, 31), host="pucha.luan.gov.cn", hotline="0564-000 0000",
            township="流波䃥镇", photo=photos[place % len(photos)],
        )  # fmt: skip


def _apart(work: Callable[..., Any], count: int, photos: list[bytes]) -> dict[str, Any]:
    """Run the work in a forked process, so that its memory is its own."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def go() -> None:
        gc.collect()
        machine.forget_peak()
        start = time.perf_counter()
        told = work(photos, count)
        theirs.send(told | {"seconds": time.perf_counter() - start, "peak": machine.peak_mb()})

    process = context.Process(target=go)
    process.start()
    found: dict[str, Any] = ours.recv()
    process.join()
    return found


def _parts(photos: list[bytes], count: int) -> Iterator[list[Any]]:
    """Yield the faces file by file, as the print batches do."""
    from credentials.printing import PER_FILE

    part = []
    for face in faces(photos, count):
        part.append(face)
        if len(part) == PER_FILE:
            yield part
            part = []
    if part:
        yield part


def _product(photos: list[bytes], count: int, *, read: bool = False) -> dict[str, Any]:
    from django.utils import timezone

    from credentials.card_faces import CardSize, blocked
    from credentials.card_pdf import unreadable, write_cards

    files = total = unread = 0
    for part in _parts(photos, count):
        assert not any(blocked(face) for face in part)
        out = io.BytesIO()
        write_cards(out, part, size=CardSize.ID1, title="制证批次", made_at=timezone.now())
        files, total = files + 1, total + out.tell()
        if read:
            unread += len(unreadable(out.getvalue(), part))
    return {"files": files, "bytes": total, "unread": unread}


def _product_read(photos: list[bytes], count: int) -> dict[str, Any]:
    return _product(photos, count, read=True)


def _reportlab(photos: list[bytes], count: int) -> dict[str, Any]:
    from tests.bench import peer_cards

    return {"files": 1, "bytes": peer_cards.reportlab(list(faces(photos, count))), "unread": 0}


def _limit(photos: list[bytes], count: int) -> dict[str, Any]:
    from tests.bench import peer_cards

    files = total = 0
    for part in _parts(photos, count):
        files, total = files + 1, total + peer_cards.bare(part)
    return {"files": files, "bytes": total, "unread": 0}


def _whole(report: Report, photos: list[bytes], quick: bool) -> None:
    """Carry a print batch of the product with everything on: numbers, snapshots, files, audit."""
    from census_staff.accounts.models import Posting
    from census_staff.audit.models import Entry
    from census_staff.batches.runner import run as carry
    from census_staff.censuses.models import Census
    from census_staff.people.models import Photo
    from census_staff.places.models import Office
    from credentials import batches
    from credentials.models import Card
    from recruitment.models import Staff

    issuer = Posting.objects.select_related("user").get(role="card_issuer").user
    census, office = Census.objects.get(), Office.objects.get(code="00")
    ready = Staff.objects.filter(census=census, cards=None).appointed().ready().open_access()
    keys = list(ready.order_by("pk").values_list("pk", "person_id")[: CARDS[quick]])
    Photo.objects.bulk_create(
        (
            Photo(person_id=person, jpeg=photo, sha256=hashlib.sha256(photo).hexdigest())
            for (_pk, person), photo in zip(keys, photos, strict=False)
        ),
        batch_size=500,
    )
    start = time.perf_counter()
    rows = Staff.objects.filter(pk__in=[pk for pk, _person in keys])
    numbering = batches.prepare_numbers(rows, actor=issuer, census=census, office=office)
    batches.start(numbering, actor=issuer)
    carry(numbering.pk)
    numbered = time.perf_counter() - start
    cards = Card.objects.filter(pk__in=batches.cards_of(numbering))
    machine.forget_peak()
    start = time.perf_counter()
    sheets = batches.prepare_print(cards, actor=issuer, census=census, office=office, size="id1")
    batches.start(sheets, actor=issuer)
    done = carry(sheets.pk)
    took, made = time.perf_counter() - start, done.report["cards"]
    report.figures["the whole batch"] = (
        f"{made:,} cards numbered in {numbered:.1f} s; printed, read back, encrypted and audited in {took:.1f} s:"
        f" {made / took:.0f} cards/s, {done.report['files']} files, {machine.peak_mb():.0f} MB"
    )
    printed = Entry.objects.filter(batch_id=sheets.pk, new="printed").count()
    report.holds(
        "the batch printed every card, each with its audit row", made == printed == len(keys) > 0
    )
    if made != len(keys):
        say(f"  cards: {json.dumps(done.report, ensure_ascii=False)} of {len(keys)}")
