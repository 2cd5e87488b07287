from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Times change only by somebody's word."""

    dependencies = [("censuses", "0001_censuses")]

    operations = [
        migrations.AddConstraint(
            "timechange",
            models.CheckConstraint(
                condition=Q(approved_at=None) | Q(approved_by__isnull=False),
                name="time_change_approved_by_somebody",
            ),
        ),
    ]
