"""A PostgreSQL and a Valkey of a test's own, to be killed, flushed and filled: nobody else uses them.

Real processes that are started meanwhile find them in the environment; our own connections follow.
"""

import os
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from census_staff.embedded.directory import prepare
from census_staff.embedded.locks import alone
from census_staff.embedded.postgres import Postgres
from census_staff.embedded.servers import Servers
from census_staff.embedded.valkey import Valkey
from tests import database

KEYS = ("CENSUS_SECRET_KEY", "CENSUS_FIELD_KEYS", "CENSUS_DIGEST_KEY", "CENSUS_TOKEN_KEY")
KEPT_CLUSTERS = 2


@contextmanager
def own_postgres(blocker: DjangoDbBlocker, *, volume: Path | None = None) -> Iterator[Postgres]:
    """Run a migrated server of our own; its files lie on `volume` where one is given."""
    servers = _servers("own-postgres", valkey=False)
    assert servers.postgres
    files = servers.state / "postgres"
    if volume is not None:
        files.symlink_to(volume / "postgres")
    _copy(_cluster(), volume / "postgres" if volume else files)
    with servers, _pointed_at(servers.postgres, blocker):
        yield servers.postgres


@contextmanager
def own_valkey() -> Iterator[Valkey]:
    """Run a Valkey of our own; processes that are started meanwhile use it as their broker."""
    servers = _servers("own-valkey", postgres=False)
    assert servers.valkey
    with servers, mock.patch.dict(os.environ, REDIS_URL=servers.valkey.url()):
        yield servers.valkey


def kill_postgres(server: Postgres) -> None:
    """End the server and all its backends without a word, as a power cut would."""
    main = server.pid()
    assert main
    family = [main, *_children_of(main)]
    for pid in family:
        _send(pid, signal.SIGKILL)
    _until_gone(family, server)


def stop_postgres(server: Postgres) -> None:
    """Have the server send everybody away and end, as an upgrade does."""
    server.stop()


def kill_valkey(server: Valkey) -> None:
    """End the server without a word."""
    _send(_pid_behind(server.socket), signal.SIGKILL)
    deadline = time.monotonic() + 10
    while server.answers():
        assert time.monotonic() < deadline, "The server outlives its end."
        time.sleep(0.02)


@contextmanager
def hung_valkey(server: Valkey) -> Iterator[None]:
    """Let the server take what is sent and answer nothing."""
    pid = _pid_behind(server.socket)
    _send(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        _send(pid, signal.SIGCONT)


def _servers(name: str, *, postgres: bool = True, valkey: bool = True) -> Servers:
    """Return servers below this session's state, with its keys; those not wanted are not started."""
    state = Path(os.environ["CENSUS_STATE_DIR"], name)
    shutil.rmtree(state, ignore_errors=True)
    environ = {key: os.environ[key] for key in KEYS}
    if not postgres:
        environ["DATABASE_URL"] = os.environ["DATABASE_URL"]
    if not valkey:
        environ["REDIS_URL"] = os.environ["REDIS_URL"]
    return Servers(prepare(state), environ)


@contextmanager
def _pointed_at(server: Postgres, blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let this process and those it starts use this server's database."""
    urls = {"DATABASE_URL": "census_app", "DATABASE_OWNER_URL": "census_owner"}
    there = {variable: server.url(role) for variable, role in urls.items()}
    known = {alias: dict(connections.settings[alias]) for alias in ("default", "owner")}
    place = {"NAME": "census", "HOST": str(server.sockets), "PORT": "", "PASSWORD": ""}
    with blocker.unblock(), mock.patch.dict(os.environ, there):
        _repoint(dict.fromkeys(known, place))
        for alias, role in (("default", "census_app"), ("owner", "census_owner")):
            connections.settings[alias]["USER"] = role
        try:
            yield
        finally:
            _repoint(known)


def _repoint(places: dict[str, dict[str, Any]]) -> None:
    for alias, place in places.items():
        connections[alias].close()
        connections.settings[alias].update(place)


def _cluster() -> Path:
    """Return the files of a stopped server that holds the migrations as they are now."""
    home = Path(os.environ["CENSUS_TEST_STATE"], "clusters")
    home.mkdir(mode=0o711, exist_ok=True)
    made = home / database.fingerprint()[:16]
    with alone(home / "making.lock"):
        if not made.exists():
            source = database.template()
            unfinished = prepare(_emptied(home / "unfinished"))
            environ = {key: os.environ[key] for key in KEYS} | {"REDIS_URL": "none"}
            servers = Servers(unfinished, environ)
            assert servers.postgres
            with servers:
                _fill(servers.postgres, source)
            unfinished.rename(made)
            for old in sorted(home.glob("????????????????"), key=_age)[:-KEPT_CLUSTERS]:
                shutil.rmtree(old)
    return made / "postgres"


def _fill(server: Postgres, source: str) -> None:
    """Copy the migrated database of the shared test server into this one."""
    there = urlsplit(os.environ["CENSUS_TEST_ADMIN_URL"])._replace(path=source).geturl()
    dumped = subprocess.run(
        [server.programs / "pg_dump", "--dbname", there], capture_output=True, check=True
    )
    plain = server.state / "dump.sql"
    plain.write_bytes(dumped.stdout)
    done = server.psql("-f", str(plain), database="census")
    assert done.returncode == 0, done.stderr
    plain.unlink()
    database.administer(
        "REVOKE CREATE, TEMPORARY ON DATABASE census FROM PUBLIC",
        "CHECKPOINT",
        url=server.url("postgres", "postgres"),
    )


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(target)], check=True)


def _emptied(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    return path


def _age(path: Path) -> float:
    return path.stat().st_mtime


def _children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _pid_behind(path: Path) -> int:
    """Return the process that listens on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(path))
        told = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", told)[0])


def _send(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return


def _until_gone(family: list[int], server: Postgres) -> None:
    deadline = time.monotonic() + 10
    while server.pid() is not None or any(_is_running(pid) for pid in family):
        assert time.monotonic() < deadline, "The server outlives its end."
        time.sleep(0.01)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False
