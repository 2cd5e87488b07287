import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0007_order_of_sealing"),
        ("censuses", "0003_times_as_agreed"),
        ("places", "0001_regions_and_offices"),
    ]

    operations = [
        migrations.AlterField(
            model_name="entry",
            name="census",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="censuses.census",
            ),
        ),
        migrations.AlterField(
            model_name="entry",
            name="office",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="places.office",
            ),
        ),
    ]
