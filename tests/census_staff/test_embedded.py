"""The embedded servers are real, private, shared, and survive being killed."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from census_staff.embedded.account import Account
from census_staff.embedded.addresses import address, names, refuse_taken_port
from census_staff.embedded.children import Child
from census_staff.embedded.directory import (
    LONGEST_SOCKET,
    SOCKET_NAME,
    prepare,
    socket_directory,
    state_directory,
)
from census_staff.embedded.errors import CannotStart
from census_staff.embedded.keys import keys
from census_staff.embedded.locks import Lock
from census_staff.embedded.postgres import Postgres
from census_staff.embedded.servers import Servers
from census_staff.embedded.valkey import Valkey


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A directory that the servers' account can pass through, unlike pytest's own."""
    directory = Path(tempfile.mkdtemp(prefix="census-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def servers(place: Path) -> Iterator[Servers]:
    with Servers(place / "state", {}) as running:
        yield running


def postgres_of(servers: Servers) -> Postgres:
    assert servers.postgres
    return servers.postgres


def valkey_of(servers: Servers) -> Valkey:
    assert servers.valkey
    return servers.valkey


def ask(servers: Servers, question: str, role: str = "census_owner") -> list[tuple[object, ...]]:
    connection = psycopg2.connect(postgres_of(servers).url(role))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_two_checkouts_of_one_name_have_two_directories() -> None:
    first = state_directory(Path("/srv/a/census"), {"HOME": "/tmp"}, 1000)
    second = state_directory(Path("/srv/b/census"), {"HOME": "/tmp"}, 1000)
    assert first != second
    assert first.name.startswith("census-")
    assert first.parent == Path("/tmp/.local/state/census-staff")


def test_root_keeps_its_state_outside_its_closed_home() -> None:
    assert state_directory(Path("/srv/census"), {"HOME": "/root"}, 0).is_relative_to("/var/lib")


def test_an_empty_home_still_has_a_directory() -> None:
    for home in ({"HOME": ""}, {}, {"HOME": "/nonexistent"}):
        assert state_directory(Path("/srv/census"), home, 54321).is_absolute()


def test_the_environment_names_another_directory() -> None:
    given = {"CENSUS_STATE_DIR": "/data/census", "HOME": "/tmp"}
    assert state_directory(Path("/srv/census"), given, 1000) == Path("/data/census")


@pytest.mark.parametrize("state", ["/srv/普查 两员/state", "/srv/" + "deep/" * 30, "/srv/state"])
def test_a_socket_has_a_short_and_plain_path(state: str) -> None:
    path = socket_directory(Path(state)) / SOCKET_NAME
    assert len(os.fsencode(path)) < LONGEST_SOCKET
    assert str(path).isascii()
    assert " " not in str(path)


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(CannotStart, match="CENSUS_STATE_DIR"):
        prepare(tmp_path / "state")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(CannotStart, match="belongs to someone else"):
        prepare(tmp_path)


def test_secrets_are_made_once_and_are_ours_alone(tmp_path: Path) -> None:
    made = keys(tmp_path, {})
    assert keys(tmp_path, {}) == made
    assert len(set(made.values())) == len(made)
    assert stat.S_IMODE((tmp_path / "keys.env").stat().st_mode) == 0o600
    assert keys(tmp_path, {"CENSUS_TOKEN_KEY": "mine"})["CENSUS_TOKEN_KEY"] == "mine"


def test_lost_secrets_are_not_silently_replaced(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(CannotStart, match="is gone"):
        keys(tmp_path, {})


def test_the_database_keeps_what_it_confirmed(servers: Servers) -> None:
    for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert ask(servers, f"SHOW {name}") == [("on",)]
    assert ask(servers, "SHOW server_encoding") == [("UTF8",)]


def test_nothing_listens_on_the_network(servers: Servers) -> None:
    assert ask(servers, "SHOW listen_addresses") == [("",)]
    assert b"port\r\n$1\r\n0" in valkey_of(servers).ask("CONFIG GET port")
    assert stat.S_IMODE(postgres_of(servers).sockets.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE forbidden (id int)",
        "CREATE TEMPORARY TABLE forbidden (id int)",
        "CREATE SCHEMA forbidden",
        "CREATE EXTENSION btree_gin",
        "ALTER TABLE kept ADD COLUMN more int",
        "TRUNCATE kept",
        "DROP TABLE kept",
    ],
)
def test_the_application_changes_no_table(servers: Servers, statement: str) -> None:
    ask(servers, "CREATE TABLE IF NOT EXISTS kept (id int)")
    ask(servers, "INSERT INTO kept VALUES (1)", "census_app")
    with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.DuplicateObject)):
        ask(servers, statement, "census_app")


def test_the_application_is_nobody_special(servers: Servers) -> None:
    question = (
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication "
        "FROM pg_roles WHERE rolname IN ('census_app', 'census_owner')"
    )
    assert ask(servers, question) == [(False,), (False,)]


def test_a_killed_database_comes_back_with_every_row(servers: Servers) -> None:
    ask(servers, "CREATE TABLE IF NOT EXISTS rows (id int)")
    ask(servers, "TRUNCATE rows")
    ask(servers, "INSERT INTO rows SELECT generate_series(1, 20000)")
    open_connection = psycopg2.connect(postgres_of(servers).url("census_app"))
    pid = postgres_of(servers).pid()
    assert pid
    os.kill(pid, signal.SIGKILL)
    assert servers.ensure() == ["Postgres"]
    assert ask(servers, "SELECT count(*) FROM rows") == [(20000,)]
    open_connection.close()


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_a_broker_that_is_killed_or_hangs_comes_back_with_its_queue(
    servers: Servers, sign: signal.Signals
) -> None:
    broker = valkey_of(servers)
    broker.ask(f"LPUSH {sign.name} message")
    time.sleep(1.1)  # its file is written once a second
    pid = int(subprocess.check_output(["pgrep", "-f", str(broker.socket)]).split()[0])
    os.kill(pid, sign)
    assert servers.ensure() == ["Valkey"]
    assert broker.ask(f"LLEN {sign.name}").startswith(b":1")
    assert not Path(f"/proc/{pid}").exists()


def test_the_last_to_leave_stops_the_servers(place: Path) -> None:
    state = place / "shared"
    with Servers(state, {}) as first:
        with Servers(state, {}) as second:
            assert second.environment() == first.environment()
        assert postgres_of(first).answers()
        assert valkey_of(first).answers()
    assert not postgres_of(first).answers()
    assert not valkey_of(first).answers()
    assert postgres_of(first).pid() is None


def test_a_lock_file_with_the_number_of_another_program_is_seen_through(place: Path) -> None:
    state = place / "reused"
    with Servers(state, {}) as running:
        lock_file = postgres_of(running).data / "postmaster.pid"
        kept = lock_file.read_text().split("\n", 1)[1]
    # A machine that restarted can give the old server's number to somebody else.
    lock_file.write_text(f"{os.getppid()}\n{kept}")
    os.chown(lock_file, *(lock_file.parent.stat().st_uid, lock_file.parent.stat().st_gid))
    with Servers(state, {}) as running:
        assert postgres_of(running).answers()


def test_servers_that_are_given_are_not_started(place: Path) -> None:
    given = {"DATABASE_URL": "postgresql://a@host/db", "REDIS_URL": "redis://host/0"}
    with Servers(place / "given", given) as servers:
        values = servers.environment()
        assert not servers.postgres
        assert not servers.valkey
    assert values["DATABASE_URL"] == given["DATABASE_URL"]
    assert values["REDIS_URL"] == given["REDIS_URL"]
    assert not (place / "given" / "postgres").exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes another account")
def test_a_directory_closed_to_the_servers_is_named(tmp_path: Path) -> None:
    assert not Account(65534, 65534).can_enter(tmp_path)
    with pytest.raises(CannotStart, match="cannot enter"):
        Servers(tmp_path / "state", {})


def child(directory: Path, code: str) -> Child:
    command = [sys.executable, "-c", code]
    return Child("web", command, dict(os.environ), directory, directory / "web.log", 1.0)


def wait_for(condition: object, seconds: float = 10.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_child_that_keeps_dying_stops_everything_with_its_last_words(tmp_path: Path) -> None:
    broken = child(tmp_path, "raise SystemExit('the port is taken')")
    broken.start()
    with pytest.raises(CannotStart, match="3 times within a minute") as refusal:
        for _ in range(3):
            wait_for(broken.is_dead)
            broken.restart()
    assert "the port is taken" in str(refusal.value)


def test_a_child_that_does_not_listen_is_ended_with_its_own_children(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(subprocess.Popen(['sleep', '60']).pid, flush=True)\n"
        "time.sleep(60)"
    )
    stubborn = child(tmp_path, code)
    stubborn.start()
    wait_for(lambda: stubborn.log.read_text().strip())
    stubborn.stop()
    grandchild = Path("/proc", stubborn.log.read_text().strip(), "cmdline")
    wait_for(lambda: not grandchild.exists() or not grandchild.read_bytes())
    assert stubborn.is_dead()


def test_only_one_holds_a_lock(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.take(wait=False)
    assert not second.take(wait=False)
    first.release()
    assert second.take(wait=False)


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CannotStart, match="--port"):
            refuse_taken_port("127.0.0.1", taken.getsockname()[1])


def test_only_the_addresses_asked_for_are_answered() -> None:
    assert names("127.0.0.1") == ["127.0.0.1", "localhost"]
    assert names("192.168.1.5") == ["127.0.0.1", "localhost", "192.168.1.5"]
    assert address("192.168.1.5", 80) == "http://192.168.1.5:80"
