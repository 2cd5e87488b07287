from django.db import migrations

from census_staff.audit.schema import keys_stay


class Migration(migrations.Migration):
    """A course keeps its key."""

    dependencies = [("training", "0004_settled"), ("audit", "0005_signed")]

    operations = [*keys_stay("training_course")]
