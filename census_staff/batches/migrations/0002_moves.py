from django.db import migrations

from census_staff.audit.schema import jumps, track

MOVES = [
    ("", "draft"),
    ("draft", "frozen"),
    ("frozen", "draft"),
    ("frozen", "approved"),
    ("draft", "approved"),
    ("approved", "running"),
    ("approved", "stopped"),
    ("running", "stopped"),
    ("stopped", "running"),
    ("running", "done"),
    ("done", "undo_asked"),
    ("stopped", "undo_asked"),
    ("undo_asked", "done"),
    ("undo_asked", "undoing"),
    ("undoing", "undone"),
    ("draft", "cancelled"),
    ("frozen", "cancelled"),
    ("approved", "cancelled"),
    ("stopped", "cancelled"),
]


class Migration(migrations.Migration):
    """Audit and guard the state of batches."""

    dependencies = [("batches", "0001_batches_and_items"), ("audit", "0002_triggers")]

    operations = [
        jumps("batches_batch", "state", MOVES),
        track("batches_batch", ["state"], office="r.office_id", census="r.census_id"),
    ]
