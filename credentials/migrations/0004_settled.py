from django.db import migrations, models
from django.db.models import Q

from census_staff.audit.schema import EVIDENCE_VOID, NOT_APPROVED, never_deleted, settled

WHOLE = ["person_id", "census_id", "role", "training_id", "attempt_id", "attempt_passed", "pledge_id"]

# A pledge whose text was replaced counts no more than one that was voided.
COUNTS = f"""
CREATE FUNCTION credentials_evidence_of(training bigint, attempt bigint, pledge bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (SELECT 1 FROM training_completionvoid v WHERE v.completion_id = training)
     AND NOT EXISTS (SELECT 1 FROM exams_attemptvoid v WHERE v.attempt_id = attempt)
     AND NOT EXISTS (SELECT 1 FROM recruitment_pledgevoid v WHERE v.pledge_id = pledge)
$$;

-- Evidence may be voided between the making of a card and the day it is handed over.
CREATE FUNCTION credentials_handed_on_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT credentials_evidence_of(NEW.training_id, NEW.attempt_id, NEW.pledge_id) THEN
    RAISE EXCEPTION 'voided evidence' USING ERRCODE = '{EVIDENCE_VOID}';
  END IF;
  IF EXISTS (SELECT 1 FROM credentials_confiscation c WHERE c.person_id = NEW.person_id
       AND c.census_id = NEW.census_id AND c.lifted_at IS NULL) THEN
    RAISE EXCEPTION 'a card of this person was confiscated' USING ERRCODE = '{NOT_APPROVED}';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER credentials_card_handed AFTER UPDATE OF state ON credentials_card FOR EACH ROW
  WHEN (NEW.state = 'handed_over' AND OLD.state <> 'handed_over')
  EXECUTE FUNCTION credentials_handed_on_evidence();

CREATE FUNCTION credentials_pledge_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM recruitment_pledgetext t WHERE t.superseded_at IS NOT NULL AND t.id IN (
       SELECT p.text_id FROM recruitment_pledge p
        WHERE p.id IN (SELECT pledge_id FROM new_rows))) THEN
    RAISE EXCEPTION 'the text of the pledge was replaced' USING ERRCODE = '{EVIDENCE_VOID}';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER credentials_number_pledge AFTER INSERT ON credentials_cardnumber
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credentials_pledge_stands();
CREATE TRIGGER credentials_card_pledge AFTER INSERT ON credentials_card
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credentials_pledge_stands();
"""
UNCOUNT = """
DROP TRIGGER credentials_card_handed ON credentials_card;
DROP TRIGGER credentials_number_pledge ON credentials_cardnumber;
DROP TRIGGER credentials_card_pledge ON credentials_card;
DROP FUNCTION credentials_handed_on_evidence();
DROP FUNCTION credentials_pledge_stands();
DROP FUNCTION credentials_evidence_of(bigint, bigint, bigint);
"""


class Migration(migrations.Migration):
    """A number and a card stay with their person and their evidence; decisions have a maker."""

    dependencies = [
        ("credentials", "0003_losses"),
        ("audit", "0004_settled"),
        ("recruitment", "0005_settled"),
    ]

    operations = [
        migrations.AddConstraint(
            "reissue",
            models.CheckConstraint(
                condition=Q(decided_at=None, approved=False, made_card=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="reissue_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            "confiscation",
            models.CheckConstraint(
                condition=Q(lifted_at=None) | Q(lifted_by__isnull=False),
                name="confiscation_lifted_by_somebody",
            ),
        ),
        settled("credentials_cardnumber", ["number", *WHOLE]),
        settled("credentials_card", ["number_id", "edition", "token", "staff_id", "issuer_id", *WHOLE]),
        settled(
            "credentials_card",
            ["face", "face_sha256", "photo_id"],
            when="OLD.state <> 'numbered'",
            name="printed_face",
        ),
        settled("credentials_numbersequence", ["last"], when="NEW.last < OLD.last", name="rises"),
        settled("credentials_confiscation", ["card_id", "person_id", "census_id", "made_by_id"]),
        settled(
            "credentials_confiscation",
            ["lifted_by_id", "lifted_at"],
            when="OLD.lifted_at IS NOT NULL",
            name="lifted",
        ),
        settled("credentials_reissue", ["card_id", "applied_by_id"]),
        settled(
            "credentials_reissue",
            ["decided_by_id", "decided_at", "approved", "made_card_id"],
            when="OLD.decided_at IS NOT NULL",
            name="decided",
        ),
        settled("credentials_withdrawal", ["card_id"]),
        migrations.RunSQL(COUNTS, UNCOUNT),
        never_deleted(
            "credentials_cardnumber",
            "credentials_card",
            "credentials_numbersequence",
            "credentials_confiscation",
            "credentials_reissue",
            "credentials_withdrawal",
            "credentials_loss",
        ),
    ]
