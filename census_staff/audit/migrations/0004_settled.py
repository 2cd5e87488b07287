from django.db import migrations

from census_staff.audit.schema import SETTLED_FUNCTION, never_deleted, settled


class Migration(migrations.Migration):
    """What is settled stays: who holds which post, and what a second person decided."""

    dependencies = [
        ("audit", "0003_joins_by_hash"),
        ("accounts", "0003_sessions_and_policies"),
        ("censuses", "0002_times_agreed"),
        ("people", "0001_people"),
        ("correspondence", "0001_notices"),
    ]

    operations = [
        migrations.RunSQL(SETTLED_FUNCTION, "DROP FUNCTION audit_settled();"),
        settled(
            "accounts_posting",
            ["user_id", "role", "duty", "office_id", "census_id", "started_by_id"],
        ),
        settled(
            "accounts_posting", ["ended_at", "ended_by_id"], when="OLD.ended_at IS NOT NULL", name="ended"
        ),
        settled("people_correction", ["person_id", "field", "made_by_id"]),
        settled(
            "people_correction",
            ["applied", "decided_by_id", "decided_at"],
            when="OLD.decided_at IS NOT NULL",
            name="decided",
        ),
        settled("censuses_timechange", ["census_id", "deadline_at", "execute_at", "made_by_id"]),
        settled(
            "censuses_timechange",
            ["approved_by_id", "approved_at", "refused_at"],
            when="OLD.approved_at IS NOT NULL OR OLD.refused_at IS NOT NULL",
            name="decided",
        ),
        never_deleted(
            "accounts_user",
            "accounts_posting",
            "accounts_activationcode",
            "accounts_reveal",
            "censuses_census",
            "censuses_timechange",
            "people_correction",
            "places_office",
        ),
    ]
