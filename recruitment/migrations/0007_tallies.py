from django.db import migrations, models
from django.db.models.deletion import DO_NOTHING, PROTECT

# A person is marked, not their office: whoever counts looks where they serve by then.
MARKS = """
CREATE FUNCTION recruitment_mark_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO recruitment_tallymark (census_id, person_id) VALUES (OLD.census_id, OLD.person_id);
  ELSE
    INSERT INTO recruitment_tallymark (census_id, person_id) VALUES (NEW.census_id, NEW.person_id);
  END IF;
  RETURN NULL;
END $$;

-- Arguments: table of the evidence, column of the void that names its row.
CREATE FUNCTION recruitment_mark_voided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  void jsonb := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
BEGIN
  EXECUTE format('INSERT INTO recruitment_tallymark (census_id, person_id)'
    ' SELECT e.census_id, e.person_id FROM %I e WHERE e.id = $1', TG_ARGV[0])
    USING (void ->> TG_ARGV[1])::bigint;
  RETURN NULL;
END $$;

CREATE FUNCTION recruitment_mark_offices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO recruitment_tallymark (census_id, office_id)
      SELECT DISTINCT n.census_id, n.office_id FROM new_rows n;
  ELSE
    INSERT INTO recruitment_tallymark (census_id, office_id)
      SELECT n.census_id, n.office_id FROM new_rows n
      UNION SELECT o.census_id, o.office_id FROM old_rows o;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION recruitment_mark_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO recruitment_tallymark (census_id) VALUES (NEW.census_id);
  RETURN NULL;
END $$;

CREATE TRIGGER recruitment_staff_counted_new AFTER INSERT ON recruitment_staff
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION recruitment_mark_offices();
CREATE TRIGGER recruitment_staff_counted AFTER UPDATE ON recruitment_staff
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION recruitment_mark_offices();
CREATE TRIGGER training_completion_counted AFTER INSERT OR UPDATE OR DELETE ON training_completion
  FOR EACH ROW EXECUTE FUNCTION recruitment_mark_person();
CREATE TRIGGER training_completionvoid_counted AFTER INSERT OR UPDATE OR DELETE
  ON training_completionvoid FOR EACH ROW
  EXECUTE FUNCTION recruitment_mark_voided('training_completion', 'completion_id');
CREATE TRIGGER exams_attempt_counted_new AFTER INSERT ON exams_attempt FOR EACH ROW
  WHEN (NEW.state = 'submitted') EXECUTE FUNCTION recruitment_mark_person();
-- Saves name none of these columns, so they never meet the trigger.
CREATE TRIGGER exams_attempt_counted
  AFTER UPDATE OF state, passed, mode, answered, role, person_id, census_id ON exams_attempt
  FOR EACH ROW WHEN (NEW.state = 'submitted' OR OLD.state = 'submitted')
  EXECUTE FUNCTION recruitment_mark_person();
CREATE TRIGGER exams_attemptvoid_counted AFTER INSERT OR UPDATE OR DELETE ON exams_attemptvoid
  FOR EACH ROW EXECUTE FUNCTION recruitment_mark_voided('exams_attempt', 'attempt_id');
CREATE TRIGGER recruitment_pledge_counted AFTER INSERT ON recruitment_pledge
  FOR EACH ROW EXECUTE FUNCTION recruitment_mark_person();
CREATE TRIGGER recruitment_pledgevoid_counted AFTER INSERT ON recruitment_pledgevoid
  FOR EACH ROW EXECUTE FUNCTION recruitment_mark_voided('recruitment_pledge', 'pledge_id');
CREATE TRIGGER recruitment_pledgetext_counted AFTER UPDATE OF superseded_at ON recruitment_pledgetext
  FOR EACH ROW EXECUTE FUNCTION recruitment_mark_all();
"""
UNMARK = """
DROP TRIGGER recruitment_staff_counted_new ON recruitment_staff;
DROP TRIGGER recruitment_staff_counted ON recruitment_staff;
DROP TRIGGER training_completion_counted ON training_completion;
DROP TRIGGER training_completionvoid_counted ON training_completionvoid;
DROP TRIGGER exams_attempt_counted_new ON exams_attempt;
DROP TRIGGER exams_attempt_counted ON exams_attempt;
DROP TRIGGER exams_attemptvoid_counted ON exams_attemptvoid;
DROP TRIGGER recruitment_pledge_counted ON recruitment_pledge;
DROP TRIGGER recruitment_pledgevoid_counted ON recruitment_pledgevoid;
DROP TRIGGER recruitment_pledgetext_counted ON recruitment_pledgetext;
DROP FUNCTION recruitment_mark_person();
DROP FUNCTION recruitment_mark_voided();
DROP FUNCTION recruitment_mark_offices();
DROP FUNCTION recruitment_mark_all();
"""
NUMBERS = (
    "entered", "reviewed", "trained", "passed", "pledged", "carded", "on_duty", "supervisors",
    "enumerators", "slow", "due", "offline", "returned", "reminded", "disabled", "experienced",
    "educated",
)  # fmt: skip
KEY = ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID"))


class Migration(migrations.Migration):
    """The summary of the boards above the city, and marks of what changed since it was counted."""

    dependencies = [
        ("recruitment", "0006_entries_stay"),
        ("training", "0002_evidence_is_kept"),
        ("exams", "0002_answers_are_kept"),
    ]

    operations = [
        migrations.CreateModel(
            "Tally",
            [
                KEY,
                ("census", models.ForeignKey("censuses.Census", PROTECT, related_name="+")),
                ("office", models.ForeignKey("places.Office", PROTECT, related_name="+")),
                *((name, models.PositiveIntegerField()) for name in NUMBERS),
            ],
        ),
        migrations.CreateModel(
            "TallyTime",
            [
                KEY,
                ("at", models.DateTimeField()),
                ("census", models.OneToOneField("censuses.Census", PROTECT, related_name="+")),
            ],
        ),
        migrations.CreateModel(
            "TallyMark",
            [
                KEY,
                ("office_id", models.BigIntegerField(null=True)),
                ("person_id", models.BigIntegerField(null=True)),
                (
                    "census",
                    models.ForeignKey(
                        "censuses.Census", DO_NOTHING, db_constraint=False, related_name="+"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "tally", models.UniqueConstraint(fields=["census", "office"], name="tally_once")
        ),
        migrations.RunSQL(MARKS, UNMARK),
    ]
