"""Real processes for a test: a Celery worker, the web server, a browser.

They read the session's environment and so use its database; tests that start them commit, and ask
for `django_db(transaction=True)`.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from census_staff.embedded.addresses import shows_a_page
from census_staff.embedded.children import Child, tail

CHECKOUT = Path(__file__).resolve().parent.parent
PATIENCE = 30.0


def wait_until(
    condition: Callable[[], bool], seconds: float = PATIENCE, *, log: Path | None = None
) -> None:
    """Return once the condition holds; fail after a while with the end of the log."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, tail(log) if log else "It did not happen in time."
        time.sleep(0.05)


def child(name: str, *arguments: str, **environment: str) -> Child:
    """Return a process of ours that is not started yet, with an empty log."""
    log = Path(os.environ["CENSUS_STATE_DIR"], f"{name}.log")
    log.write_bytes(b"")
    variables = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
    return Child(name, [sys.executable, "-m", *arguments], variables, CHECKOUT, log)


@contextmanager
def worker(concurrency: int = 1, **environment: str) -> Iterator[Child]:
    """Run a Celery worker; `kill(worker)` ends it as a power cut would."""
    arguments = ("--concurrency", str(concurrency), "--loglevel", "INFO", "--without-mingle")
    with running(
        child("worker", "celery", "--app", "census_staff", "worker", *arguments, **environment)
    ) as process:
        wait_until(lambda: b" ready." in process.log.read_bytes(), log=process.log)
        yield process


@contextmanager
def clock() -> Iterator[Child]:
    """Run the Celery beat, which has the worker look for what is due."""
    arguments = ("beat", "--loglevel", "INFO", "--pidfile=")
    with running(child("beat", "celery", "--app", "census_staff", *arguments)) as process:
        wait_until(lambda: b"beat: Starting" in process.log.read_bytes(), log=process.log)
        yield process


@contextmanager
def website() -> Iterator[str]:
    """Run the web server as an installation does, and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    static = Path(os.environ["CENSUS_STATE_DIR"], "static")
    if not static.exists():
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
        subprocess.run(collect, cwd=CHECKOUT, check=True)
    server = ("granian", "--interface", "wsgi", "--no-ws", "--blocking-threads", "4")
    place = ("--host", "127.0.0.1", "--port", str(port), "census_staff.wsgi:application")
    with running(child("web", *server, *place, CENSUS_SITE_URL=address)) as process:
        wait_until(lambda: shows_a_page("127.0.0.1", port), log=process.log)
        yield address


@contextmanager
def running(process: Child) -> Iterator[Child]:
    """Start the process, and end it with the block."""
    process.start()
    try:
        yield process
    finally:
        process.stop()


def kill(process: Child) -> None:
    """End a process and its own children without a word, as a power cut would."""
    process.end_group()
    assert process.process
    process.process.wait()


def chromium() -> str:
    """Return the browser's program; without one the test is skipped, or fails where required."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    if os.environ.get("CENSUS_REQUIRE_BROWSER") == "1":
        pytest.fail("CENSUS_REQUIRE_BROWSER is 1 and there is no Chromium.")
    pytest.skip("There is no Chromium; `python3 dev.py test` as root installs it with apt.")
