"""Valkey only rings: flushed, killed or absent, every door answers and what is due is done in time."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.urls import reverse

from census_staff.accounts.roles import Role
from census_staff.batches.models import Batch
from census_staff.batches.tasks import SILENCE
from census_staff.embedded.children import Child
from census_staff.embedded.valkey import Valkey
from credentials import issue
from credentials.models import Card
from tests.exams.standing import publish
from tests.faults.browsers import Answer, Browser, Phone
from tests.faults.duties import hands, is_done, numbering, quick_clock
from tests.faults.quick_clock import EVERY
from tests.faults.servers import hung_valkey, kill_valkey, own_valkey
from tests.processes import kill, wait_until, website
from tests.standing import World

pytestmark = pytest.mark.django_db(transaction=True)
LATEST = 60.0
# Kombu waits two seconds longer after each try in vain; Valkey is started again within two tries.
RECONNECTING = 2 + 4
# Before anybody leaves a page that does not come.
AT_ONCE = 3.0
SWEEPS = {"recruitment.tasks.sweep_files", "credentials.tasks.sweep_files"}


@dataclass
class Site:
    """An installation with a Valkey of its own."""

    valkey: Valkey
    address: str
    worker: Child
    beat: Child


@pytest.fixture(scope="module")
def site(django_db_setup: None) -> Iterator[Site]:
    with (
        own_valkey() as valkey,
        website() as address,
        hands("hand") as worker,
        quick_clock("beat") as beat,
    ):
        yield Site(valkey, address, worker, beat)


def begin(site: Site, world: World, batch: Batch) -> Answer:
    """Press the button that starts the work."""
    issuer = Browser(site.address, world.user(Role.CARD_ISSUER))
    return issuer.form(reverse("batch_deed", args=[batch.pk, "start"]))


def stop(process: Child, sign: signal.Signals) -> None:
    """Hold a process with its children, or let it go on."""
    assert process.process
    os.killpg(process.process.pid, sign)


def test_a_message_that_is_flushed_away_is_missed_by_nobody(site):
    world = World()
    batch = numbering(world, 3)
    # A worker that only stands still has a message in its hands as soon as it is sent.
    kill(site.worker)
    stop(site.beat, signal.SIGSTOP)
    assert begin(site, world, batch).status == 302
    assert site.valkey.ask("FLUSHALL").startswith(b"+OK")
    site.worker.start()
    wait_until(lambda: site.worker.log.read_bytes().count(b" ready.") == 2, log=site.worker.log)
    time.sleep(1)
    assert Batch.objects.get(pk=batch.pk).state == "approved", "The message was not lost."
    began = time.monotonic()
    stop(site.beat, signal.SIGCONT)

    wait_until(lambda: is_done(batch), log=site.worker.log)

    assert time.monotonic() - began < LATEST
    assert Card.objects.count() == 3
    # The door rings again as before, though all that Valkey knew of its queues is gone.
    stop(site.beat, signal.SIGSTOP)
    second = numbering(world)
    assert begin(site, world, second).status == 302
    wait_until(lambda: is_done(second), log=site.worker.log)
    stop(site.beat, signal.SIGCONT)
    assert Batch.objects.get(pk=batch.pk).report["totals"] == {"done": 3}


def test_without_valkey_every_door_answers_at_once_and_what_was_begun_is_done_when_it_is_back(site):
    world = World()
    publish(world)
    phone = Phone(site.address, world.enabled().person.user)
    phone.begin()
    token = issue.number_one(world.ready(), actor=world.user(Role.CARD_ISSUER)).token
    batch = numbering(world, 2)
    hand, clock = site.worker.process.pid, site.beat.process.pid

    kill_valkey(site.valkey)
    began = begin(site, world, batch)
    clerk = world.user(Role.TOWNSHIP_CLERK)
    said = {
        "start": began,
        "sign-in": Browser(site.address).sign_in(clerk.login, "Correct-Horse-9"),
        "wrong": Browser(site.address).sign_in(clerk.login, "wrong"),
        "save": phone.send(phone.touch(1, "A")),
        "submit": phone.hand_in(),
        "scan": Browser(site.address).get(f"/v/{token}"),
    }
    statuses = {"start": 302, "sign-in": 302, "wrong": 200, "save": 200, "submit": 200, "scan": 200}
    assert {name: answer.status for name, answer in said.items()} == statuses
    assert max(answer.seconds for answer in said.values()) < AT_ONCE
    # What the button wrote is committed, and the page says so.
    page = Browser(site.address, world.user(Role.CARD_ISSUER)).get(began.location)
    assert page.status == 200 and Batch.objects.get(pk=batch.pk).state == "approved"

    site.valkey.start()
    back = time.monotonic()
    wait_until(lambda: is_done(batch), seconds=LATEST, log=site.worker.log)
    late = time.monotonic() - back

    # With the product's clock, which looks less often than ours.
    assert late - EVERY + settings.POLLS["census_staff.batches.tasks.poll"] <= LATEST
    assert Batch.objects.get(pk=batch.pk).report["totals"] == {"done": 2}
    assert Card.objects.count() == 3
    # Worker and beat found their way back by themselves.
    assert (site.worker.process.pid, site.beat.process.pid) == (hand, clock)
    assert not site.worker.is_dead() and not site.beat.is_dead()


def test_a_valkey_that_hangs_keeps_nobody_waiting_and_what_was_begun_is_done_when_it_goes_on(site):
    world = World()
    batch = numbering(world, 2)
    token = issue.number_one(world.ready(), actor=world.user(Role.CARD_ISSUER)).token
    clerk = world.user(Role.TOWNSHIP_CLERK)

    with hung_valkey(site.valkey):
        began = begin(site, world, batch)
        entered = Browser(site.address).sign_in(clerk.login, "Correct-Horse-9")
        scanned = Browser(site.address).get(f"/v/{token}")
        # As long as it takes the clients to give up a line on which nothing comes.
        time.sleep(settings.CELERY_BROKER_TRANSPORT_OPTIONS["socket_timeout"] + 1)
        assert Batch.objects.get(pk=batch.pk).state == "approved"
    on = time.monotonic()

    assert [began.status, entered.status, scanned.status] == [302, 302, 200]
    assert max(began.seconds, entered.seconds, scanned.seconds) < AT_ONCE
    wait_until(lambda: is_done(batch), seconds=LATEST, log=site.worker.log)
    assert time.monotonic() - on <= LATEST
    assert Batch.objects.get(pk=batch.pk).report["totals"] == {"done": 2}
    assert not site.worker.is_dead() and not site.beat.is_dead()


def test_the_clock_of_an_installation_looks_so_often_that_nothing_is_a_minute_late():
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        if name in SWEEPS:
            continue
        # A message that nobody took in time is dropped, and the next one is there already.
        assert entry["options"]["expires"] >= entry["schedule"]
        assert entry["schedule"] + RECONNECTING <= LATEST
    # Longest of all waits what its runner left behind when it died.
    poll = settings.CELERY_BEAT_SCHEDULE["census_staff.batches.tasks.poll"]["schedule"]
    assert SILENCE.total_seconds() + poll + RECONNECTING <= LATEST
    assert settings.CELERY_BROKER_CONNECTION_MAX_RETRIES is None
