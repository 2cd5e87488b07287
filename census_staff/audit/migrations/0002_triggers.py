from django.db import migrations

from census_staff.audit.schema import FUNCTIONS, append_only, only_read


class Migration(migrations.Migration):
    """The functions that record changes of state, and the record that is only added to."""

    dependencies = [("audit", "0001_entries_and_seals")]

    operations = [
        migrations.RunSQL(
            FUNCTIONS,
            "DROP FUNCTION audit_track(); DROP FUNCTION audit_signed();"
            " DROP FUNCTION audit_append_only();",
        ),
        *append_only("audit_entry"),
        *append_only("audit_seal"),
        only_read("audit_jump"),
    ]
