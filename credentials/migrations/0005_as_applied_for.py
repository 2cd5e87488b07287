from django.db import migrations, models
from django.db.models import Q

from census_staff.audit.schema import (
    NOT_GRANTED,
    NOT_THE_ISSUER,
    append_only,
    asked_first,
    keys_stay,
    settled,
)

# Article 6: an application is decided at the office that issued the card, by its card issuer.
DECIDED = f"""
CREATE FUNCTION credentials_reissue_by_issuer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM credentials_card c JOIN accounts_posting p ON p.office_id = c.issuer_id
     WHERE c.id = NEW.card_id AND p.user_id = NEW.decided_by_id AND p.role = 'card_issuer'
       AND p.ended_at IS NULL AND coalesce(p.census_id, c.census_id) = c.census_id) THEN
    RAISE EXCEPTION 'only the office that issued the card decides' USING ERRCODE = '{NOT_THE_ISSUER}';
  END IF;
  IF NEW.made_card_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM credentials_card c JOIN credentials_card m USING (number_id)
     WHERE c.id = NEW.card_id AND m.id = NEW.made_card_id AND m.edition > c.edition) THEN
    RAISE EXCEPTION 'the new edition is of another number'
      USING ERRCODE = '23514', CONSTRAINT = 'reissue_of_its_number';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER credentials_reissue_by_issuer BEFORE UPDATE OF decided_by_id, made_card_id
  ON credentials_reissue FOR EACH ROW WHEN (NEW.decided_by_id IS NOT NULL)
  EXECUTE FUNCTION credentials_reissue_by_issuer();
"""
UNDECIDED = """
DROP TRIGGER credentials_reissue_by_issuer ON credentials_reissue;
DROP FUNCTION credentials_reissue_by_issuer();
"""

# While an older edition is about, or lost, a newer one comes of an application that was granted.
# Asked at the commit: the card is made before the application says so.
GRANTED = f"""
CREATE FUNCTION credentials_edition_granted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM credentials_card c WHERE c.number_id = NEW.number_id
       AND c.edition < NEW.edition
       AND c.state IN ('numbered', 'printed', 'handed_over', 'damaged', 'lost', 'stolen'))
     AND NOT EXISTS (SELECT 1 FROM credentials_reissue r
       WHERE r.made_card_id = NEW.id AND r.approved) THEN
    RAISE EXCEPTION 'nobody granted this edition' USING ERRCODE = '{NOT_GRANTED}';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER credentials_edition_granted AFTER INSERT ON credentials_card
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.edition > 1)
  EXECUTE FUNCTION credentials_edition_granted();
"""
UNGRANTED = """
DROP TRIGGER credentials_edition_granted ON credentials_card;
DROP FUNCTION credentials_edition_granted();
"""

# Article 7 and 8: a card that did not come back is explained; a card that is taken away has its
# record, which bars the next one.
ENDED = """
CREATE FUNCTION credentials_card_explained() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = 'cancelled' AND NOT EXISTS (
       SELECT 1 FROM credentials_withdrawal w WHERE w.card_id = NEW.id) THEN
    RAISE EXCEPTION 'neither returned nor explained'
      USING ERRCODE = '23514', CONSTRAINT = 'card_cancelled_when_explained';
  END IF;
  IF NEW.state = 'confiscated' AND NOT EXISTS (
       SELECT 1 FROM credentials_confiscation f WHERE f.card_id = NEW.id) THEN
    RAISE EXCEPTION 'taken away for no reason'
      USING ERRCODE = '23514', CONSTRAINT = 'card_confiscated_on_evidence';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER credentials_card_explained AFTER UPDATE ON credentials_card
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.state <> NEW.state AND OLD.state <> 'recalled' AND NEW.state IN ('cancelled', 'confiscated')
    OR NEW.state = 'confiscated' AND OLD.state <> 'confiscated')
  EXECUTE FUNCTION credentials_card_explained();
"""
UNENDED = """
DROP TRIGGER credentials_card_explained ON credentials_card;
DROP FUNCTION credentials_card_explained();
"""


class Migration(migrations.Migration):
    """A new edition comes of an application that the issuer granted; a card ends with its reason."""

    dependencies = [
        ("credentials", "0004_settled"),
        ("audit", "0005_signed"),
        ("accounts", "0005_codes_die"),
    ]

    operations = [
        migrations.AddConstraint(
            "reissue",
            models.CheckConstraint(
                condition=Q(made_card=None) | Q(approved=True), name="reissue_made_when_granted"
            ),
        ),
        asked_first(
            "credentials_reissue", "NEW.decided_at IS NOT NULL OR NEW.decided_by_id IS NOT NULL"
        ),
        asked_first(
            "credentials_confiscation", "NEW.lifted_at IS NOT NULL OR NEW.lifted_by_id IS NOT NULL"
        ),
        settled("credentials_card", ["valid_from", "valid_until"], name="valid"),
        *keys_stay("credentials_card"),
        *append_only("credentials_loss"),
        migrations.RunSQL(DECIDED, UNDECIDED),
        migrations.RunSQL(GRANTED, UNGRANTED),
        migrations.RunSQL(ENDED, UNENDED),
    ]
