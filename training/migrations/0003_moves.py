from django.db import migrations

from census_staff.audit.schema import jumps, track

MOVES = [("", "draft"), ("draft", "published"), ("published", "withdrawn")]


class Migration(migrations.Migration):
    """Audit and guard the state of courses."""

    dependencies = [("training", "0002_evidence_is_kept"), ("audit", "0002_triggers")]

    operations = [
        jumps("training_course", "state", MOVES),
        track("training_course", ["state"], office="r.office_id", census="r.census_id"),
    ]
