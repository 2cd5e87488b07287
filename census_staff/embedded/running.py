"""`dev.py run`: everything a county office needs, on one machine, until Ctrl-C."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from census_staff.embedded.addresses import address, names, refuse_taken_port, shows_a_page
from census_staff.embedded.children import Child, tail
from census_staff.embedded.directory import prepare, state_directory
from census_staff.embedded.errors import CannotStart
from census_staff.embedded.locks import Lock
from census_staff.embedded.servers import Servers

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 60.0
# What survives --fresh: our own lock, and the servers of a test run that may be going on.
KEPT = {"run.lock", "test"}


@dataclass(frozen=True)
class Wish:
    """What the command line asks for."""

    checkout: Path
    host: str = "127.0.0.1"
    port: int = 8000
    is_fresh: bool = False
    is_sure: bool = False
    with_demonstration: bool = True


class Interrupted(Exception):
    """Somebody asked us to stop."""


def run(wish: Wish) -> None:
    """Start everything, say where it is, and stop it in order when asked."""
    state = prepare(state_directory(wish.checkout, os.environ, os.getuid()))
    lock = Lock(state / "run.lock")
    if not lock.take(wait=False):
        where = state / "address"
        at = where.read_text().strip() if where.exists() else "it is just starting"
        raise CannotStart(f"This checkout is running already: {at}.")
    try:
        for number in STOPPING:
            signal.signal(number, _interrupt)
        refuse_taken_port(wish.host, wish.port)
        if wish.is_fresh:
            start_over(state, is_sure=wish.is_sure)
        with Servers(state) as servers:
            _serve(wish, servers)
    except Interrupted:
        say("Stopped.")
    finally:
        lock.release()


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted


def _serve(wish: Wish, servers: Servers) -> None:
    """Run the processes until somebody interrupts; the servers end after them."""
    complete = environment_for(wish, servers)
    # Web, worker and beat never learn the address of the owner, who alone migrates.
    environment = {name: complete[name] for name in complete if name != "DATABASE_OWNER_URL"}
    children = processes(wish, servers.state, environment)
    try:
        say("Preparing the database …")
        manage(wish, complete, "migrate", "--database", "owner", "--verbosity", "0")
        fill(wish, servers.state, environment)
        for child in children:
            child.start()
        _wait_for_page(wish, servers.state, children)
        greet(wish, servers.state)
        while True:
            time.sleep(1)
            _watch(servers, children)
    finally:
        for number in STOPPING:  # a second Ctrl-C must not leave half of them running
            signal.signal(number, signal.SIG_IGN)
        (servers.state / "address").unlink(missing_ok=True)
        for child in children:
            child.stop()


def start_over(state: Path, *, is_sure: bool) -> None:
    """Delete everything this checkout has stored, after asking."""
    if not is_sure:
        if not sys.stdin.isatty():
            raise CannotStart("--fresh deletes all data. Add --yes to say so without being asked.")
        say(f"This deletes the database, the files and the keys in {state}.")
        if input("Type yes to go on: ").strip().lower() != "yes":
            raise CannotStart("Nothing was deleted.")
    if (state / "keys.env").exists():
        with Servers(state):
            pass  # entering and leaving stops servers that a killed run left behind
    for path in state.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def environment_for(wish: Wish, servers: Servers) -> dict[str, str]:
    """Return the environment of the processes."""
    given = os.environ.get("CENSUS_ALLOWED_HOSTS")
    return {
        **os.environ,
        **servers.environment(),
        "DJANGO_SETTINGS_MODULE": "census_staff.settings",
        "CENSUS_SITE_URL": os.environ.get("CENSUS_SITE_URL") or address(wish.host, wish.port),
        "CENSUS_ALLOWED_HOSTS": ",".join([*names(wish.host), *([given] if given else [])]),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(wish.checkout),
    }


def fill(wish: Wish, state: Path, environment: Mapping[str, str]) -> None:
    """Bring the texts, the static files and the rows to what the code expects."""
    manage(wish, environment, "messages", "compile")
    manage(wish, environment, "collectstatic", "--noinput", "--verbosity", "0")
    manage(wish, environment, "load_places")
    loaded = state / "demonstration.loaded"
    if wish.with_demonstration and not loaded.exists():
        say("Loading the demonstration (only the first time) …")
        manage(wish, environment, "load_demo")
        loaded.touch()


def manage(wish: Wish, environment: Mapping[str, str], *command: str) -> None:
    """Run one of Django's commands, and show what it said only if it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=wish.checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotStart(f"`manage.py {' '.join(command)}` failed:\n{done.stdout.strip()}")


def processes(wish: Wish, state: Path, environment: Mapping[str, str]) -> list[Child]:
    """Return web, worker and beat, in the order in which they stop."""

    def child(name: str, *arguments: str) -> Child:
        log = state / "logs" / f"{name}.log"
        return Child(name, [sys.executable, "-m", *arguments], environment, wish.checkout, log)

    web = (
        *("granian", "--interface", "wsgi", "--no-ws", "--workers", "1"),
        *("--blocking-threads", "16", "--host", wish.host, "--port", str(wish.port)),
        "census_staff.wsgi:application",
    )
    celery = ("celery", "--app", "census_staff")
    worker = ("worker", "--concurrency", "2", "--loglevel", "INFO", "--without-mingle")
    beat = ("beat", "--loglevel", "INFO", "--pidfile=")
    return [child("web", *web), child("worker", *celery, *worker), child("beat", *celery, *beat)]


def _wait_for_page(wish: Wish, state: Path, children: Sequence[Child]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not shows_a_page(wish.host, wish.port):
        for child in children:
            if child.is_dead():
                raise CannotStart(f"The {child.name} process ended:\n{tail(child.log)}")
        if time.monotonic() > deadline:
            log = state / "logs" / "web.log"
            raise CannotStart(f"The web server shows no page. The end of {log}:\n{tail(log)}")
        time.sleep(0.2)


def _watch(servers: Servers, children: Sequence[Child]) -> None:
    """Start again what has died, and say so."""
    for name in servers.ensure():
        say(f"{name} had stopped and was started again.")
    for child in children:
        if child.is_dead():
            child.restart()
            say(f"The {child.name} process had ended and was started again; see {child.log}.")


def greet(wish: Wish, state: Path) -> None:
    """Say where the installation is and who can sign in."""
    where = address(wish.host, wish.port)
    (state / "address").write_text(where)
    say(f"\n  Census Staff is running: {where}/")
    accounts = state / "demonstration-accounts.txt"
    if accounts.exists():
        say(f"  Demonstration accounts ({accounts}):\n")
        say(accounts.read_text("utf-8").rstrip())
    say(f"\n  Data, keys and logs: {state}")
    say("  Ctrl-C stops everything; the data stay.\n")
