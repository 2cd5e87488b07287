"""Campaign after campaign until enough was killed, and the account of it."""

import itertools
import random
import time
from collections import Counter
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from tests.faults.harness import ground, world
from tests.faults.harness.__main__ import MOST, SHARES, say
from tests.faults.harness.killing import Tally
from tests.faults.harness.processes import Crew


class Session:
    """The servers, the world and the processes of a series of campaigns."""

    def __init__(self, seed: int, *, short: bool = False) -> None:
        self.seed, self.chance = seed, random.Random(seed)
        self.size = world.SHORT if short else world.LONG
        self.outcomes: list[Any] = []
        self.seconds = 0.0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.start = time.monotonic()
        self.servers = self._stack.enter_context(ground.cluster())
        import django
        from django.conf import settings

        settings.STORAGES["staticfiles"]["BACKEND"] = (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
        django.setup()
        random.seed(self.seed)
        self.world = world.make(self.size)
        say(f"seed {self.seed}; world of {self.size} made in {time.monotonic() - self.start:.0f} s")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        from django.db import connections

        connections.close_all()
        ground.drop()
        self._stack.close()
        self.seconds = time.monotonic() - self.start

    @property
    def wrong(self) -> dict[str, list[Any]]:
        """Return every broken invariant with some of its rows."""
        found: dict[str, list[Any]] = {}
        for outcome in self.outcomes:
            for name, rows in outcome.wrong.items():
                found.setdefault(name, []).extend(rows)
        return found

    def carry_out(self, kills: int, names: list[str]) -> None:
        """Go round the campaigns until so many kills were made."""
        whole = sum(SHARES[name] for name in names)
        left = {name: round(kills * SHARES[name] / whole) for name in names}
        left[names[-1]] += kills - sum(left.values())
        ground.fresh_world()
        with Crew(self.servers).running() as crew:
            for name in itertools.cycle(names):
                if not any(n > 0 for n in left.values()):
                    return
                if left[name] > 0:
                    outcome = self.one(name, crew, min(left[name], MOST[name]))
                    left[name] -= outcome.tally.total
                    self.tell(outcome, sum(n for n in left.values() if n > 0))

    def one(self, name: str, crew: Crew, kills: int) -> Any:
        """Carry out one campaign and keep its outcome."""
        from tests.faults.harness.campaigns import Campaign

        outcome = Campaign(name, crew, self.world, self.chance).carry_out(kills)
        self.outcomes.append(outcome)
        return outcome

    def tell(self, outcome: Any, left: int) -> None:
        """Print a line about a campaign that is over."""
        tally = outcome.tally
        say(
            f"  {outcome.name:7} {tally.total:4} kills, {sum(tally.inside.values()):4} inside a"
            f" transaction, {outcome.acknowledged:5} answers acknowledged, {outcome.handed_in:3} papers,"
            f" {len(outcome.asked)} invariants: {len(outcome.wrong)} broken; {outcome.seconds:.0f} s;"
            f" {left} kills left"
        )
        for name, rows in outcome.wrong.items():
            say(f"    BROKEN {name}: {rows[:3]}")

    def tallies(self) -> dict[str, Tally]:
        """Return the kills of each campaign, all its rounds together."""
        found: dict[str, Tally] = {}
        for outcome in self.outcomes:
            found.setdefault(outcome.name, Tally()).add(outcome.tally)
        return found

    def invariants(self) -> dict[str, int]:
        """Return for each invariant that was asked how many rows it found."""
        asked = Counter({name: 0 for outcome in self.outcomes for name in outcome.asked})
        for name, rows in self.wrong.items():
            asked[name] += len(rows)
        return dict(asked)

    def result(self) -> dict[str, Any]:
        """Return the account as plain data."""
        return {
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "campaigns": {name: vars(tally) for name, tally in self.tallies().items()},
            "invariants": self.invariants(),
            "wrong": self.wrong,
            "acknowledged": sum(outcome.acknowledged for outcome in self.outcomes),
            "handed_in": sum(outcome.handed_in for outcome in self.outcomes),
        }

    def show(self) -> None:
        """Print the account."""
        say("\ninvariant: rows found")
        for name, rows in self.invariants().items():
            say(f"  {rows:4}  {name}")
        say("\nkilled: times (a transaction open just before it; of these undone afterwards)")
        whole = Tally()
        for campaign, tally in self.tallies().items():
            whole.add(tally)
            for what, n in sorted(tally.kills.items()):
                say(f"  {campaign:7} {what:20} {n:5} ({tally.inside[what]}; {tally.undone[what]})")
        inside, undone = sum(whole.inside.values()), sum(whole.undone.values())
        asked = sum(outcome.while_running for outcome in self.outcomes)
        result = self.result()
        say(
            f"\n{whole.total} kills, {inside} inside a transaction, {undone} of these undone;"
            f" {result['acknowledged']} answers acknowledged, {result['handed_in']} papers graded;"
            f" invariants asked {asked} times between kills;"
            f" {self.seconds:.0f} s, {60 * whole.total / self.seconds:.0f} kills a minute;"
            f" seed {self.seed}."
        )
        say(
            "Every invariant holds." if not self.wrong else f"BROKEN: {len(self.wrong)} invariants."
        )
