"""People who sit the exam over HTTP, and write down on their side of the line what was acknowledged."""

import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import DataError, Error, IntegrityError, ProgrammingError, connections
from psycopg2.extras import execute_values

from tests.bench.site import CSRF

QUESTIONS = 50
RIGHT = 45


@dataclass
class Acknowledged:
    """What the server said is kept."""

    answers: list[tuple[Any, ...]] = field(default_factory=list)
    results: list[tuple[Any, ...]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    tries: int = 0

    def write_down(self) -> None:
        """Lay it beside the product's rows, so that a query can compare them."""
        from django.db import connection

        with connection.cursor() as cursor:
            for table, rows in (("faults_answer", self.answers), ("faults_result", self.results)):
                if rows:
                    execute_values(cursor.cursor, f"INSERT INTO {table} VALUES %s", rows)


class Examinee(threading.Thread):
    """One phone: tries again until it is told that something is kept, as the product's page does."""

    def __init__(
        self,
        sitter: tuple[int, int, str],
        ports: Callable[[], list[int]],
        told: Acknowledged,
        *,
        pace: float,
        begin_after: float,
    ) -> None:
        super().__init__(daemon=True)
        self.staff, self.person, self.cookies = sitter
        self.ports, self.told = ports, told
        self.pace, self.begin_after = pace, begin_after
        self.over = threading.Event()
        self.chance = random.Random(self.staff)

    def run(self) -> None:
        try:
            self.over.wait(self.begin_after)
            if not self.over.is_set():
                self._sit()
        except Exception as problem:
            self.told.faults.append(f"{type(problem).__name__}: {problem}")
        finally:
            connections.close_all()

    def _sit(self) -> None:
        attempt = self._start()
        page = self._ask("page/", {"attempt": attempt})["page"]
        key = patiently(lambda: self._key(attempt))
        numbers = list(range(1, QUESTIONS + 1))
        self.chance.shuffle(numbers)
        sequence = 0
        while numbers:
            # Hurried towards the end: whoever has begun hands in.
            some = 1 if self.pace and not self.over.is_set() else 10
            batch, numbers = numbers[:some], numbers[some:]
            taps = []
            for number in batch:
                sequence += 1
                choice = list(key[number]) if number <= RIGHT else ["A"]
                taps.append(
                    {"op": str(uuid.uuid4()), "question": number, "page": page,
                     "sequence": sequence, "choice": choice}
                )  # fmt: skip
            self._save(attempt, taps)
            if self.pace:
                self.over.wait(self.chance.uniform(0, 2 * self.pace))
        result = self._ask("submit/", {"attempt": attempt, "submit_op": str(uuid.uuid4())})
        self.told.results.append((attempt, self.staff, result["score"], datetime.now(UTC)))

    def _start(self) -> int:
        """Start an attempt, or find the one whose acknowledgement was lost."""
        while True:
            status, said = self._call("start/", {})
            if status == 201:
                return int(said["attempt"])
            found = self._ask("", None)
            if found["attempt"]:
                return int(found["attempt"]["attempt"])
            if status == 409:
                raise RuntimeError(f"may not start: {said}")

    def _save(self, attempt: int, taps: list[dict[str, Any]]) -> None:
        said = self._ask("answers/", {"attempt": attempt, "answers": taps})
        at, saved = datetime.now(UTC), set(said["saved"])
        for tap in taps:
            if tap["op"] in saved:
                self.told.answers.append(
                    (attempt, tap["op"], tap["question"], tap["page"], tap["sequence"],
                     json.dumps(tap["choice"]), at)
                )  # fmt: skip

    def _key(self, attempt: int) -> dict[int, tuple[str, ...]]:
        from exams.models import Attempt
        from tests.exams.standing import key

        return key(Attempt.objects.get(pk=attempt))

    def _ask(self, path: str, body: Any) -> dict[str, Any]:
        while True:
            status, said = self._call(path, body)
            if status == 200:
                return said
            if status and status < 500:
                raise RuntimeError(f"{path} answered {status}: {said}")
            time.sleep(0.05)

    def _call(self, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        self.told.tries += 1
        ports = self.ports()
        port = self.chance.choice(ports)
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        head = {"Cookie": self.cookies, "Accept": "application/json"}
        try:
            if body is None:
                line.request("GET", f"/api/my/04/exam/{path}", headers=head)
            else:
                head |= {"X-CSRFToken": CSRF, "Content-Type": "application/json",
                         "Origin": f"http://127.0.0.1:{port}"}  # fmt: skip
                line.request("POST", f"/api/my/04/exam/{path}", json.dumps(body), head)
            answer = line.getresponse()
            data = answer.read()
            return answer.status, json.loads(data) if data[:1] == b"{" else {}
        except (OSError, http.client.HTTPException, ValueError):
            # Without a whole answer nothing was acknowledged.
            time.sleep(0.03)
            return 0, {}
        finally:
            line.close()


def patiently(ask: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Return the answer, however often PostgreSQL goes away meanwhile."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except (ProgrammingError, DataError, IntegrityError):
            raise
        except Error:
            # A connection that breaks has many names.
            if time.monotonic() > deadline:
                raise
            connections.close_all()
            time.sleep(0.02)
