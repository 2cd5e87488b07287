from django.db import migrations

from census_staff.audit.schema import append_only, settled


class Migration(migrations.Migration):
    """An account stays with its person; who looked at whose data is only ever added to."""

    dependencies = [("accounts", "0005_codes_die"), ("audit", "0004_settled")]

    operations = [
        settled("accounts_user", ["person_id"], when="OLD.person_id IS NOT NULL", name="person"),
        *append_only("accounts_reveal"),
        settled("people_photo", ["person_id", "jpeg", "sha256"]),
    ]
