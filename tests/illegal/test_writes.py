"""What must never be written is refused by the database, whatever path it takes, in words."""

from collections.abc import Iterator

import pytest
from django.db import Error, connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from census_staff.lib.database_errors import refusal
from census_staff.lib.errors import Refused
from tests.illegal.cards import CARDS
from tests.illegal.decisions import DECISIONS
from tests.illegal.ground import Ground, Write, attempt
from tests.illegal.people import PEOPLE
from tests.illegal.work import BULK, STUDY, TRAIL

ALL = [*CARDS, *PEOPLE, *STUDY, *BULK, *TRAIL, *DECISIONS]


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    """Give one county for all of these writes: each of them leaves it as it was."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            yield Ground()
            transaction.set_rollback(True)
        connection.close()


@pytest.mark.parametrize("write", ALL, ids=[write.name for write in ALL])
def test_the_database_refuses(ground: Ground, write: Write) -> None:
    with pytest.raises(Error) as caught, transaction.atomic():
        attempt(write, ground)

    cause = caught.value.__cause__
    said = refusal(caught.value)
    diagnosis = cause.diag
    named = {
        cause.pgcode,
        diagnosis.constraint_name,
        f"{diagnosis.table_name}.{diagnosis.column_name}",
    }
    assert write.key in named, f"{named}: {caught.value}"
    assert isinstance(said, Refused)
    assert said.code == write.code
    assert str(said).endswith("。")


def test_there_are_at_least_sixty_and_each_has_its_own_name() -> None:
    assert len({write.name for write in ALL}) == len(ALL) >= 60


def test_the_legal_writes_beside_them_are_possible(ground: Ground) -> None:
    """A gate that refuses everything would pass all of the above."""
    from tests.illegal import legal

    for write in legal.WRITES:
        with transaction.atomic():
            attempt(write, ground)
            transaction.set_rollback(True)
