from django.db import migrations


class Migration(migrations.Migration):
    """Join old and new rows by hash: the planner knows nothing of transition tables, and its
    nested loop over both takes the square of the rows of a bulk statement."""

    dependencies = [("audit", "0002_triggers")]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION audit_track() SET enable_nestloop = off",
            "ALTER FUNCTION audit_track() RESET enable_nestloop",
        ),
    ]
