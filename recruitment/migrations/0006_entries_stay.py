from django.db import migrations

from census_staff.audit.schema import asked_first, keys_stay, settled


class Migration(migrations.Migration):
    """Who entered a record, who reviewed it and what was appealed stays as it was."""

    dependencies = [("recruitment", "0005_settled"), ("audit", "0005_signed")]

    operations = [
        *keys_stay("recruitment_staff"),
        settled("recruitment_staff", ["entered_by_id"], name="entered"),
        settled(
            "recruitment_staff",
            ["reviewed_by_id"],
            when="OLD.service IN ('appointed', 'on_duty', 'left', 'refused')",
            name="reviewed",
        ),
        asked_first(
            "recruitment_exemption", "NEW.approved_at IS NOT NULL OR NEW.approved_by_id IS NOT NULL"
        ),
        settled("recruitment_appeal", ["staff_id", "text", "made_at"]),
        settled(
            "recruitment_appeal",
            ["answer", "answered_by_id", "answered_at"],
            when="OLD.answered_at IS NOT NULL",
            name="answered",
        ),
    ]
