"""What the floor above may ask about a person's service."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from census_staff.accounts.service_record import ServiceRecord

from .models import Staff
from .states import APPOINTED, LIVE, OPEN


def serving(*, staff: str) -> Exists:
    """True where the outer row's staff record is appointed and its access open."""
    return Exists(Staff.objects.filter(pk=OuterRef(staff), service__in=APPOINTED, access__in=OPEN))


def _record(staff: Staff) -> ServiceRecord:
    return ServiceRecord(
        staff_id=staff.pk,
        person_id=staff.person_id,
        census_id=staff.census_id,
        census_code=staff.census.code,
        office_id=staff.office_id,
        role=staff.role,
        service=staff.service,
        access=staff.access,
    )


# Who serves comes before who served, then the newest.
RECORD = """
SELECT s.id AS staff_id, s.person_id, s.census_id, c.code AS census_code, s.office_id, s.role,
       s.service, s.access
  FROM recruitment_staff s JOIN censuses_census c ON c.id = s.census_id
 WHERE s.person_id = {person} AND c.code = {census_code}
 ORDER BY s.service IN ({live}) DESC, s.id DESC LIMIT 1
"""


def record_sql(person: str, census_code: str) -> str:
    """Return the question of `record_of` in SQL, for a person and a census named in SQL."""
    live = ", ".join(f"'{word}'" for word in LIVE)
    return RECORD.format(person=person, census_code=census_code, live=live)


ASK = record_sql("%s", "%s")


def record_of(person_id: int, census_code: str) -> ServiceRecord | None:
    """Return the person's live (else latest) record in the census."""
    with connection.cursor() as cursor:
        cursor.execute(ASK, [person_id, census_code])
        row = cursor.fetchone()
    return None if row is None else ServiceRecord(*row)


def records_of(person_id: int) -> list[ServiceRecord]:
    """Return the person's records, one per census, live censuses first."""
    rows = Staff.objects.filter(person=person_id).select_related("census")
    newest = {staff.census_id: staff for staff in rows.order_by("pk")}
    ordered = sorted(newest.values(), key=lambda s: (s.census.stage != "live", -s.census_id))
    return [_record(staff) for staff in ordered]


# The last row of a person stays: the order of `records_of`, backwards.
OFFICES = """
SELECT s.person_id, s.office_id
  FROM recruitment_staff s JOIN censuses_census c ON c.id = s.census_id
 WHERE s.person_id = ANY(%s) ORDER BY c.stage = 'live', s.census_id, s.id
"""


def offices_of(people: Iterable[int]) -> dict[int, int]:
    """Return the office of each person's first record: of a live census, of the newest one."""
    with connection.cursor() as cursor:
        cursor.execute(OFFICES, [list(people)])
        return dict(cursor.fetchall())


def roll(actor: Any, action: str, *, census_id: int) -> Any:
    """Return the appointed staff of the census on whom `actor` may do `action`."""
    return Staff.objects.allowed(actor, action).appointed().filter(census=census_id)
