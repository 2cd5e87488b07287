"""Loading regions, planting the offices that belong to them, and moving an office in the tree."""

from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused

from .models import Office, OfficeLevel, Region
from .regions_csv import RegionRow, read_regions

LEVELS = {
    "city": OfficeLevel.CITY,
    "county": OfficeLevel.COUNTY,
    "township": OfficeLevel.TOWNSHIP,
}


@transaction.atomic
def load_regions(path: Path, *, edition: int) -> int:
    """Return how many regions of this edition stand after loading; loading again changes nothing."""
    Region.objects.bulk_create(
        (
            Region(
                edition=edition,
                code=row.code,
                level=row.level,
                name=row.name,
                parent_code=row.parent_code,
            )
            for row in read_regions(path)
        ),
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["edition", "code"],
        update_fields=["level", "name", "parent_code"],
    )
    return Region.objects.filter(edition=edition).count()


@transaction.atomic
def plant_offices(path: Path, *, suffix: str = "普查办") -> int:
    """Return how many offices were added: one for each city, county and township of the file.

    Offices that stand are left as they are: their names, parents and contact lines are edited by
    people.
    """
    planted: dict[str, Office] = {}
    added = 0
    for row in read_regions(path):
        if row.level in LEVELS:
            office, is_new = _plant(row, planted, suffix)
            planted[row.code] = office
            added += is_new
    return added


def _plant(row: RegionRow, planted: dict[str, Office], suffix: str) -> tuple[Office, bool]:
    parent = planted.get(row.parent_code)
    above = parent.path if parent else f"{row.code[:2]}."
    return Office.objects.get_or_create(
        code=row.short_code,
        defaults={
            "region_code": row.code,
            "name": f"{row.name}{suffix}",
            "short_name": f"{row.name}{suffix}",
            "level": LEVELS[row.level],
            "parent": parent,
            "path": f"{above}{row.short_code}.",
        },
    )


@transaction.atomic
def move_office(office: Office, *, under: Office) -> None:
    """Hang an office, with all below it, under another one.

    Card numbers carry the code of the issuing county, not its place here: none changes.
    """
    if under.path.startswith(office.path):
        raise Refused("office_below_itself", _("An office cannot be placed below itself."))
    if under.level >= office.level:
        raise Refused("office_level", _("The office above must be of a higher level."))
    rows = list(Office.objects.select_for_update().filter(path__startswith=office.path))
    old, new = office.path, f"{under.path}{office.code}."
    for row in rows:
        row.path = new + row.path[len(old) :]
        if row.pk == office.pk:
            row.parent = under
    Office.objects.bulk_update(rows, ["path", "parent"], batch_size=1000)
    office.refresh_from_db()
