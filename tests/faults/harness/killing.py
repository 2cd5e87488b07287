"""The killer: waits for a transaction to be open, kills who carries it, and asks what became of it."""

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

import psycopg2

from tests.faults.harness import ground
from tests.faults.harness.processes import Crew, connect

# Share of kills at any moment at all, whether a transaction is open or not.
BLIND = 0.1
# How long a transaction is waited for before the blow falls all the same.
PATIENCE = 4.0
LONGEST_AIM = 0.05

OPEN = (
    "SELECT pid, backend_xid::text, application_name FROM pg_stat_activity WHERE datname = %s"
    " AND backend_xid IS NOT NULL AND application_name ~ %s"
)
WHOSE = {
    "hand": "^hand ",
    "worker": "^hand ",
    "backend of a worker": "^hand ",
    "web": "^web-",
    "backend of the web": "^web-",
    "postmaster": "^(hand |web-)",
}


@dataclass
class Tally:
    """What was killed, and what it was doing."""

    kills: Counter[str] = field(default_factory=Counter)
    # A transaction was seen open in what was killed, just before the blow.
    inside: Counter[str] = field(default_factory=Counter)
    # Of those: PostgreSQL says afterwards that the transaction never happened.
    undone: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Count the other's kills as well."""
        self.kills += other.kills
        self.inside += other.inside
        self.undone += other.undone

    @property
    def total(self) -> int:
        """Return how many kills there were."""
        return sum(self.kills.values())


class Killer:
    """Kills one process after another, by chance that a seed repeats."""

    def __init__(self, crew: Crew, chance: random.Random, weights: dict[str, float]) -> None:
        self.crew, self.chance, self.weights = crew, chance, weights
        self.tally = Tally()
        self._watch: psycopg2.extensions.connection | None = None
        self._unsettled: list[tuple[str, str]] = []
        self._web_killed: dict[str, float] = {}

    def strike(self) -> str:
        """Kill once; return what was killed."""
        what = self._choose()
        time.sleep(self.chance.uniform(0, 0.08))
        aim = None if self.chance.random() < BLIND else self.aim(what)
        getattr(self, f"_kill_{what.split()[0]}")(what, aim)
        self.tally.kills[what] += 1
        if aim:
            self.tally.inside[what] += 1
            self._unsettled.append((what, aim[1]))
        self.settle()
        return what

    def settle(self, *, wait: bool = False) -> None:
        """Ask what became of the transactions that were open in what was killed."""
        deadline = time.monotonic() + (5.0 if wait else 0.0)
        while True:
            left = []
            for what, xid in self._unsettled:
                word = self._status(xid)
                if word == "in progress":
                    left.append((what, xid))
                elif word == "aborted":
                    self.tally.undone[what] += 1
            self._unsettled = left
            if not left or time.monotonic() > deadline:
                return
            time.sleep(0.05)

    def _choose(self) -> str:
        names = list(self.weights)
        what = self.chance.choices(names, [self.weights[name] for name in names])[0]
        if what == "web" and len(self._living_web()) < 2:
            # The other one is still coming up: somebody must be there to acknowledge.
            return "backend of the web"
        return what

    def aim(self, what: str, patience: float = PATIENCE) -> tuple[int, str, str] | None:
        """Wait until such a process has a transaction open, a moment more, and look again."""
        if what not in WHOSE:
            return None
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            seen = self._ask(OPEN, [ground.WORK, WHOSE[what]])
            if seen and not what.endswith("web"):
                time.sleep(self.chance.uniform(0, LONGEST_AIM))
                seen = [row for row in self._ask(OPEN, [ground.WORK, WHOSE[what]]) if row in seen]
            if seen:
                return self.chance.choice(seen)
            time.sleep(0.001)
        return None

    def _kill_hand(self, what: str, aim: tuple[int, str, str] | None) -> None:
        pid = int(aim[2].split()[1]) if aim else self._some_hand()
        _kill(pid)

    def _some_hand(self) -> int:
        hands = []
        for name, child in self.crew.children.items():
            if name.startswith("worker") and child.process:
                hands += _children(child.process.pid)
        return self.chance.choice(hands) if hands else 0

    def _kill_worker(self, what: str, aim: tuple[int, str, str] | None) -> None:
        name = self.crew.main_of(int(aim[2].split()[1])) if aim else ""
        self.crew.kill_child(name or self.chance.choice(["worker-1", "worker-2"]))

    def _kill_beat(self, what: str, aim: tuple[int, str, str] | None) -> None:
        self.crew.kill_child("beat")

    def _kill_web(self, what: str, aim: tuple[int, str, str] | None) -> None:
        living = self._living_web() or ["web-1"]
        name = aim[2] if aim else self.chance.choice(living)
        self.crew.kill_child(name)
        self._web_killed[name] = time.monotonic()

    def _living_web(self) -> list[str]:
        return [
            name for name in self.crew.ports if name not in self._web_killed or self._is_up(name)
        ]

    def _is_up(self, name: str) -> bool:
        if self.crew.answers(name):
            del self._web_killed[name]
            return True
        return False

    def _kill_backend(self, what: str, aim: tuple[int, str, str] | None) -> None:
        pid = aim[0] if aim else self._some_backend()
        _kill(pid)
        # PostgreSQL throws everybody out, recovers, and opens again.
        deadline = time.monotonic() + 1.0
        while self._is_connected() and time.monotonic() < deadline:
            time.sleep(0.002)
        self.crew.wait_for_database()

    def _some_backend(self) -> int:
        ask = "SELECT pid, '', '' FROM pg_stat_activity WHERE datname = %s"
        found = self._ask(ask, [ground.WORK])
        return self.chance.choice(found)[0] if found else 0

    def _is_connected(self) -> bool:
        if self._watch is None:
            return False
        try:
            with self._watch.cursor() as cursor:
                cursor.execute("SELECT 1")
            return True
        except psycopg2.Error:
            self._watch = None
            return False

    def _kill_postmaster(self, what: str, aim: tuple[int, str, str] | None) -> None:
        self.crew.kill_postmaster()

    def _ask(self, question: str, values: list[object]) -> list[tuple[int, str, str]]:
        while True:
            try:
                if self._watch is None:
                    self._watch = connect(self.crew.postgres)
                with self._watch.cursor() as cursor:
                    cursor.execute(question, values)
                    return list(cursor.fetchall())
            except psycopg2.DataError:
                raise
            except (psycopg2.DatabaseError, psycopg2.InterfaceError):
                self._watch = None
                self.crew.wait_for_database()

    def _status(self, xid: str) -> str:
        try:
            return str(self._ask("SELECT pg_xact_status(%s::text::xid8), '', ''", [xid])[0][0])
        except psycopg2.DataError:
            # Its number was never written down: it is as if it had not begun.
            return "aborted"


def _kill(pid: int) -> None:
    if pid:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _children(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(one) for one in file.read().split()]
    except OSError:
        return []
