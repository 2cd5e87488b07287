"""Loading regions, planting the offices that belong to them, and moving an office in the tree."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused
from census_staff.lib.paging import Steps

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


def is_wide(office: Office) -> bool:
    """Return whether the office stands above the city: too many people to count for each page."""
    return office.level < OfficeLevel.CITY


def wide_top(paths: Iterable[str], office: str = "") -> Office | None:
    """Return the office to which a list reaches, if that is above the city: the one asked for by
    its key, else the highest at these paths."""
    if office.isdecimal():
        found = Office.objects.filter(pk=int(office)).first()
    else:
        found = Office.objects.filter(path__in=list(paths)).order_by("level", "path").first()
    return found if found and is_wide(found) else None


def office_by_office(path: str, lookup: str = "office") -> Steps:
    """Return the steps of a list in the order of office paths below `path`: a few offices first,
    more each time. So a page of a nation's list reads no more offices than it needs."""

    def steps(start: str | None, backwards: bool) -> Iterator[Q]:
        offices = Office.objects.below(path).order_by("-path" if backwards else "path")
        if start is not None:
            offices = offices.filter(**{f"path__{'lte' if backwards else 'gte'}": start})
        size, last = 8, None
        while True:
            rest = offices
            if last is not None:
                rest = offices.filter(**{f"path__{'lt' if backwards else 'gt'}": last})
            found = list(rest.values_list("pk", "path")[:size])
            if found:
                yield Q(**{f"{lookup}__in": [pk for pk, _path in found]})
            if len(found) < size:
                return
            size, last = 4 * size, found[-1][1]

    return steps
