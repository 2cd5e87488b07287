"""An installation that is unsafe does not start, and says why in one sentence for each thing."""

import base64
import os
import secrets
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from census_staff.readiness import database
from census_staff.readiness.keys import check_keys, check_second_step
from tests.database import administer, owner
from tests.processes import website

CHECKOUT = Path(__file__).resolve().parents[3]


def key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def names(found: list[Any]) -> list[str]:
    return [each.id for each in found]


def ask() -> list[Any]:
    return database.check_database(databases=["default"])


def test_the_tests_own_installation_is_safe(db: None) -> None:
    assert check_keys() == []
    assert ask() == []


TWIN = key()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("SECRET_KEY", "none", "census.E001"),
        ("SECRET_KEY", "a" * 80, "census.E001"),
        ("SECRET_KEY", "django-insecure-" + secrets.token_urlsafe(64), "census.E001"),
        ("SECRET_KEY", secrets.token_urlsafe(20), "census.E001"),
        ("FIELD_KEYS", "1:", "census.E003"),
        ("FIELD_KEYS", f":{key()}", "census.E002"),
        ("FIELD_KEYS", f"1:{key()},1:{key()}", "census.E002"),
        ("FIELD_KEYS", "1:" + base64.b64encode(secrets.token_bytes(16)).decode(), "census.E003"),
        ("FIELD_KEYS", f"2:{TWIN},1:{TWIN}", "census.E004"),
        ("DIGEST_KEY", base64.b64encode(bytes(32)).decode(), "census.E003"),
        ("DIGEST_KEY", "not base64 at all", "census.E003"),
        ("TOKEN_KEY", base64.b64encode(b"password" * 4).decode(), "census.E003"),
        ("TOKEN_KEY", "", "census.E003"),
    ],
)
def test_a_weak_secret_is_refused_and_not_shown(
    name: str, value: str, code: str, settings: Any
) -> None:
    setattr(settings, name, value)
    found = check_keys()
    assert code in names(found)
    assert not value or value not in str(found)


@pytest.mark.parametrize(
    ("address", "said", "is_asked"),
    [
        ("https://census.example.org", "", True),
        ("https://census.example.org", "1", True),
        ("https://census.example.org", "0", False),
        ("http://127.0.0.1:8000", "", False),
        ("http://127.0.0.1:8000", "1", True),
    ],
)
def test_a_site_in_earnest_asks_every_office_account_for_a_second_step(
    address: str, said: str, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CENSUS_SITE_URL", address)
    monkeypatch.setenv("CENSUS_SECOND_FACTOR", said)
    ask = "from census_staff import settings; print(settings.SECOND_FACTOR_FOR_ALL)"
    command = [sys.executable, "-c", ask]
    told = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(is_asked)


def test_a_site_in_earnest_without_it_is_warned_of(settings: Any) -> None:
    settings.SITE_IS_SECURE, settings.SECOND_FACTOR_FOR_ALL = True, False
    assert names(check_second_step()) == ["census.W005"]
    settings.SECOND_FACTOR_FOR_ALL = True
    assert check_second_step() == []


def test_one_key_for_two_purposes_is_refused(settings: Any) -> None:
    settings.TOKEN_KEY = settings.DIGEST_KEY
    assert names(check_keys()) == ["census.E004"]
    settings.TOKEN_KEY = settings.FIELD_KEYS.split(":")[1].split(",")[0]
    assert names(check_keys()) == ["census.E004"]


def test_two_field_keys_of_their_own_are_fine(settings: Any) -> None:
    settings.FIELD_KEYS = f"2:{key()},1:{key()}"
    assert check_keys() == []


def test_settings_that_lose_what_was_acknowledged_are_refused(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    found = ask()
    assert names(found) == ["census.E010"]
    assert "synchronous_commit = off" in found[0].msg


def test_a_server_without_fsync_is_refused(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # The server of the tests is shared: what it would say is put in the mouth of the question.
    rows = database._rows

    def without(sql: str) -> list[Any]:
        return [("off",)] if "fsync" in sql or "full_page" in sql else rows(sql)

    monkeypatch.setattr(database, "_rows", without)
    assert names(ask()) == ["census.E010", "census.E010"]


def test_a_clock_that_is_far_off_is_refused(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for away, code in ((40, "census.E012"), (-40, "census.E012"), (5, "census.W012")):
        at = timezone.now() + timedelta(seconds=away)
        monkeypatch.setattr(database.timezone, "now", lambda at=at: at)
        assert names(ask()) == [code]
        monkeypatch.undo()


def test_every_trigger_of_the_database_is_known_from_the_migrations(db: None) -> None:
    expected = database.expected_triggers(MigrationLoader(connection))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"
        )
        assert set(cursor.fetchall()) == expected
    assert len(expected) > 30


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("deed", "says"),
    [
        ("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_kept", "is switched off"),
        ("DROP TRIGGER audit_entry_kept ON audit_entry", "is missing"),
        ("ALTER TABLE credentials_card DISABLE TRIGGER USER", "is switched off"),
    ],
)
def test_a_trigger_that_does_not_watch_is_refused(deed: str, says: str) -> None:
    administer(deed, url=os.environ["DATABASE_OWNER_URL"])
    found = ask()
    assert set(names(found)) == {"census.E014"}
    assert all(says in each.msg for each in found)


@pytest.mark.django_db(transaction=True)
def test_a_database_behind_the_program_is_refused() -> None:
    sql = "DELETE FROM django_migrations WHERE app = 'credentials' AND name LIKE '0001%'"
    administer(sql, url=os.environ["DATABASE_OWNER_URL"])
    assert names(ask()) == ["census.E013"]


@pytest.mark.django_db(transaction=True)
def test_the_owner_of_the_tables_is_no_role_for_the_application(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(connections.databases, "default", connections.databases["owner"])
    connections["default"].close()
    mine = connections["default"]
    monkeypatch.setitem(mine.settings_dict, "USER", owner())
    try:
        found = ask()
    finally:
        mine.close()
    assert set(names(found)) == {"census.E011"}
    assert any("owns tables" in each.msg for each in found)


def test_the_check_command_says_the_same(db: None, settings: Any) -> None:
    call_command("check", databases=["default"], stdout=StringIO())
    settings.TOKEN_KEY = settings.DIGEST_KEY
    with pytest.raises(SystemCheckError, match="a key of its own"):
        call_command("check", databases=["default"], stdout=StringIO())


START = {
    "web": ["-c", "import census_staff.wsgi"],
    "worker": ["-m", "celery", "--app", "census_staff", "worker", "--concurrency", "1"],
    "beat": ["-m", "celery", "--app", "census_staff", "beat", "--pidfile="],
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("process", START)
def test_no_process_starts_with_a_weak_secret_or_a_blind_trigger(process: str) -> None:
    def start(**environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *START[process]],
            cwd=CHECKOUT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    weak = start(CENSUS_TOKEN_KEY=os.environ["CENSUS_DIGEST_KEY"])
    assert weak.returncode != 0
    assert "Census Staff does not start:\n  CENSUS_TOKEN_KEY and" in weak.stderr
    assert os.environ["CENSUS_DIGEST_KEY"] not in weak.stderr + weak.stdout

    owner_url = os.environ["DATABASE_OWNER_URL"]
    administer("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_kept", url=owner_url)
    blind = start()
    assert blind.returncode != 0
    assert "The trigger audit_entry_kept on audit_entry is switched off" in blind.stderr


@pytest.mark.django_db(transaction=True)
def test_a_safe_installation_starts() -> None:
    with website() as address:
        assert address.startswith("http://127.0.0.1")
