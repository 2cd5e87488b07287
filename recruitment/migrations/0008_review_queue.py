from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Who waits for a review, the longest first, is read off an index: of a county or of a nation."""

    dependencies = [("recruitment", "0007_tallies")]

    operations = [
        migrations.AddIndex(
            "staff",
            models.Index(
                fields=["census", "submitted_at", "id"],
                condition=Q(service="under_review"),
                name="staff_waiting",
            ),
        ),
    ]
