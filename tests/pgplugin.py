"""Start the servers of the tests before pytest-django reads the settings.

A conftest.py would be too late. Sessions that run at the same time share the servers and have a
database, a broker number and a state directory each; the last session to end stops the servers.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from census_staff.embedded.directory import prepare, state_directory
from census_staff.embedded.errors import CannotStart
from census_staff.embedded.locks import Lock
from census_staff.embedded.servers import GIVEN, Servers

CHECKOUT = Path(__file__).resolve().parent.parent
MOST_SESSIONS = 64
running = ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    try:
        os.environ.update(environment())
    except CannotStart as problem:
        raise pytest.UsageError(str(problem)) from problem
    yield


def pytest_unconfigure() -> None:
    running.close()


def environment() -> dict[str, str]:
    """Start what is needed and return the environment of this session."""
    given = given_addresses()
    servers = running.enter_context(Servers(state_of_tests(), given))
    number = free_number(servers.state)
    name = f"census_test_{number}"
    values = servers.environment() | {
        "DJANGO_SETTINGS_MODULE": "census_staff.settings",
        "CENSUS_SITE_URL": "http://testserver",
        "CENSUS_ALLOWED_HOSTS": "localhost,127.0.0.1",
        "CENSUS_STATE_DIR": str(empty(servers.state / f"session-{number}")),
        "CENSUS_TEST_GIVEN": json.dumps(given),
        "CENSUS_TEST_STATE": str(servers.state),
    }
    owner = values.get("DATABASE_OWNER_URL", values["DATABASE_URL"])
    admin = servers.postgres.url("postgres", "postgres") if servers.postgres else owner
    values["CENSUS_TEST_ADMIN_URL"] = admin
    values["DATABASE_URL"] = urlsplit(values["DATABASE_URL"])._replace(path=name).geturl()
    values["DATABASE_OWNER_URL"] = urlsplit(owner)._replace(path=name).geturl()
    if servers.valkey:
        values["REDIS_URL"] = servers.valkey.url(number)
    return values


def given_addresses() -> dict[str, str]:
    """Return the servers that the user named, also in a worker that inherits our own names."""
    if told := os.environ.get("CENSUS_TEST_GIVEN"):
        return dict(json.loads(told))
    return {name: os.environ[name] for name in GIVEN if os.environ.get(name)}


def state_of_tests() -> Path:
    """Return the state directory of the tests, apart from the one of `dev.py run`."""
    if given := os.environ.get("CENSUS_TEST_STATE"):
        return Path(given)
    return prepare(state_directory(CHECKOUT, os.environ, os.getuid())) / "test"


def empty(directory: Path) -> Path:
    """Return the directory without what an earlier session left in it."""
    shutil.rmtree(directory, ignore_errors=True)
    return prepare(directory)


def free_number(state: Path) -> int:
    """Return a number that no other session uses for as long as this one lives."""
    for number in range(1, MOST_SESSIONS + 1):
        lock = Lock(state / f"session-{number}.lock")
        if lock.take(wait=False):
            running.callback(lock.release)
            return number
    raise CannotStart(f"{MOST_SESSIONS} test sessions are running; wait for one to end.")
