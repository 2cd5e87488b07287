from django.db import migrations, models
from django.db.models import F, Q

from census_staff.audit.schema import LIST_CLOSED, never_deleted, settled

CLOSED = f"""
-- What is approved, frozen or done is done to the list that was shown: it is only open in a preview.
CREATE FUNCTION batches_list_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM batches_batch b
       WHERE b.state <> 'draft' AND b.id IN (SELECT batch_id FROM changed)) THEN
    RAISE EXCEPTION 'the list of this batch is closed' USING ERRCODE = '{LIST_CLOSED}';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER batches_item_joins AFTER INSERT ON batches_batchitem
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION batches_list_open();
CREATE TRIGGER batches_item_goes AFTER DELETE ON batches_batchitem
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION batches_list_open();
"""
OPEN = """
DROP TRIGGER batches_item_joins ON batches_batchitem;
DROP TRIGGER batches_item_goes ON batches_batchitem;
DROP FUNCTION batches_list_open();
"""


class Migration(migrations.Migration):
    """Hold a batch to its maker, its second person, its time and its list."""

    dependencies = [("batches", "0002_moves"), ("audit", "0004_settled")]

    operations = [
        migrations.AddConstraint(
            "batch",
            models.CheckConstraint(
                condition=~Q(state__in=("undo_asked", "undoing", "undone"))
                | Q(undo_asked_by__isnull=False),
                name="batch_undo_asked_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            "batch",
            models.CheckConstraint(
                condition=~Q(state__in=("running", "done")) | Q(started_at__isnull=False),
                name="batch_begun",
            ),
        ),
        migrations.AddConstraint(
            "batch",
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(started_at=None) | Q(started_at__gte=F("due_at")),
                name="batch_begun_when_due",
            ),
        ),
        settled("batches_batch", ["kind", "census_id", "office_id", "made_by_id", "needs_second"]),
        settled("batches_batchitem", ["batch_id", "position", "target_id"]),
        migrations.RunSQL(CLOSED, OPEN),
        never_deleted("batches_batch"),
    ]
