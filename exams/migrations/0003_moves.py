from django.db import migrations

from census_staff.audit.schema import APPEND_ONLY, jumps, track

KEPT = f"""
-- Papers point at questions by code and version: a version keeps its words.
CREATE FUNCTION exams_question_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'retired_at') <> (to_jsonb(OLD) - 'retired_at') THEN
    RAISE EXCEPTION 'a version of a question stays as it is' USING ERRCODE = '{APPEND_ONLY}';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER exams_question_kept BEFORE UPDATE OR DELETE ON exams_question
  FOR EACH ROW EXECUTE FUNCTION exams_question_kept();

-- Everyone sits the exam that was published.
CREATE FUNCTION exams_exam_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'draft' AND (to_jsonb(NEW) - 'state') <> (to_jsonb(OLD) - 'state') THEN
    RAISE EXCEPTION 'a published exam stays as it is' USING ERRCODE = '{APPEND_ONLY}';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER exams_exam_kept BEFORE UPDATE ON exams_exam
  FOR EACH ROW EXECUTE FUNCTION exams_exam_kept();
"""


class Migration(migrations.Migration):
    """Audit and guard the states of exams and attempts; keep what papers rest on."""

    dependencies = [("exams", "0002_answers_are_kept"), ("audit", "0002_triggers")]

    operations = [
        jumps("exams_exam", "state", [("", "draft"), ("draft", "published"), ("published", "closed")]),
        jumps("exams_attempt", "state", [("", "open"), ("", "submitted"), ("open", "submitted")]),
        track("exams_exam", ["state"], office="r.office_id", census="r.census_id"),
        track("exams_attempt", ["state"], office="r.office_id", census="r.census_id"),
        migrations.RunSQL(
            KEPT,
            "DROP TRIGGER exams_question_kept ON exams_question;"
            " DROP FUNCTION exams_question_kept();"
            " DROP TRIGGER exams_exam_kept ON exams_exam; DROP FUNCTION exams_exam_kept();",
        ),
    ]
