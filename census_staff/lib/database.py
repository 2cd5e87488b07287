"""The two roles of the database: an owner that migrates, an application that reads and writes rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg2.errors import QueryCanceled


class TooLong(Exception):
    """A question was given up because its answer took too long."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give up (TooLong) on questions of the block that take longer than this."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            before = cursor.fetchone()[0]
            cursor.execute(f"SET LOCAL statement_timeout = {round(1000 * seconds)}")
            yield
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooLong from error
        raise


def application_role(editor: Any) -> str | None:
    """Return the application's role, or None where it is the owner itself."""
    name = str(settings.DATABASES["default"]["USER"])
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
    return None if name in ("", owner) else name


def open_to_application(apps: Any, editor: Any) -> None:
    """Let the application's role read and write rows of all tables, made and to be made."""
    role = application_role(editor)
    if role is None:
        return
    editor.execute(f'GRANT USAGE ON SCHEMA public TO "{role}"')
    for kind, rights in (
        ("TABLES", "SELECT, INSERT, UPDATE, DELETE"),
        ("SEQUENCES", "USAGE, SELECT"),
    ):
        editor.execute(f'GRANT {rights} ON ALL {kind} IN SCHEMA public TO "{role}"')
        editor.execute(
            f'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {kind} TO "{role}"'
        )
