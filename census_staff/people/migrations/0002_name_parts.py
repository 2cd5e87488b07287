from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from census_staff.people.models import NameParts

PARTS = """
CREATE FUNCTION people_name_parts(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array(SELECT DISTINCT substr(name, at, size)
                 FROM generate_series(1, length(name)) AS at, generate_series(1, 2) AS size
                WHERE at + size - 1 <= length(name))
$$;
"""


class Migration(migrations.Migration):
    """Names are found by any one or two of their characters."""

    dependencies = [("people", "0001_people")]

    operations = [
        migrations.RunSQL(PARTS, "DROP FUNCTION people_name_parts(text);"),
        migrations.AddIndex("person", GinIndex(NameParts("name"), name="person_name_parts")),
    ]
