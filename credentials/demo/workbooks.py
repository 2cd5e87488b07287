"""The two rosters to try the import with: people of the printed township whom nobody knows yet."""

from collections.abc import Iterator, Sequence

from census_staff.censuses.models import Census
from census_staff.places.models import Region
from recruitment import samples
from recruitment.models import Staff
from recruitment.roster_columns import RosterLine, dirty_workbook, roster_workbook

from .offices import TOWNSHIP
from .people import SyntheticPerson

CLEAN, DIRTY = 30, 40
LINES = CLEAN + DIRTY
TEAMS = 4


def write_samples(census: Census, people: Sequence[SyntheticPerson]) -> None:
    """Keep a clean and a dirty roster of these people within reach of the import page."""
    regions = Region.objects.filter(edition=census.region_edition, level="village")
    villages = list(
        regions.filter(code__startswith=TOWNSHIP).order_by("code").values_list("code", flat=True)
    )
    heads = Staff.objects.filter(census=census, office__code=TOWNSHIP, role="supervisor")
    leaders = heads.appointed().select_related("person").order_by("pk")[:TEAMS]
    phones = [leader.person.phone or "" for leader in leaders]
    lines = list(_lines(census, people, villages, phones))
    samples.keep("clean", roster_workbook(lines[:CLEAN]))
    samples.keep("dirty", dirty_workbook(lines[CLEAN:]))


def _lines(
    census: Census, people: Sequence[SyntheticPerson], villages: list[str], phones: list[str]
) -> Iterator[RosterLine]:
    for at, one in enumerate(people):
        # Without a leader in the township everybody on the roster leads.
        leads = at % 15 == 0 or not phones
        yield RosterLine(
            row=at + 2,
            census=census.short_name,
            office_code=TOWNSHIP,
            role="supervisor" if leads else "enumerator",
            name=one.name,
            id_number=one.id_number,
            schooling=one.schooling,
            phone=one.phone,
            hiring=one.hiring,
            source=one.source,
            employer=one.employer,
            areas=tuple(villages[(at + step) % len(villages)] for step in range(3 if leads else 1)),
            supervisor_phone="" if leads else phones[at % len(phones)],
        )
