"""What all tests share: the database and plain static files. Other fixtures live by the apps."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from tests import database
from tests.standing import world

__all__ = ["world"]


def pytest_configure() -> None:
    # Pages are tested without a collected copy of the static files.
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Give the session a database that the owner migrated and the application's role uses."""
    with django_db_blocker.unblock():
        database.make_anew()
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        database.drop()


def fresh_copy(_case: TransactionTestCase) -> None:
    """Replace the database after a test that committed: TRUNCATE is not ours to use."""
    connections.close_all()
    database.make_anew()


TransactionTestCase._fixture_teardown = fresh_copy  # type: ignore[attr-defined,method-assign]
