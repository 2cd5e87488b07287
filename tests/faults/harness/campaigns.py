"""A campaign: a fresh world, work under way, people at the exam, kills, calm, and the questions."""

import contextlib
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, connections

from tests.faults.harness import ground, invariants, world
from tests.faults.harness.examinees import Acknowledged, Examinee, patiently
from tests.faults.harness.killing import Killer, Tally
from tests.faults.harness.processes import Crew

PATIENCE = 60.0
AT_WORK = {"hand": 5.0, "backend of a worker": 4.0, "worker": 1.0, "postmaster": 1.0, "beat": 0.1}
AT_THE_DOOR = {"web": 1.6, "backend of the web": 4.0, "postmaster": 0.8}
WEIGHTS = {
    "run": AT_WORK | {"web": 0.2},
    "roster": AT_WORK,
    "cards": AT_WORK,
    "exam": AT_THE_DOOR,
}
# Kills after which one chunk is let through.
MOST_IN_VAIN = 5
Findings = dict[str, list[Any]]


@dataclass
class Outcome:
    """What a campaign did and found."""

    name: str
    tally: Tally
    asked: list[str]
    wrong: Findings = field(default_factory=dict)
    seconds: float = 0.0
    acknowledged: int = 0
    handed_in: int = 0
    items: dict[str, int] = field(default_factory=dict)
    while_running: int = 0


class Campaign:
    """One stretch of one kind of work."""

    def __init__(
        self,
        name: str,
        crew: Crew,
        known: world.World,
        chance: random.Random,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self.name, self.crew, self.known, self.chance = name, crew, known, chance
        self.patience = patience
        self.told = Acknowledged()
        self.killer = Killer(crew, chance, WEIGHTS[name])
        self.facts: dict[str, Any] = {
            "last_staff": known.last_staff,
            "last_person": known.last_person,
            "batches": [],
        }
        self.outcome = Outcome(name, self.killer.tally, [one.name for one in invariants.of(name)])
        self.people: list[Examinee] = []

    def carry_out(self, kills: int) -> Outcome:
        """Make the world anew, kill so often (or until all is done), and ask everything."""
        start = time.monotonic()
        self.prepare()
        with self.people_sitting():
            for batch in self.batches():
                self.order(batch)
                self.storm(kills, batch)
                self.calm()
        self.ask_everything()
        self.outcome.seconds = time.monotonic() - start
        return self.outcome

    def prepare(self) -> None:
        """Make the world anew, without the marks of the one before."""
        connections.close_all()
        ground.fresh_world()
        world.open_private()
        calm_mark().unlink(missing_ok=True)

    def batches(self) -> Iterator[str]:
        """Yield the orders of this campaign, one after the other."""
        yield from {"cards": ("numbers", "prints")}.get(self.name, (self.name,))

    def order(self, what: str) -> None:
        """Give the order and ring the bell once: the clock does the rest."""
        from census_staff.batches.tasks import wake

        orders: dict[str, Callable[[world.World], int]] = {
            "run": world.approved_run,
            "roster": world.confirmed_roster,
            "numbers": world.numbering,
            "prints": world.printing,
        }
        calm_mark().unlink(missing_ok=True)
        if what not in orders:
            return
        batch = patiently(lambda: orders[what](self.known))
        self.facts |= {"batch": batch, what: batch, "batches": [*self.facts["batches"], batch]}
        wake.delay(batch)

    @contextlib.contextmanager
    def people_sitting(self) -> Iterator[None]:
        """Let people sit the exam meanwhile; at the end, wait until all who began have handed in."""
        pace = 0.0 if self.name != "exam" else 0.01
        for place, sitter in enumerate(self.known.sitters):
            begin = 0.0 if self.name == "exam" else 0.2 + place * 0.4
            self.people.append(
                Examinee(sitter, self.ports, self.told, pace=pace, begin_after=begin)
            )
        for one in self.people:
            one.start()
        try:
            yield
        finally:
            for one in self.people:
                one.over.set()
            for one in self.people:
                one.join(self.patience)
            if any(one.is_alive() for one in self.people):
                self.told.faults.append("somebody never handed in")

    def ports(self) -> list[int]:
        """Return where the web answers; a phone tries the one and then the other."""
        return list(self.crew.ports.values())

    def storm(self, kills: int, batch: str) -> None:
        """Kill until so many kills were made, or until there is nothing left to interrupt."""
        # Two orders share the kills of their campaign.
        share = kills if batch != "numbers" else kills // 2
        while self.outcome.tally.total < share and not self.is_over(batch):
            if batch != "exam" and self.outcome.tally.total % MOST_IN_VAIN == MOST_IN_VAIN - 1:
                self.let_a_chunk_pass()
            self.killer.strike()
            self.crew.look()
            self.ask_what_always_holds()

    def let_a_chunk_pass(self) -> None:
        """Wait until a chunk has been committed: kills should find the work at many places."""
        heard, deadline = self._heard(), time.monotonic() + 10
        while self._heard() == heard and time.monotonic() < deadline:
            time.sleep(0.01)

    def _heard(self) -> Any:
        ask = "SELECT heartbeat_at, state FROM batches_batch WHERE id = %(batch)s"
        return patiently(lambda: self._rows(ask))

    def is_over(self, batch: str) -> bool:
        """True where nothing is left that a kill could interrupt."""
        if batch == "exam":
            return not any(one.is_alive() for one in self.people)
        return bool(patiently(lambda: self._state(self.facts["batch"])) == "done")

    def _state(self, batch: int) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT state FROM batches_batch WHERE id = %s", [batch])
            return str(cursor.fetchone()[0])

    def calm(self) -> None:
        """Let the work end; nobody rings the bell for it."""
        calm_mark().touch()
        self.crew.wait_for_database()
        self.killer.settle(wait=True)
        if self.facts["batches"]:
            deadline = time.monotonic() + self.patience
            while time.monotonic() < deadline and not self.is_over(""):
                self.crew.look()
                time.sleep(0.05)

    def ask_what_always_holds(self) -> None:
        """Ask, of one state of the database each, what holds at every moment."""
        for one in invariants.of(self.name, always=True):
            if self._can_be_asked(one):
                self._ask(one)
                self.outcome.while_running += 1

    def ask_everything(self) -> None:
        """Ask everything once the work is over."""
        patiently(self.told.write_down)
        if self.told.faults:
            self.outcome.wrong["examinees: nobody was turned away"] = list(self.told.faults)
        for one in invariants.of(self.name):
            if self._can_be_asked(one):
                self._ask(one)
        self.outcome.acknowledged = len(self.told.answers)
        self.outcome.handed_in = len(self.told.results)

    def _can_be_asked(self, one: invariants.Invariant) -> bool:
        # Before the cards are ordered there is no batch of prints to ask about.
        return not isinstance(one.ask, str) or all(
            f"%({name})s" not in one.ask or name in self.facts for name in ("numbers", "prints")
        )

    def _ask(self, one: invariants.Invariant) -> None:
        found = patiently(lambda: one.ask(self.facts) if callable(one.ask) else self._rows(one.ask))
        if found:
            self.outcome.wrong.setdefault(one.name, []).extend(found[:5])

    def _rows(self, question: str) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(question, self.facts)
            return list(cursor.fetchall())


def calm_mark() -> Path:
    """Return the file that tells the workers that nobody kills any more."""
    return Path(os.environ["CENSUS_STATE_DIR"], "calm")
