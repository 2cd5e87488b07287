from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Offices' accounts, few among many, are found by the name they show."""

    dependencies = [("accounts", "0006_owners_stay")]

    operations = [
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["display_name"], name="user_display_name", condition=Q(display_name__gt="")
            ),
        ),
    ]
