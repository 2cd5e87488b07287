from django.db import migrations, models


class Migration(migrations.Migration):
    """The reader of the record asks for an event or for somebody: newest first, without a scan."""

    dependencies = [("audit", "0005_signed")]

    operations = [
        migrations.AddIndex("entry", models.Index(fields=["event", "-id"], name="entry_event")),
        migrations.AddIndex("entry", models.Index(fields=["actor", "-id"], name="entry_actor")),
    ]
