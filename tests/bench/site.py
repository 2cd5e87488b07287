"""The product's web server for a bench, with the naive views beside it; and who signs in."""

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import machine
from tests.bench.load import get, post

CHECKOUT = Path(__file__).resolve().parents[2]
CSRF = "b" * 32


@dataclass
class Site:
    """A running server."""

    host: str
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def place(self) -> tuple[str, int]:
        """Return where to connect."""
        return self.host, self.port

    @property
    def name(self) -> str:
        """Return what stands in the Host header."""
        return f"{self.host}:{self.port}"

    def cpu(self) -> float:
        """Return the processor time that the server has used."""
        return machine.cpu_seconds(self.process.pid)

    def peak(self) -> float:
        """Return the most memory that its largest process has held."""
        return max(machine.peak_mb(pid) for pid in machine.family(self.process.pid))


@contextmanager
def site(
    application: str = "tests.bench.naive:application", *, threads: int = 16
) -> Iterator[Site]:
    """Run granian with one worker, as an installation does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = Path(os.environ["CENSUS_STATE_DIR"], "web.log")
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--workers", "1"),
        *("--blocking-threads", str(threads), "--host", "127.0.0.1", "--port", str(port)),
        *("--log-level", "warning", application),
    ]
    values = {
        "CENSUS_SITE_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "tests.bench.naive_settings",
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=os.environ | values, stdout=out, stderr=out
        )
    found = Site("127.0.0.1", port, process)
    try:
        _wait(found, log)
        yield found
    finally:
        process.terminate()
        process.wait()


def _wait(found: Site, log: Path) -> None:
    for _try in range(300):
        try:
            with socket.create_connection(found.place, timeout=5) as line:
                line.sendall(get("/v/AAAA", found.name))
                if line.recv(16).startswith(b"HTTP/1.1"):
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The server does not answer.\n{log.read_text()[-3000:]}")


def database_cpu() -> float:
    """Return the processor time of the database's processes that serve this database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return sum(machine.cpu_seconds(row[0]) for row in cursor.fetchall())


def cookies_of(users: Iterable[Any]) -> list[str]:
    """Return the cookies of browsers in which these users are signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils import timezone

    from census_staff.accounts.sessions import SessionStore

    found = []
    for user in users:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session["place"], session["started"] = "field", timezone.now().isoformat()
        session.create()
        found.append(
            f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={CSRF}"
        )
    return found


def call(site: Site, path: str, cookies: str, body: Any) -> bytes:
    """Return a JSON request of a signed-in browser."""
    return post(
        path,
        site.name,
        json.dumps(body).encode(),
        kind="application/json",
        cookies=cookies,
        token=CSRF,
    )


def taps(numbers: Iterable[int], sequence: int, page: int = 1) -> list[dict[str, Any]]:
    """Return the answers that a phone sends for these questions."""
    return [
        {
            "op": str(uuid.uuid4()),
            "question": number,
            "page": page,
            "sequence": sequence + n,
            "choice": ["A"],
        }
        for n, number in enumerate(numbers)
    ]
