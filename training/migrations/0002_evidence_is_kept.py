from django.db import migrations

from census_staff.audit.schema import append_only


class Migration(migrations.Migration):
    """Evidence of training is never edited; it is voided by a new row."""

    dependencies = [("training", "0001_courses_and_completions"), ("audit", "0002_triggers")]

    operations = [
        *append_only("training_completion"),
        *append_only("training_completionvoid"),
        *append_only("training_retraining"),
    ]
