"""The databases of the benches: generated once for each size, copied for each run."""

import hashlib
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from census_staff.embedded.locks import alone
from tests import database
from tests.bench.report import say

HERE = Path(__file__).parent
MADE_BY = ("generate.py", "places.py", "rows.py")
WORK = "bench_work_"
# How long the disk has to take small writes at once before a bench begins, and the longest wait.
QUIET, PATIENCE = 30.0, 300.0
AT_ONCE = 0.02


def begin() -> None:
    """Start the servers of the benches, unless a test session has given us its own."""
    if "CENSUS_TEST_ADMIN_URL" in os.environ:
        return
    from census_staff.embedded.directory import prepare, state_directory
    from tests import pgplugin

    state = prepare(state_directory(pgplugin.CHECKOUT, os.environ, os.getuid())) / "bench"
    os.environ["CENSUS_TEST_STATE"] = str(prepare(state))
    os.environ.update(pgplugin.environment())


def end() -> None:
    """Stop what `begin` started."""
    pgplugin = sys.modules.get("tests.pgplugin")
    if pgplugin is not None:
        pgplugin.running.close()


def name_of(size: int) -> str:
    """Return the name of the generated database of this size, as the code is now."""
    made_by = b"".join((HERE / name).read_bytes() for name in MADE_BY)
    keys = "".join(os.environ[name] for name in ("CENSUS_FIELD_KEYS", "CENSUS_DIGEST_KEY"))
    print_ = hashlib.sha256(made_by + keys.encode() + database.fingerprint().encode())
    return f"bench_{size}_{print_.hexdigest()[:12]}"


def named(name: str) -> dict[str, str]:
    """Return the addresses of the database with this name."""
    return {
        variable: urlsplit(os.environ[variable])._replace(path=f"/{name}").geturl()
        for variable in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }


def generated(size: int) -> str:
    """Return the name of a database with so many staff; made if it is not there."""
    name = name_of(size)
    with alone(Path(os.environ["CENSUS_TEST_STATE"], f"bench-{size}.lock")):
        known = [row[0] for row in database.administer("SELECT datname FROM pg_database")]
        if name in known:
            return name
        for old in known:
            if old.startswith((f"bench_{size}_", f"unfinished_bench_{size}_")):
                database.administer(f"DROP DATABASE IF EXISTS {old} WITH (FORCE)")
        start = time.monotonic()
        _generate(unfinished := f"unfinished_{name}", size)
        database.administer(f"ALTER DATABASE {unfinished} RENAME TO {name}")
        say(f"Generated {size:,} staff in {time.monotonic() - start:.0f} s.")
    return name


def _generate(name: str, size: int) -> None:
    _copy(database.template(), name)
    command = [sys.executable, "-m", "tests.bench.generate", str(size)]
    subprocess.run(command, cwd=database.CHECKOUT, env=os.environ | named(name), check=True)


def _copy(source: str, name: str) -> None:
    database.administer(
        f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
        # Files are copied whole: at this size that is quicker than writing every page to the log.
        f"CREATE DATABASE {name} OWNER {database.owner()} TEMPLATE {source} STRATEGY FILE_COPY",
        f"REVOKE CREATE, TEMPORARY ON DATABASE {name} FROM PUBLIC",
    )


def fill(size: int, name: str) -> None:
    """Make `name` an untouched copy of the generated database of this size."""
    source = generated(size)
    with alone(Path(os.environ["CENSUS_TEST_STATE"], f"bench-{size}.lock")):
        _copy(source, name)
    database.administer("CHECKPOINT")
    # What is still on its way to the disk would stand in front of every commit of the bench.
    os.sync()


def _rest() -> float:
    """Return once the disk takes small writes at once again, and how many seconds that took.

    A rented disk makes up for a large copy with pauses of half a second, for a minute or longer.
    """
    start = calm = time.monotonic()
    with tempfile.TemporaryFile(dir=os.environ["CENSUS_TEST_STATE"]) as probe:
        while (now := time.monotonic()) - calm < QUIET and now - start < PATIENCE:
            os.pwrite(probe.fileno(), bytes(8192), 0)
            os.fdatasync(probe.fileno())
            if time.monotonic() - now > AT_ONCE:
                calm = time.monotonic()
            time.sleep(0.05)
    return time.monotonic() - start


def _drop_orphans() -> None:
    """Drop the copies of benches that were killed: each is as large as what it was copied from."""
    for (name,) in database.administer("SELECT datname FROM pg_database"):
        if name.startswith(WORK) and not Path("/proc", name.removeprefix(WORK)).exists():
            database.administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def copied(size: int) -> Iterator[None]:
    """Give Django an untouched copy of the generated database of this size."""
    name = f"{WORK}{os.getpid()}"
    _drop_orphans()
    generated(size)
    start = time.monotonic()
    fill(size, name)
    if (took := time.monotonic() - start) > 2:
        say(f"Copied in {took:.0f} s; then waited {_rest():.0f} s for the disk.")
    # The same cookies as those of the server that we start.
    os.environ.update(named(name), CENSUS_SITE_URL="http://127.0.0.1:8000")
    try:
        import django
        from django.conf import settings

        os.environ["DJANGO_SETTINGS_MODULE"] = "census_staff.settings"
        settings.STORAGES["staticfiles"]["BACKEND"] = (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
        django.setup()
        from tests import standing

        # Those whom the generator made have the first numbers.
        standing._serial = itertools.count(1000)
        yield
    finally:
        from django.db import connections

        connections.close_all()
        database.administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
