from django.db import migrations

from census_staff.audit.schema import EVIDENCE_VOID, NOT_APPROVED, NOT_ON_DUTY, jumps, track

CARD = [
    ("", "numbered"),
    ("damaged", "cancelled"),
    ("damaged", "confiscated"),
    ("damaged", "lost"),
    ("damaged", "recalled"),
    ("damaged", "replaced"),
    ("damaged", "stolen"),
    ("handed_over", "cancelled"),
    ("handed_over", "confiscated"),
    ("handed_over", "damaged"),
    ("handed_over", "lost"),
    ("handed_over", "recalled"),
    ("handed_over", "stolen"),
    ("lost", "cancelled"),
    ("lost", "confiscated"),
    ("lost", "printed"),
    ("lost", "recalled"),
    ("lost", "replaced"),
    ("lost", "stolen"),
    ("numbered", "cancelled"),
    ("numbered", "confiscated"),
    ("numbered", "printed"),
    ("printed", "cancelled"),
    ("printed", "confiscated"),
    ("printed", "handed_over"),
    ("printed", "lost"),
    ("printed", "recalled"),
    ("printed", "stolen"),
    ("recalled", "cancelled"),
    ("recalled", "confiscated"),
    ("replaced", "cancelled"),
    ("stolen", "cancelled"),
    ("stolen", "confiscated"),
    ("stolen", "replaced"),
]

FACTS = {
    "training": ("training_completion", "training_id, person_id, census_id, role", "id, person_id, census_id, role"),
    "attempt": (
        "exams_attempt",
        "attempt_id, person_id, census_id, role, attempt_passed",
        "id, person_id, census_id, role, passed",
    ),
    "pledge": ("recruitment_pledge", "pledge_id, person_id, census_id, role", "id, person_id, census_id, role"),
}
# Numbers and cards stand on the completed training, the passed attempt and the pledge of the same
# person, census and role: anything else cannot be written down.
WHOLE = [
    migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {short}_{fact}_whole FOREIGN KEY ({ours})"
        f" REFERENCES {theirs} ({keys})",
        f"ALTER TABLE {table} DROP CONSTRAINT {short}_{fact}_whole",
    )
    for table, short in (("credentials_cardnumber", "number"), ("credentials_card", "card"))
    for fact, (theirs, ours, keys) in FACTS.items()
] + [
    migrations.RunSQL(
        "ALTER TABLE credentials_card ADD CONSTRAINT card_number_whole"
        " FOREIGN KEY (number_id, person_id, census_id, role)"
        " REFERENCES credentials_cardnumber (number, person_id, census_id, role)",
        "ALTER TABLE credentials_card DROP CONSTRAINT card_number_whole",
    ),
    migrations.RunSQL(
        "ALTER TABLE credentials_card ADD CONSTRAINT card_staff_whole"
        " FOREIGN KEY (staff_id, person_id, census_id, role)"
        " REFERENCES recruitment_staff (id, person_id, census_id, role)",
        "ALTER TABLE credentials_card DROP CONSTRAINT card_staff_whole",
    ),
]

GUARDS = f"""
CREATE FUNCTION credentials_evidence_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_rows n WHERE
       EXISTS (SELECT 1 FROM training_completionvoid v WHERE v.completion_id = n.training_id)
    OR EXISTS (SELECT 1 FROM exams_attemptvoid v WHERE v.attempt_id = n.attempt_id)
    OR EXISTS (SELECT 1 FROM recruitment_pledgevoid v WHERE v.pledge_id = n.pledge_id)) THEN
    RAISE EXCEPTION 'voided evidence' USING ERRCODE = '{EVIDENCE_VOID}';
  END IF;
  IF EXISTS (SELECT 1 FROM new_rows n JOIN credentials_confiscation c
       ON c.person_id = n.person_id AND c.census_id = n.census_id AND c.lifted_at IS NULL) THEN
    RAISE EXCEPTION 'a card of this person was confiscated' USING ERRCODE = '{NOT_APPROVED}';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER credentials_number_counts AFTER INSERT ON credentials_cardnumber
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credentials_evidence_counts();
CREATE TRIGGER credentials_card_counts AFTER INSERT ON credentials_card
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credentials_evidence_counts();

-- On duty is only who holds a card in force: asked when duty begins, and when a card ends.
CREATE FUNCTION credentials_duty_needs_card() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_rows n JOIN old_rows o USING (id)
       WHERE n.service = 'on_duty' AND o.service <> 'on_duty' AND NOT EXISTS (
         SELECT 1 FROM credentials_card c WHERE c.staff_id = n.id
           AND c.state IN ('handed_over', 'damaged'))) THEN
    RAISE EXCEPTION 'on duty without a card in force' USING ERRCODE = '{NOT_ON_DUTY}';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER credentials_duty_needs_card AFTER UPDATE ON recruitment_staff
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION credentials_duty_needs_card();

CREATE FUNCTION credentials_card_ends_duty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM recruitment_staff s WHERE s.id = NEW.staff_id AND s.service = 'on_duty'
       AND NOT EXISTS (SELECT 1 FROM credentials_card c WHERE c.staff_id = s.id
         AND c.state IN ('handed_over', 'damaged'))) THEN
    RAISE EXCEPTION 'on duty without a card in force' USING ERRCODE = '{NOT_ON_DUTY}';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER credentials_card_ends_duty AFTER UPDATE ON credentials_card
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.state IN ('handed_over', 'damaged') AND NEW.state NOT IN ('handed_over', 'damaged'))
  EXECUTE FUNCTION credentials_card_ends_duty();
"""
UNGUARD = """
DROP TRIGGER credentials_number_counts ON credentials_cardnumber;
DROP TRIGGER credentials_card_counts ON credentials_card;
DROP FUNCTION credentials_evidence_counts();
DROP TRIGGER credentials_duty_needs_card ON recruitment_staff;
DROP FUNCTION credentials_duty_needs_card();
DROP TRIGGER credentials_card_ends_duty ON credentials_card;
DROP FUNCTION credentials_card_ends_duty();
"""


class Migration(migrations.Migration):
    """Hold who may have a number and a card; audit and guard the state of cards."""

    dependencies = [
        ("credentials", "0001_numbers_and_cards"),
        ("recruitment", "0002_moves"),
        ("training", "0002_evidence_is_kept"),
        ("exams", "0002_answers_are_kept"),
    ]

    operations = [
        *WHOLE,
        jumps("credentials_card", "state", CARD),
        track("credentials_card", ["state"], office="r.issuer_id", census="r.census_id"),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
