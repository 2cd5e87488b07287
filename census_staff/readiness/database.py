"""The database: it keeps what it acknowledged, our role is no master of it, every trigger watches."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL
from django.utils import timezone

# What an acknowledged answer, and the audit's triggers, rest on.
NEEDED = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "remote_write", "remote_apply"},
    "session_replication_role": {"origin"},
}
MADE = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?TRIGGER\s+(\w+)\s.*?\sON\s+(\w+)", re.I | re.S
)
DROPPED = re.compile(r"DROP\s+TRIGGER\s+(?:IF\s+EXISTS\s+)?(\w+)\s+ON\s+(\w+)", re.I)
NOTICEABLE = timedelta(seconds=2)
UNBEARABLE = timedelta(seconds=30)


def check_database(
    app_configs: Any = None, databases: Iterable[str] | None = None, **_more: Any
) -> list[CheckMessage]:
    """Return what is wrong with the database as the application's role sees it."""
    if "default" not in (databases or ()):
        return []
    loader = MigrationLoader(connections["default"])
    behind = list(_missing_migrations(loader))
    found = [*_unsafe_settings(), *_mighty_role(), *_wrong_clock(), *behind]
    return found if behind else [*found, *_missing_triggers(loader)]


def expected_triggers(loader: MigrationLoader) -> set[tuple[str, str]]:
    """Return (table, trigger) of every trigger that the migrations leave behind."""
    found: set[tuple[str, str]] = set()
    for key in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
        for operation in loader.graph.nodes[key].operations:
            if isinstance(operation, RunSQL):
                for sql in _statements(operation.sql):
                    _follow(sql, found)
    return found


def _follow(sql: str, found: set[tuple[str, str]]) -> None:
    """Make and drop, in `found`, what this SQL makes and drops, in its order."""
    events = [(m.start(), True, m) for m in MADE.finditer(sql)]
    events += [(m.start(), False, m) for m in DROPPED.finditer(sql)]
    for _place, is_made, match in sorted(events, key=lambda event: event[0]):
        pair = (match[2], match[1])
        (found.add if is_made else found.discard)(pair)


def _statements(sql: Any) -> Iterator[str]:
    if isinstance(sql, str):
        yield sql
    else:
        for each in sql:
            yield each if isinstance(each, str) else each[0]


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connections["default"].cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _unsafe_settings() -> Iterator[CheckMessage]:
    for name, good in NEEDED.items():
        value = _rows(f"SELECT current_setting('{name}')")[0][0]
        if value not in good:
            said = f"The database runs with {name} = {value}: what it acknowledged could be lost."
            if name == "session_replication_role":
                said = f"The database runs with {name} = {value}: its triggers do not watch."
            yield Error(said, hint=f"Set {name} = {sorted(good)[0]}.", id="census.E010")


def _mighty_role() -> Iterator[CheckMessage]:
    role, is_super, bypasses, makes_roles = _rows(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole OR rolcreatedb"
        " FROM pg_roles WHERE rolname = current_user"
    )[0]
    owns = _rows(
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND pg_has_role(current_user, c.relowner, 'MEMBER')"
    )[0][0]
    makes = _rows("SELECT has_schema_privilege(current_user, 'public', 'CREATE')")[0][0]
    might = {
        "is a superuser": is_super,
        "passes by row security": bypasses,
        "makes roles or databases": makes_roles,
        "owns tables, or is a member of their owner": owns and not is_super,
        "may make tables": makes and not is_super,
    }
    for what, is_so in might.items():
        if is_so:
            said = f"The application's database role {role} {what}: it could switch the rules off."
            hint = "DATABASE_URL names census_app; DATABASE_OWNER_URL is for migrating alone."
            yield Error(said, hint=hint, id="census.E011")


def _wrong_clock() -> Iterator[CheckMessage]:
    before = timezone.now()
    theirs = _rows("SELECT clock_timestamp()")[0][0]
    after = timezone.now()
    offset = max(before - theirs, theirs - after, timedelta())
    said = (
        f"The clocks of this machine and of the database differ by {offset.total_seconds():.1f} s."
    )
    if offset > UNBEARABLE:
        yield Error(said, hint="Let both follow one time server.", id="census.E012")
    elif offset > NOTICEABLE:
        yield Warning(said, hint="Let both follow one time server.", id="census.W012")


def _missing_migrations(loader: MigrationLoader) -> Iterator[CheckMessage]:
    waiting = [key for key in loader.graph.nodes if key not in loader.applied_migrations]
    if waiting:
        names = ", ".join(f"{app}.{name}" for app, name in sorted(waiting)[:3])
        said = f"The database is behind the program: {len(waiting)} migrations wait ({names} …)."
        hint = "python manage.py migrate --database owner"
        yield Error(said, hint=hint, id="census.E013")
    ours = {app for app, _name in loader.graph.nodes}
    newer = {key for key in loader.applied_migrations if key[0] in ours} - set(loader.graph.nodes)
    if newer:
        said = f"The database is ahead of the program: {sorted(newer)[0]} is not known here."
        yield Warning(said, hint="Start the newer version of the program.", id="census.W013")


def _missing_triggers(loader: MigrationLoader) -> Iterator[CheckMessage]:
    rows = _rows(
        "SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON"
        " c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE NOT t.tgisinternal AND n.nspname = 'public'"
    )
    present = {(table, name): state for table, name, state in rows}
    for table, name in sorted(expected_triggers(loader)):
        state = present.get((table, name))
        if state not in ("O", "A"):
            what = "is missing" if state is None else "is switched off"
            said = f"The trigger {name} on {table} {what}: the audit and its rules do not hold."
            hint = "Find out who did this; then restore it as the migrations made it."
            yield Error(said, hint=hint, id="census.E014")
