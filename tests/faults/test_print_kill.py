"""A worker that dies in the middle of a card batch: the next one finishes, nobody twice."""

import hashlib
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.batches.models import Batch
from census_staff.batches.services import start
from census_staff.batches.tasks import wake
from credentials import batches, issue, printing, qr
from credentials.models import Card, PrintFile
from recruitment.models import Staff
from tests.processes import kill, wait_until, worker
from tests.standing import World

PEOPLE = 260


def crowd(world: World, count: int) -> None:
    """Number many people upon real evidence, a few facts written in bulk for speed."""
    for _turn in range(count):
        world.ready()
    issue.number(Staff.objects.all(), actor=world.user(Role.CARD_ISSUER))


def prepared(world: World) -> Batch:
    actor = world.user(Role.CARD_ISSUER)
    batch = batches.prepare_print(
        Card.objects.all(),
        actor=actor,
        census=world.census,
        office=world.county,
        size="badge",
    )
    start(batch, actor=actor)
    return batch


def is_inside_a_chunk(batch: Batch) -> bool:
    """Say whether some session holds the batch's row right now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
            " WHERE c.relname = 'credentials_card' AND l.mode = 'RowShareLock'"
            " AND l.pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_card_batch_survives_the_death_of_its_worker() -> None:
    world = World()
    crowd(world, PEOPLE)
    batch = prepared(world)

    with worker() as first:
        wake.delay(batch.pk)
        wait_until(lambda: is_inside_a_chunk(batch), log=first.log)
        kill(first)
    before = PrintFile.objects.filter(batch=batch).count()
    assert before < 2 and Card.objects.filter(state="printed").count() in (0, printing.PER_FILE)

    with worker() as second:
        time.sleep(0.2)
        wake.delay(batch.pk)
        wait_until(
            lambda: Batch.objects.get(pk=batch.pk).state == "done", seconds=90, log=second.log
        )

    files = list(batch.print_files.order_by("part"))
    assert [file.part for file in files] == [1, 2]
    assert sum(file.cards for file in files) == PEOPLE
    assert batch.items.filter(state="done").count() == PEOPLE
    printed = Entry.objects.filter(subject="credentials_card", old="numbered", new="printed")
    assert printed.count() == printed.values("subject_id").distinct().count() == PEOPLE
    codes: list[str] = []
    for file in files:
        pdf = printing.open_file(file, actor=world.user(Role.CARD_ISSUER))
        assert hashlib.sha256(pdf).hexdigest() == file.sha256
        codes += qr.read_back(pdf, first=1, step=2)
    host = settings.SITE_URL.partition("://")[2]
    wanted = {qr.address(host, token) for token in Card.objects.values_list("token", flat=True)}
    assert sorted(codes) == sorted(wanted)
    kept = {file.stored for file in files}
    lying = {path.name for path in Path(settings.PRIVATE_DIR, "cards").glob(f"{batch.pk}-*.enc")}
    assert lying == kept
