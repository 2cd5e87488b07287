from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """A code that was voided, or tried wrongly five times, opens nothing any more."""

    dependencies = [("accounts", "0004_second_step")]

    operations = [
        migrations.AddConstraint(
            "activationcode",
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(voided_at=None, wrong_tries__lt=5),
                name="code_used_while_live",
            ),
        ),
    ]
