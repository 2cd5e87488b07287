from typing import Any

from django.db import migrations

from census_staff.lib.database import application_role

# In the words of census_staff/audit/schema.py, which stands a floor above.
KEPT = """
CREATE TRIGGER accounts_user_person BEFORE UPDATE OF person_id ON accounts_user FOR EACH ROW
  WHEN (OLD.person_id IS NOT NULL AND OLD.person_id IS DISTINCT FROM NEW.person_id)
  EXECUTE FUNCTION audit_settled();
CREATE TRIGGER people_photo_settled BEFORE UPDATE OF person_id, jpeg, sha256 ON people_photo
  FOR EACH ROW WHEN (ROW(OLD.person_id, OLD.jpeg, OLD.sha256)
    IS DISTINCT FROM ROW(NEW.person_id, NEW.jpeg, NEW.sha256))
  EXECUTE FUNCTION audit_settled();
CREATE TRIGGER accounts_reveal_kept BEFORE UPDATE OR DELETE ON accounts_reveal
  FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER accounts_reveal_whole BEFORE TRUNCATE ON accounts_reveal
  FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
"""
LOOSE = """
DROP TRIGGER accounts_user_person ON accounts_user;
DROP TRIGGER people_photo_settled ON people_photo;
DROP TRIGGER accounts_reveal_kept ON accounts_reveal;
DROP TRIGGER accounts_reveal_whole ON accounts_reveal;
"""


def only_added(apps: Any, editor: Any) -> None:
    """Leave the application nothing but to add to who looked at whose data."""
    if role := application_role(editor):
        editor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON accounts_reveal FROM "{role}"')


class Migration(migrations.Migration):
    """An account stays with its person; who looked at whose data is only ever added to."""

    dependencies = [("accounts", "0005_codes_die"), ("audit", "0004_settled")]

    operations = [
        migrations.RunSQL(KEPT, LOOSE),
        migrations.RunPython(only_added, migrations.RunPython.noop),
    ]
