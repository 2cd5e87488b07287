from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Rosters and zips of photos arrive the same way; a roster may wish somebody into the reserve."""

    dependencies = [("recruitment", "0002_moves")]

    operations = [
        migrations.AddField(
            "rosterfile",
            "kind",
            models.CharField(
                choices=[("roster", "Roster"), ("photos", "Photos")], default="roster", max_length=8
            ),
        ),
        migrations.AddField(
            "staff", "wants_reserve", models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddIndex(
            "rosterfile", models.Index(fields=["office", "-id"], name="roster_file_office")
        ),
        migrations.AddIndex(
            "rosterfile",
            models.Index(
                condition=Q(("reading", "waiting")), fields=["id"], name="roster_file_waiting"
            ),
        ),
    ]
