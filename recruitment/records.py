"""Records entered or changed by hand, checked by the very readers that check a roster."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.audit.acting import acting
from census_staff.audit.services import record
from census_staff.censuses.models import Census
from census_staff.lib.crypto import digest
from census_staff.lib.errors import Refused
from census_staff.lib.sheets import Row
from census_staff.people import services as people
from census_staff.people.models import Person
from census_staff.places.models import Office

from . import corrections
from .models import Staff
from .roster_columns import BY_KEY, HeaderMap, ParsedRow, RosterLine, parse_row
from .states import LIVE, Service

# What a page asks for; the office is chosen apart, the census is the present one.
ASKED = (
    "role", "name", "id_kind", "id_number", "schooling", "phone", "backup_phone", "hiring",
    "source", "employer", "experience", "areas", "supervisor", "reserve", "starts_on", "ends_on",
)  # fmt: skip
_KEYS = ("office_code", *ASKED)
_HEADER = HeaderMap({key: at for at, key in enumerate(_KEYS)})
# Open to the office that entered it, without anybody's leave.
UNREVIEWED = (Service.PROPOSED, Service.UNDER_REVIEW, Service.RETURNED)
OWN_FIELDS = ("schooling", "hiring", "source", "employer", "starts_on", "ends_on")


def read(values: Mapping[str, str], office: Office) -> ParsedRow:
    """Return a form's values read as one row of a roster is read."""
    cells: list[Any] = [office.code, *(values.get(key, "") for key in ASKED)]
    parsed = parse_row(Row(1, cells), _HEADER, today=timezone.localdate())
    if parsed is None:
        raise Refused("empty", _("Please fill in the record."))
    return parsed


def titles() -> dict[str, str]:
    """Return the roster's title of every field that a page asks for."""
    return {key: BY_KEY[key].title for key in ASKED}


def enter(line: RosterLine, *, office: Office, census: Census, actor: Any) -> Staff:
    """Return the new record, sent to review; a person known elsewhere stays one person."""
    if not _may(actor, "staff.propose", office, census.pk):
        raise Refused("not_allowed", _("Your role does not include this step."))
    at = timezone.now()
    with acting(actor, reason="enter"):
        person, is_new = _person(line)
        _require_free(person, census, office)
        staff = Staff.objects.create(
            person=person,
            census=census,
            office=office,
            role=line.role,
            service=Service.UNDER_REVIEW,
            recruited_by=office,
            entered_by_id=actor.pk,
            submitted_at=at,
            supervisor=find_supervisor(line, census=census, office=office),
            experience=list(line.experience),
            areas=list(line.areas),
            wants_reserve=line.reserve,
            supplementary=census.local(at).date() >= census.fieldwork_from,
            **{key: getattr(line, key) for key in OWN_FIELDS},
        )
        if not is_new:
            _propose(staff, line, actor)
    return staff


def change(staff: Staff, line: RosterLine, *, actor: Any) -> list[str]:
    """Write what differs into the record and return the names of the fields that did.

    Before the review, name and numbers are written at once, with history; afterwards they become
    corrections that a second person decides.
    """
    with acting(actor, reason="edit"):
        rows = Staff.objects.allowed(actor, "staff.propose").filter(pk=staff.pk)
        found = rows.select_for_update(of=("self",), no_key=True).select_related("person").first()
        if found is None:
            raise Refused("not_allowed", _("Your role does not include this step."))
        if found.service not in LIVE:
            raise Refused("wrong_state", _("This step is not possible from the present state."))
        changed = _write_own(found, line)
        if found.service in UNREVIEWED:
            changed += _write_person(found, line, actor)
            found.role = line.role
            found.entered_by_id = actor.pk
        else:
            changed += _propose(found, line, actor)
        found.save()
        record(
            "staff.edited",
            actor=actor,
            subject="recruitment_staff",
            subject_id=staff.pk,
            office_id=found.office_id,
            census_id=found.census_id,
            details={"fields": changed},
        )
    return changed


def _write_own(staff: Staff, line: RosterLine) -> list[str]:
    wanted: dict[str, Any] = {key: getattr(line, key) for key in OWN_FIELDS}
    wanted |= {
        "experience": list(line.experience),
        "areas": list(line.areas),
        "wants_reserve": line.reserve,
    }
    supervisor = find_supervisor(line, census=staff.census, office=staff.office)
    wanted["supervisor_id"] = supervisor.pk if supervisor else None
    changed = [key for key, value in wanted.items() if getattr(staff, key) != value]
    for key in changed:
        setattr(staff, key, wanted[key])
    return [key.removesuffix("_id") for key in changed]


def _write_person(staff: Staff, line: RosterLine, actor: Any) -> list[str]:
    changed = []
    if staff.person.id_number != line.id_number:
        # A wrong number was somebody else's: the record moves to the person of the right one.
        person, _is_new = _person(line)
        _require_free(person, staff.census, staff.office)
        staff.person = person
        changed.append("id_number")
    served = Staff.objects.filter(person=staff.person).exclude(pk=staff.pk)
    if served.exists():
        return changed + _propose(staff, line, actor)
    for field in people.FIELDS.values:
        value = getattr(line, field)
        if (getattr(staff.person, field) or "") != value and (value or field == "backup_phone"):
            people.write_directly(
                staff.person,
                field=field,
                value=value,
                actor=actor,
                office_id=staff.office_id,
                census_id=staff.census_id,
            )
            changed.append(field)
    return changed


def _propose(staff: Staff, line: RosterLine, actor: Any) -> list[str]:
    asked = []
    for field in people.FIELDS.values:
        value = getattr(line, field)
        if value and corrections.propose(staff, field, value, actor=actor, reason=""):
            asked.append(field)
    return asked


def _person(line: RosterLine) -> tuple[Person, bool]:
    return people.find_or_create(
        id_kind=line.id_kind,
        id_number=line.id_number,
        name=line.name,
        phone=line.phone,
        backup_phone=line.backup_phone,
    )


def _require_free(person: Person, census: Census, office: Office) -> None:
    serving = Staff.objects.live().filter(person=person, census=census)
    if serving.filter(office=office).exists():
        raise Refused("entered_already", _("This person is already in your roster."),
                      field="id_number")  # fmt: skip
    if serving.exists():
        # Neither office nor data of the other record: only what to do.
        raise Refused(
            "serves_already",
            _("This person already serves in this census. Please ask for a transfer."),
            field="id_number",
        )


def find_supervisor(line: RosterLine, *, census: Census, office: Office) -> Staff | None:
    """Return the supervisor that a line names, who serves in the same county of the census."""
    county = office if office.level <= 6 or office.parent is None else office.parent
    rows = Staff.objects.live().filter(
        census=census, role="supervisor", office__path__startswith=county.path
    )
    if line.supervisor_id_number:
        rows = rows.filter(person__id_digest=digest("id", line.supervisor_id_number))
    elif line.supervisor_phone:
        rows = rows.filter(person__phone_digest=digest("phone", line.supervisor_phone))
    else:
        return None
    found = rows.select_related("person").order_by("pk").first()
    if found is None:
        raise Refused(
            "supervisor_unknown",
            _("No supervisor with this number serves in your county. Enter the supervisor first."),
            field="supervisor",
        )
    return found


def _may(actor: Any, action: str, office: Office, census_id: int) -> bool:
    return any(
        office.path.startswith(path) and census in (None, census_id)
        for path, census in actor.reach(action)
    )
