"""What is killed: web servers, workers with their hands, the clock, PostgreSQL and its backends."""

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from census_staff.embedded.children import Child, tail
from census_staff.embedded.postgres import Postgres
from census_staff.embedded.servers import Servers
from tests.faults.harness.ground import free_port

CHECKOUT = Path(__file__).resolve().parents[3]
PRODUCT = "tests.faults.harness.app"
WEB = "census_staff.wsgi:application"
PATIENCE = 40.0


class Crew:
    """Every process of an installation; two workers and two web servers, so that one of each lives."""

    def __init__(self, servers: Servers, *, app: str = PRODUCT, web: str = WEB) -> None:
        assert servers.postgres
        self.servers, self.postgres = servers, servers.postgres
        self.started: tuple[str, ...] = ()
        self.ports = {f"web-{n}": free_port() for n in (1, 2)}
        hands = ("--concurrency", "2", "--prefetch-multiplier", "4", "--loglevel", "WARNING")
        loud = ("--loglevel", "INFO")
        quiet = ("--without-mingle", "--without-gossip", "--without-heartbeat")
        self.children = {
            name: _child(name, "celery", "--app", app, "worker", "-n", name, *hands, *quiet)
            for name in ("worker-1", "worker-2")
        } | {"beat": _child("beat", "celery", "--app", app, "beat", "--pidfile=", *loud)}
        for name, port in self.ports.items():
            where = ("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning")
            serve = ("granian", "--interface", "wsgi", "--no-ws", "--workers", "1")
            self.children[name] = _child(name, *serve, "--blocking-threads", "6", *where, web)

    @contextmanager
    def running(self, *names: str) -> Iterator["Crew"]:
        """Start these (or all), wait until the web servers answer, and stop them at the end."""
        self.started = chosen = names or tuple(self.children)
        try:
            for name in chosen:
                self.children[name].log.unlink(missing_ok=True)
                self.children[name].start()
            for name in self.ports:
                if name in chosen:
                    self.wait_for_web(name)
            yield self
        finally:
            for name in chosen:
                with contextlib.suppress(ProcessLookupError):
                    kill_group(self.children[name])

    def wait_until_ready(self, name: str) -> None:
        """Return once this worker takes work, or this clock has begun to tick."""
        if name in self.ports:
            return self.wait_for_web(name)
        deadline, child = time.monotonic() + PATIENCE, self.children[name]
        # A clock says that it starts before it looks at its database, and sends only after.
        while not any(word in child.log.read_bytes() for word in (b"celery@", b"Sending due task")):
            if time.monotonic() > deadline or child.is_dead():
                raise RuntimeError(f"{name} does not start.\n{tail(child.log)}")
            time.sleep(0.02)

    def wait_for_web(self, name: str) -> None:
        """Return once this web server answers."""
        deadline = time.monotonic() + PATIENCE
        while not self.answers(name):
            if time.monotonic() > deadline or self.children[name].is_dead():
                raise RuntimeError(f"{name} does not start.\n{tail(self.children[name].log)}")
            time.sleep(0.05)

    def answers(self, name: str) -> bool:
        """True where this web server answers anything."""
        try:
            with socket.create_connection(("127.0.0.1", self.ports[name]), timeout=5) as line:
                line.sendall(b"GET /api/my/04/exam/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                return line.recv(16).startswith(b"HTTP/1.1")
        except OSError:
            return False

    def kill_child(self, name: str) -> None:
        """Kill a process with its children, and start it again without waiting for it."""
        child = self.children[name]
        kill_group(child)
        child.start()

    def look(self) -> None:
        """Start again what ended by itself; `CannotStart` where it keeps ending."""
        for name in self.started:
            if self.children[name].is_dead():
                self.children[name].restart()

    def main_of(self, hand: int) -> str:
        """Return the name of the worker to which this hand belongs, or nothing."""
        try:
            parent = int(Path(f"/proc/{hand}/stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            return ""
        for name, child in self.children.items():
            if child.process and child.process.pid == parent:
                return name
        return ""

    def kill_postmaster(self) -> None:
        """Kill PostgreSQL's first process and start the server again, as an operator would."""
        pid = self.postgres.pid()
        if pid:
            os.kill(pid, signal.SIGKILL)
            while self.postgres.pid() == pid:
                time.sleep(0.005)
        self.servers.ensure()

    def wait_for_database(self) -> None:
        """Return once PostgreSQL takes connections again."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                connect(self.postgres).close()
                return
            except psycopg2.Error:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


def connect(postgres: Postgres, database: str = "postgres") -> "psycopg2.extensions.connection":
    """Return a superuser's connection outside any transaction."""
    line = psycopg2.connect(postgres.url("postgres", database), application_name="watch")
    line.autocommit = True
    return line


def kill_group(child: Child) -> None:
    """End a process and its children without a word, as a power cut would."""
    child.end_group()
    if child.process:
        child.process.wait()


def _child(name: str, *arguments: str) -> Child:
    log = Path(os.environ["CENSUS_STATE_DIR"], f"{name}.log")
    address = os.environ["DATABASE_URL"].replace(
        "application_name=harness", f"application_name={name}"
    )
    # The owner's address stays here: nobody but a migration is given it.
    given = {key: value for key, value in os.environ.items() if key != "DATABASE_OWNER_URL"}
    variables = {**given, "PYTHONUNBUFFERED": "1", "DATABASE_URL": address}
    return Child(name, [sys.executable, "-m", *arguments], variables, CHECKOUT, log)
