from django.db import migrations, models


class Migration(migrations.Migration):
    """What waits for its seal is found at the end of the record, however long that is."""

    dependencies = [("audit", "0006_found_by_event_and_actor")]

    operations = [
        migrations.AddIndex("entry", models.Index(fields=["txid", "id"], name="entry_order")),
    ]
