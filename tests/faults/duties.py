"""What waits for the worker in these tests, and the hands that do it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.batches.models import Batch
from census_staff.censuses.models import Census
from census_staff.embedded.children import Child
from credentials import batches
from recruitment.compliance import steps
from recruitment.lifecycle import ACCESS, SERVICE
from recruitment.models import Staff
from tests.processes import child, running, wait_until
from tests.standing import World, make_person, move_times

QUICK = "tests.faults.quick_clock"


def due_run(world: World, people: int) -> Batch:
    """Return an approved run that is due now, over so many people who owe everything."""
    Census.objects.update(run_cap_percent=100)
    for _n in range(people):
        world.staff(person=make_person())
    county = world.user(Role.COUNTY_REVIEWER)
    SERVICE.advance(Staff.objects.all(), "appoint", actor=county)
    ACCESS.advance(Staff.objects.all(), "activate", actor=county)
    steward = world.user(Role.CITY_STEWARD)
    census = Census.objects.get()
    batch = steps.freeze(steps.prepare(actor=steward, census=census), actor=steward)
    steps.approve(batch, actor=world.user(Role.CITY_APPROVER), typed=people)
    at = timezone.now()
    move_times(deadline_at=at, execute_at=at)
    Batch.objects.update(due_at=at)
    return batch


def numbering(world: World, people: int = 1) -> Batch:
    """Return the preview of a numbering; starting it is for the test."""
    for _n in range(people):
        world.ready()
    actor = world.user(Role.CARD_ISSUER)
    return batches.prepare_numbers(
        Staff.objects.all(), actor=actor, census=world.census, office=world.county
    )


def is_done(batch: Batch) -> bool:
    """Say whether the batch is done by now."""
    return Batch.objects.get(pk=batch.pk).state == "done"


@contextmanager
def hands(name: str, *, app: str = QUICK, concurrency: int = 1) -> Iterator[Child]:
    """Run a worker of this name."""
    arguments = ("--concurrency", str(concurrency), "--loglevel", "INFO", "--without-mingle")
    command = ("celery", "--app", app, "worker", "-n", name, *arguments)
    with running(child(name, *command)) as process:
        wait_until(lambda: b" ready." in process.log.read_bytes(), log=process.log)
        yield process


@contextmanager
def quick_clock(name: str) -> Iterator[Child]:
    """Run a beat of this name that looks every second."""
    schedule = child(name, "x").log.with_suffix(".schedule")
    command = ("celery", "--app", QUICK, "beat", "--loglevel", "INFO", "--pidfile=")
    with running(child(name, *command, "--schedule", str(schedule))) as process:
        wait_until(lambda: b"Sending due task" in process.log.read_bytes(), log=process.log)
        yield process
