"""PostgreSQL is restarted and killed under load: pages say so, then everything serves on by itself."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from census_staff.accounts.roles import Role
from census_staff.batches.models import Batch
from census_staff.batches.services import start
from census_staff.batches.tasks import wake
from census_staff.embedded.children import Child
from census_staff.embedded.postgres import Postgres
from credentials import batches, issue
from credentials.models import Card
from exams.models import Answer
from recruitment.models import Staff
from tests.exams.standing import publish
from tests.faults.browsers import Answer as Said
from tests.faults.browsers import Browser, Phone, words_of
from tests.faults.servers import kill_postgres, own_postgres, stop_postgres
from tests.processes import wait_until, website, worker
from tests.standing import World

# Whoever waits in vain is told so before they give up on the page.
AT_ONCE = 3.0


@dataclass
class Site:
    """An installation on a PostgreSQL of its own."""

    postgres: Postgres
    address: str
    worker: Child
    world: World


@pytest.fixture(scope="module")
def site(django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    with own_postgres(django_db_blocker) as postgres:
        world = World()
        publish(world, attempts=20)
        with website() as address, worker() as process:
            yield Site(postgres, address, process, world)


@dataclass
class Visitor(threading.Thread):
    """Somebody who does one thing again and again until the door closes."""

    deed: Callable[[], Said]
    said: list[tuple[float, Said]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.over.wait(0.02):
            began = time.monotonic()
            self.said.append((began, self.deed()))
        connections.close_all()

    def since(self, moment: float) -> list[Said]:
        """Return what was said to whoever asked after this moment."""
        return [said for began, said in list(self.said) if began > moment]


def visitors(site: Site) -> dict[str, Visitor]:
    """Return people who sign in, answer and scan."""
    clerk = site.world.user(Role.TOWNSHIP_CLERK)
    phone = Phone(site.address, site.world.enabled().person.user)
    phone.begin()
    holder = site.world.ready()
    token = issue.number_one(holder, actor=site.world.user(Role.CARD_ISSUER)).token
    deeds: dict[str, Callable[[], Said]] = {
        "sign-in": lambda: Browser(site.address).sign_in(clerk.login, "Correct-Horse-9"),
        "save": lambda: phone.send(phone.touch(1 + phone.sequence % 50, "A")),
        "scan": lambda: Browser(site.address).get(f"/v/{token}"),
    }
    found = {name: Visitor(deed) for name, deed in deeds.items()}
    found["save"].phone = phone  # type: ignore[attr-defined]
    return found


def is_well(visitor: Visitor, since: float) -> bool:
    return any(said.status in (200, 302) for said in visitor.since(since))


def new_batch(site: Site) -> Batch:
    """Return bulk work that waits for the worker."""
    site.world.ready()
    actor, world = site.world.user(Role.CARD_ISSUER), site.world
    batch = batches.prepare_numbers(
        Staff.objects.all(), actor=actor, census=world.census, office=world.county
    )
    start(batch, actor=actor)
    return batch


def hold_the_gap(people: dict[str, Visitor], since: float) -> None:
    """Hold that everybody was told at once, in words, that it is not possible now."""
    for name, visitor in people.items():
        told = visitor.since(since)
        assert told and {said.status for said in told} == {503}, (name, told[:3])
        assert max(said.seconds for said in told) < AT_ONCE, name
        assert all(said.headers["Retry-After"] for said in told)
    save = people["save"].since(since)[0]
    assert (save.told["code"], "系统暂时无法应答" in save.told["sentence"]) == ("unavailable", True)
    assert "系统暂时无法应答" in words_of(people["sign-in"].since(since)[0].text)
    assert "暂时无法核验" in words_of(people["scan"].since(since)[0].text)


@pytest.mark.parametrize("ends", [stop_postgres, kill_postgres])
def test_while_the_database_is_away_pages_say_so_and_then_all_serve_on_by_themselves(site, ends):
    people = visitors(site)
    hand = site.worker.process.pid
    first = new_batch(site)
    wake.delay(first.pk)
    wait_until(lambda: Batch.objects.get(pk=first.pk).state == "done", log=site.worker.log)
    waiting = new_batch(site)
    for visitor in people.values():
        visitor.start()
    began = time.monotonic()
    wait_until(lambda: all(is_well(visitor, began) for visitor in people.values()))

    connections.close_all()
    ends(site.postgres)
    away = time.monotonic()
    # What comes now finds nobody; the worker is rung in vain, too.
    wake.delay(waiting.pk)
    wait_until(lambda: all(len(visitor.since(away)) >= 2 for visitor in people.values()))
    hold_the_gap(people, away)
    site.postgres.start()
    back = time.monotonic()

    wait_until(lambda: all(is_well(visitor, back) for visitor in people.values()))
    for visitor in people.values():
        visitor.over.set()
        visitor.join()
    wake.delay(waiting.pk)
    wait_until(lambda: Batch.objects.get(pk=waiting.pk).state == "done", log=site.worker.log)
    hold_the_end(site, people, hand)
    assert Card.objects.filter(staff__in=waiting.items.values("target_id")).count() == 1


def hold_the_end(site: Site, people: dict[str, Visitor], hand: int) -> None:
    """Hold that nothing acknowledged is lost, that nobody saw a fault, and who still serves."""
    for name, visitor in people.items():
        seen = {said.status for _began, said in visitor.said}
        # Never 0, a line that broke: the web server itself was never away.
        assert seen <= {200, 302, 503}, (name, seen)
    phone: Phone = people["save"].phone  # type: ignore[attr-defined]
    kept = dict(Answer.objects.filter(attempt=phone.attempt).values_list("op", "question"))
    assert phone.acknowledged and phone.acknowledged <= {str(op) for op in kept}
    assert phone.hand_in().told["answered"] == len(set(kept.values()))
    assert site.worker.process and site.worker.process.pid == hand and not site.worker.is_dead()
    web = Path(os.environ["CENSUS_STATE_DIR"], "web.log").read_text()
    assert web.count("Spawning worker") == 1
    assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"]
