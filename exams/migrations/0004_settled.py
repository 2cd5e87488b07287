from django.db import migrations

from census_staff.audit.schema import never_deleted, settled


class Migration(migrations.Migration):
    """An attempt stays an attempt at its exam; an exam is closed, never removed."""

    dependencies = [("exams", "0003_moves"), ("audit", "0004_settled")]

    operations = [
        settled("exams_attempt", ["exam_id"]),
        never_deleted("exams_exam"),
    ]
