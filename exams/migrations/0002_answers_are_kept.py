from django.db import migrations

from census_staff.audit.schema import APPEND_ONLY, CLOSED, append_only

GUARDS = f"""
-- An answer waits for a submit under way and is refused after it (or after the grace).
CREATE FUNCTION exams_answer_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM exams_attempt WHERE id = NEW.attempt_id AND state = 'open'
    AND clock_timestamp() <= late_until FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the attempt is closed' USING ERRCODE = '{CLOSED}';
  END IF;
  NEW.saved_at := clock_timestamp();
  RETURN NEW;
END $$;
CREATE TRIGGER exams_answer_in_time BEFORE INSERT ON exams_answer
  FOR EACH ROW EXECUTE FUNCTION exams_answer_in_time();

-- What was graded stays as it is; who, when and which paper never change at all.
CREATE FUNCTION exams_attempt_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state <> 'open' THEN
    RAISE EXCEPTION 'a graded attempt stays as it is' USING ERRCODE = '{CLOSED}';
  END IF;
  IF (NEW.person_id, NEW.census_id, NEW.role, NEW.number, NEW.paper, NEW.seed, NEW.pass_mark,
      NEW.started_at, NEW.deadline_at, NEW.late_until, NEW.mode)
     IS DISTINCT FROM
     (OLD.person_id, OLD.census_id, OLD.role, OLD.number, OLD.paper, OLD.seed, OLD.pass_mark,
      OLD.started_at, OLD.deadline_at, OLD.late_until, OLD.mode) THEN
    RAISE EXCEPTION 'an attempt keeps its paper and its times' USING ERRCODE = '{APPEND_ONLY}';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER exams_attempt_kept BEFORE UPDATE OR DELETE ON exams_attempt
  FOR EACH ROW EXECUTE FUNCTION exams_attempt_kept();
"""


class Migration(migrations.Migration):
    """Acknowledged answers stay; none comes after the end; a grade is given once."""

    dependencies = [("exams", "0001_questions_and_attempts"), ("audit", "0002_triggers")]

    operations = [
        *append_only("exams_answer"),
        *append_only("exams_attemptvoid"),
        migrations.RunSQL(
            GUARDS,
            "DROP TRIGGER exams_answer_in_time ON exams_answer;"
            " DROP FUNCTION exams_answer_in_time();"
            " DROP TRIGGER exams_attempt_kept ON exams_attempt;"
            " DROP FUNCTION exams_attempt_kept();",
        ),
    ]
