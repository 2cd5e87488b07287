from django.db import migrations, models
from django.db.models import Q

# In the words of census_staff/audit/schema.py, which stands some floors above: CS010 is said of
# what nobody agreed to.
AGREED = """
-- The times of a census are those that were agreed to last: no others, and no older ones again.
CREATE FUNCTION censuses_times_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE agreed record;
BEGIN
  SELECT c.deadline_at, c.execute_at INTO agreed FROM censuses_timechange c
   WHERE c.census_id = NEW.id AND c.approved_at IS NOT NULL
   ORDER BY c.approved_at DESC, c.id DESC LIMIT 1;
  IF NOT FOUND
     OR (agreed.deadline_at, agreed.execute_at) <> (NEW.deadline_at, NEW.execute_at) THEN
    RAISE EXCEPTION 'nobody agreed to these times' USING ERRCODE = 'CS010';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER censuses_times_agreed BEFORE UPDATE OF deadline_at, execute_at ON censuses_census
  FOR EACH ROW WHEN ((OLD.deadline_at, OLD.execute_at) IS DISTINCT FROM (NEW.deadline_at, NEW.execute_at))
  EXECUTE FUNCTION censuses_times_agreed();
CREATE TRIGGER censuses_timechange_asked BEFORE INSERT ON censuses_timechange FOR EACH ROW
  WHEN (NEW.approved_at IS NOT NULL OR NEW.approved_by_id IS NOT NULL)
  EXECUTE FUNCTION audit_undecided();
CREATE TRIGGER censuses_census_settled BEFORE UPDATE OF code, kind ON censuses_census FOR EACH ROW
  WHEN (ROW(OLD.code, OLD.kind) IS DISTINCT FROM ROW(NEW.code, NEW.kind))
  EXECUTE FUNCTION audit_settled();
"""
FORGOTTEN = """
DROP TRIGGER censuses_times_agreed ON censuses_census;
DROP FUNCTION censuses_times_agreed();
DROP TRIGGER censuses_timechange_asked ON censuses_timechange;
DROP TRIGGER censuses_census_settled ON censuses_census;
"""


class Migration(migrations.Migration):
    """The deadline and the execution move only as a second person agreed."""

    dependencies = [("censuses", "0002_times_agreed"), ("audit", "0005_signed")]

    operations = [
        migrations.AddConstraint(
            "timechange",
            models.CheckConstraint(
                condition=Q(approved_at=None) | Q(refused_at=None), name="time_change_one_decision"
            ),
        ),
        migrations.RunSQL(AGREED, FORGOTTEN),
    ]
