from django.db import migrations

from census_staff.audit.schema import SETTLED, never_deleted, settled

UNITS = f"""
-- Evidence of study rests on the units that were published.
CREATE FUNCTION training_unit_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM training_course c WHERE c.state <> 'draft'
       AND c.id IN (SELECT course_id FROM changed)) THEN
    RAISE EXCEPTION 'a published course keeps its units' USING ERRCODE = '{SETTLED}';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER training_unit_joins AFTER INSERT ON training_unit
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION training_unit_settled();
CREATE TRIGGER training_unit_changes AFTER UPDATE ON training_unit
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION training_unit_settled();
CREATE TRIGGER training_unit_goes AFTER DELETE ON training_unit
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION training_unit_settled();
"""
UNDO = """
DROP TRIGGER training_unit_joins ON training_unit;
DROP TRIGGER training_unit_changes ON training_unit;
DROP TRIGGER training_unit_goes ON training_unit;
DROP FUNCTION training_unit_settled();
"""


class Migration(migrations.Migration):
    """Everyone studies the course that was published."""

    dependencies = [("training", "0003_moves"), ("audit", "0004_settled")]

    operations = [
        settled(
            "training_course",
            ["census_id", "code", "version", "title", "summary"],
            when="OLD.state <> 'draft'",
        ),
        migrations.RunSQL(UNITS, UNDO),
        never_deleted("training_course"),
    ]
