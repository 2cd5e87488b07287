from django.db import migrations

from census_staff.audit.schema import keys_stay, settled


class Migration(migrations.Migration):
    """An approval keeps its approver; what was done to somebody on a list is not done again."""

    dependencies = [("batches", "0003_agreed_and_closed"), ("audit", "0005_signed")]

    operations = [
        *keys_stay("batches_batch", "batches_batchitem"),
        settled(
            "batches_batch",
            ["approved_by_id"],
            when="OLD.approved_by_id IS NOT NULL",
            name="approved",
        ),
        settled(
            "batches_batch",
            ["undo_approved_by_id"],
            when="OLD.undo_approved_by_id IS NOT NULL",
            name="undo_approved",
        ),
        settled(
            "batches_batchitem",
            ["state"],
            when="OLD.state <> 'pending' AND NOT (OLD.state = 'done' AND NEW.state IN ('undone', 'kept'))",
            name="ended",
        ),
    ]
