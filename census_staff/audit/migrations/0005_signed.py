from django.db import migrations, models
from django.db.models import Q

from census_staff.audit.schema import UNDECIDED_FUNCTION


class Migration(migrations.Migration):
    """An entry is somebody's; the means to refuse what is entered decided."""

    dependencies = [("audit", "0004_settled")]

    operations = [
        migrations.AddConstraint(
            "entry",
            models.CheckConstraint(condition=~Q(actor=""), name="entry_has_an_actor"),
        ),
        migrations.RunSQL(UNDECIDED_FUNCTION, "DROP FUNCTION audit_undecided();"),
    ]
