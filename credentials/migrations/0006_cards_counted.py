from django.db import migrations


class Migration(migrations.Migration):
    """The boards' summary hears of cards, too."""

    dependencies = [("credentials", "0005_as_applied_for"), ("recruitment", "0007_tallies")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER credentials_card_counted_new AFTER INSERT ON credentials_card"
            " FOR EACH ROW WHEN (NEW.state <> 'numbered')"
            " EXECUTE FUNCTION recruitment_mark_person();"
            " CREATE TRIGGER credentials_card_counted AFTER UPDATE OF state, staff_id"
            " ON credentials_card FOR EACH ROW EXECUTE FUNCTION recruitment_mark_person();",
            "DROP TRIGGER credentials_card_counted_new ON credentials_card;"
            " DROP TRIGGER credentials_card_counted ON credentials_card;",
        ),
    ]
