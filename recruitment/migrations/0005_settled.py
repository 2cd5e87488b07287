from django.db import migrations, models
from django.db.models import Q

from census_staff.audit.schema import append_only, never_deleted, settled

# Whoever signs, signs this very text, of the same census and role.
SIGNED = migrations.RunSQL(
    "ALTER TABLE recruitment_pledge ADD CONSTRAINT pledge_text_signed"
    " FOREIGN KEY (text_id, text_sha256, census_id, role)"
    " REFERENCES recruitment_pledgetext (id, sha256, census_id, role)",
    "ALTER TABLE recruitment_pledge DROP CONSTRAINT pledge_text_signed",
)
# Batches know nothing of their kinds; this floor knows what a run is.
RUNS = migrations.RunSQL(
    "ALTER TABLE batches_batch"
    " ADD CONSTRAINT run_needs_second CHECK (kind <> 'disable' OR needs_second),"
    " ADD CONSTRAINT run_has_its_time"
    " CHECK (kind <> 'disable' OR state IN ('draft', 'frozen', 'cancelled') OR due_at IS NOT NULL)",
    "ALTER TABLE batches_batch DROP CONSTRAINT run_needs_second, DROP CONSTRAINT run_has_its_time",
)


class Migration(migrations.Migration):
    """Access is open only to the appointed; what was signed, ordered or exempted stays so."""

    dependencies = [("recruitment", "0004_appeals"), ("batches", "0003_agreed_and_closed")]

    operations = [
        migrations.AddConstraint(
            "staff",
            models.CheckConstraint(
                condition=~Q(access__in=("enabled", "reminded"))
                | Q(service__in=("appointed", "on_duty")),
                name="staff_open_while_appointed",
            ),
        ),
        migrations.AddConstraint(
            "pledgetext",
            models.UniqueConstraint(
                fields=["id", "sha256", "census", "role"], name="pledge_text_of_role"
            ),
        ),
        SIGNED,
        RUNS,
        settled("recruitment_staff", ["person_id", "census_id", "recruited_by_id"]),
        settled(
            "recruitment_pledgetext",
            ["census_id", "role", "version", "title", "body", "sha256", "published_at"],
        ),
        settled("recruitment_exemption", ["staff_id", "made_by_id"]),
        settled(
            "recruitment_exemption",
            ["standards", "until", "approved_by_id", "approved_at"],
            when="OLD.approved_at IS NOT NULL",
            name="decided",
        ),
        settled("recruitment_accessorder", ["staff_id", "kind", "reason", "made_by", "batch_id"]),
        settled(
            "recruitment_accessorder", ["ended_at"], when="OLD.ended_at IS NOT NULL", name="ended"
        ),
        *append_only("recruitment_reviewnote"),
        never_deleted(
            "recruitment_staff",
            "recruitment_pledgetext",
            "recruitment_exemption",
            "recruitment_accessorder",
            "recruitment_appeal",
        ),
    ]
