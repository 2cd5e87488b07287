"""The two roles of the database: an owner that migrates, an application that reads and writes rows."""

from typing import Any

from django.conf import settings


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
