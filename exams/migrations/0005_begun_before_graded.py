from django.db import migrations, models
from django.db.models import Q

from census_staff.audit.schema import jumps, keys_stay

# Whoever sits, sits an exam of this census and role, for the mark it was published with.
OF_THE_EXAM = migrations.RunSQL(
    "ALTER TABLE exams_attempt ADD CONSTRAINT attempt_of_its_exam"
    " FOREIGN KEY (exam_id, census_id, role, pass_mark)"
    " REFERENCES exams_exam (id, census_id, role, pass_mark)",
    "ALTER TABLE exams_attempt DROP CONSTRAINT attempt_of_its_exam",
)


class Migration(migrations.Migration):
    """An attempt is begun, at an exam of its census and role, before it is graded."""

    dependencies = [("exams", "0004_settled"), ("audit", "0005_signed")]

    operations = [
        jumps("exams_attempt", "state", [("", "open"), ("open", "submitted")]),
        migrations.AddConstraint(
            "exam",
            models.UniqueConstraint(
                fields=["id", "census", "role", "pass_mark"], name="exam_whole"
            ),
        ),
        OF_THE_EXAM,
        migrations.AlterField(
            "attempt",
            "exam",
            models.ForeignKey("exams.Exam", models.PROTECT, related_name="attempts_made"),
        ),
        migrations.AddConstraint(
            "attempt",
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__lte=100), name="attempt_score_of_hundred"
            ),
        ),
        *keys_stay("exams_exam", "exams_attempt"),
    ]
