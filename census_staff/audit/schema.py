"""What migrations of other apps use to put their tables under the audit's triggers."""

from collections.abc import Iterable
from typing import Any

from django.db import migrations

from census_staff.lib.database import application_role

# SQLSTATEs of our own, class CS; census_staff/lib/database_errors.py turns them into sentences.
NO_ACTOR = "CS001"
ILLEGAL_JUMP = "CS002"
APPEND_ONLY = "CS003"
EVIDENCE_VOID = "CS004"
CLOSED = "CS005"
NOT_APPROVED = "CS006"
NOT_ON_DUTY = "CS007"
SETTLED = "CS008"
LIST_CLOSED = "CS009"
NOT_AGREED = "CS010"
NOT_THE_ISSUER = "CS011"
NOT_GRANTED = "CS012"

FUNCTIONS = f"""
CREATE FUNCTION audit_signed() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE actor text := nullif(current_setting('census.actor', true), '');
BEGIN
  IF actor IS NULL THEN
    RAISE EXCEPTION 'a change of state needs an actor' USING ERRCODE = '{NO_ACTOR}';
  END IF;
  RETURN actor;
END $$;

-- Statement-level: one pass over the changed rows, whatever path changed them.
-- Arguments: expression of the office key, expression of the census key, then the tracked fields.
CREATE FUNCTION audit_track() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  who text; field text; bad record;
  why text := coalesce(current_setting('census.reason', true), '');
  job bigint := nullif(current_setting('census.batch', true), '')::bigint;
BEGIN
  FOR i IN 2 .. TG_NARGS - 1 LOOP
    field := TG_ARGV[i];
    IF TG_OP = 'INSERT' THEN
      EXECUTE format(
        'SELECT n.id, n.%1$I AS word FROM new_rows n WHERE NOT EXISTS (SELECT 1 FROM audit_jump j'
        ' WHERE j.subject = %2$L AND j.field = %1$L AND j.source = '''' AND j.target = n.%1$I) LIMIT 1',
        field, TG_TABLE_NAME) INTO bad;
      IF bad.id IS NOT NULL THEN
        RAISE EXCEPTION '%.% cannot begin as %', TG_TABLE_NAME, field, bad.word
          USING ERRCODE = '{ILLEGAL_JUMP}';
      END IF;
      IF EXISTS (SELECT 1 FROM new_rows) THEN
        who := audit_signed();
        EXECUTE format(
          'INSERT INTO audit_entry (at, actor, subject, subject_id, event, old, new, reason, details,'
          ' batch_id, office_id, census_id, txid) SELECT clock_timestamp(), %L, %L, n.id, %L, '''','
          ' n.%I, %L, ''{{}}''::jsonb, %L::bigint, %s, %s, txid_current() FROM new_rows n ORDER BY n.id',
          who, TG_TABLE_NAME, field, field, why, job,
          replace(TG_ARGV[0], 'r.', 'n.'), replace(TG_ARGV[1], 'r.', 'n.'));
      END IF;
    ELSE
      EXECUTE format(
        'SELECT n.id, o.%1$I AS was, n.%1$I AS word FROM old_rows o JOIN new_rows n USING (id)'
        ' WHERE o.%1$I <> n.%1$I AND NOT EXISTS (SELECT 1 FROM audit_jump j WHERE j.subject = %2$L'
        ' AND j.field = %1$L AND j.source = o.%1$I AND j.target = n.%1$I) LIMIT 1',
        field, TG_TABLE_NAME) INTO bad;
      IF bad.id IS NOT NULL THEN
        RAISE EXCEPTION '%.% cannot move from % to %', TG_TABLE_NAME, field, bad.was, bad.word
          USING ERRCODE = '{ILLEGAL_JUMP}';
      END IF;
      EXECUTE format(
        'INSERT INTO audit_entry (at, actor, subject, subject_id, event, old, new, reason, details,'
        ' batch_id, office_id, census_id, txid) SELECT clock_timestamp(), audit_signed(), %L, n.id,'
        ' %L, o.%I, n.%I, %L, ''{{}}''::jsonb, %L::bigint, %s, %s, txid_current()'
        ' FROM old_rows o JOIN new_rows n USING (id) WHERE o.%I <> n.%I ORDER BY n.id',
        TG_TABLE_NAME, field, field, field, why, job,
        replace(TG_ARGV[0], 'r.', 'n.'), replace(TG_ARGV[1], 'r.', 'n.'), field, field);
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is forbidden', TG_OP, TG_TABLE_NAME USING ERRCODE = '{APPEND_ONLY}';
END $$;
"""

SETTLED_FUNCTION = f"""
CREATE FUNCTION audit_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% keeps what was settled (%)', TG_TABLE_NAME, TG_NAME USING ERRCODE = '{SETTLED}';
END $$;
"""

UNDECIDED_FUNCTION = f"""
CREATE FUNCTION audit_undecided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is asked first and decided afterwards', TG_TABLE_NAME
    USING ERRCODE = '{NOT_AGREED}';
END $$;
"""


def track(table: str, fields: Iterable[str], *, office: str, census: str) -> migrations.RunSQL:
    """Return the operation that audits moves of `fields` and refuses illegal ones.

    `office` and `census` are SQL expressions over the changed row `r` (keys or NULL).
    """
    names = "".join(f", '{field}'" for field in fields)
    arguments = (
        f"'{office.replace(chr(39), chr(39) * 2)}', '{census.replace(chr(39), chr(39) * 2)}'"
    )
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_born AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows"
        f" FOR EACH STATEMENT EXECUTE FUNCTION audit_track({arguments}{names});"
        f" CREATE TRIGGER {table}_moved AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows"
        f" NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_track({arguments}{names});",
        f"DROP TRIGGER {table}_born ON {table}; DROP TRIGGER {table}_moved ON {table};",
    )


def append_only(table: str) -> list[Any]:
    """Return the operations that leave INSERT as the only way to write `table`."""
    return [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION audit_append_only();"
            f" CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();",
            f"DROP TRIGGER {table}_kept ON {table}; DROP TRIGGER {table}_whole ON {table};",
        ),
        migrations.RunPython(
            lambda apps, editor: _revoke(editor, table), migrations.RunPython.noop
        ),
    ]


def settled(
    table: str, columns: Iterable[str], *, when: str = "", name: str = "settled"
) -> migrations.RunSQL:
    """Return the operation after which `columns` never change: at all, or once `when` holds.

    `when` is an SQL condition over the rows OLD and NEW. Statements that do not name one of the
    columns never meet the trigger.
    """
    names = list(columns)
    old, new = (", ".join(f"{row}.{column}" for column in names) for row in ("OLD", "NEW"))
    also = f"({when}) AND " if when else ""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_{name} BEFORE UPDATE OF {', '.join(names)} ON {table} FOR EACH ROW"
        f" WHEN ({also}ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION audit_settled();",
        f"DROP TRIGGER {table}_{name} ON {table};",
    )


def keys_stay(*tables: str) -> list[migrations.RunSQL]:
    """Return the operations after which a row keeps its key.

    The trail joins what a row was to what it is by its key: a move that changed the key as well
    would be nobody's.
    """
    return [settled(table, ["id"], name="key") for table in tables]


def asked_first(table: str, when: str) -> migrations.RunSQL:
    """Return the operation that refuses rows which are entered with their decision in them.

    `when` is an SQL condition over the row NEW that holds for the decided.
    """
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_asked BEFORE INSERT ON {table} FOR EACH ROW WHEN ({when})"
        " EXECUTE FUNCTION audit_undecided();",
        f"DROP TRIGGER {table}_asked ON {table};",
    )


def never_deleted(*tables: str) -> migrations.RunPython:
    """Return the operation that takes DELETE away from the application: rows end, they never go."""

    def revoke(apps: Any, editor: Any) -> None:
        for table in tables:
            _revoke(editor, table, "DELETE")

    return migrations.RunPython(revoke, migrations.RunPython.noop)


def jumps(subject: str, field: str, moves: Iterable[tuple[str, str]]) -> migrations.RunPython:
    """Return the operation that writes the allowed moves of one life cycle."""
    pairs = sorted(set(moves))

    def write(apps: Any, editor: Any) -> None:
        jump = apps.get_model("audit", "Jump")
        rows = jump.objects.using(editor.connection.alias)
        rows.filter(subject=subject, field=field).delete()
        rows.bulk_create(
            jump(subject=subject, field=field, source=source, target=target)
            for source, target in pairs
        )

    return migrations.RunPython(write, migrations.RunPython.noop)


def _revoke(editor: Any, table: str, rights: str = "UPDATE, DELETE, TRUNCATE") -> None:
    role = application_role(editor)
    if role:
        editor.execute(f'REVOKE {rights} ON {table} FROM "{role}"')


def only_read(table: str) -> migrations.RunPython:
    """Return the operation that leaves `table` to be written by migrations alone."""
    return migrations.RunPython(
        lambda apps, editor: _revoke(editor, table, "INSERT, UPDATE, DELETE, TRUNCATE"),
        migrations.RunPython.noop,
    )
