"""What file and database know about the people of some rows: a handful of queries for thousands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from census_staff.censuses.models import Census
from census_staff.lib.crypto import digest
from census_staff.people.models import Correction, Person
from census_staff.places.models import Office, OfficeLevel, Region

from .desks import paths_of
from .models import Staff
from .roster_columns import RosterLine
from .states import LIVE, Service
from .words import Role


@lru_cache(maxsize=16_384)
def key_of(kind: str, text: str) -> bytes:
    """Return the digest of a number; within a chunk each is asked for several times."""
    return digest(kind, text)


class Desk(NamedTuple):
    """An office within reach: its key, its path and the path of its county."""

    pk: int
    path: str
    county: str
    name: str


class Known(NamedTuple):
    """A person the house knows already."""

    pk: int
    name: str
    phone: str | None
    backup_phone: str | None


class Above(NamedTuple):
    """A supervisor of the census."""

    pk: int
    path: str
    name: str


def desks_of(actor: Any, census: Census) -> dict[str, Desk]:
    """Return the offices by code for which `actor` may take in rosters."""
    found: dict[str, Desk] = {}
    for path in paths_of(actor, "roster.import", census.pk):
        rows = Office.objects.below(path).values_list(
            "code", "pk", "path", "level", "parent__path", "short_name"
        )
        for code, key, place, level, above, name in rows:
            county = above if level > OfficeLevel.COUNTY and above else place
            found[code] = Desk(key, place, county, name)
    return found


@dataclass
class InFile:
    """Who stands where in the file, and which supervisors of it are sound."""

    ids: dict[str, int] = field(default_factory=dict)
    phones: dict[str, int] = field(default_factory=dict)
    again_ids: dict[str, list[int]] = field(default_factory=dict)
    again_phones: dict[str, list[int]] = field(default_factory=dict)
    supervisors: set[int] = field(default_factory=set)
    # ID numbers of sound supervisors, also by phone.
    sound: dict[str, str] = field(default_factory=dict)
    sound_phones: dict[str, str] = field(default_factory=dict)

    def note(self, said: dict[str, Any]) -> bool:
        """Remember a row by its line as it is stored; return whether it is a supervisor's."""
        row: int = said["row"]
        for value, first, again in (
            (said.get("id_number"), self.ids, self.again_ids),
            (said.get("phone"), self.phones, self.again_phones),
        ):
            if value and first.setdefault(value, row) != row:
                again.setdefault(value, [first[value]]).append(row)
        is_leader: bool = said.get("role") == Role.SUPERVISOR
        if is_leader:
            self.supervisors.add(row)
        return is_leader

    def name_supervisor(self, said: dict[str, Any]) -> None:
        """Name a supervisor of the file by ID number in a line as it is stored, so that the link
        holds whatever their phone is."""
        number = self.sound_phones.get(said.get("supervisor_phone", ""), "")
        if number:
            said["supervisor_id_number"] = number

    def note_sound(self, line: RosterLine) -> None:
        """Remember a supervisor whose row goes in."""
        self.sound[line.id_number] = line.name
        self.sound_phones[line.phone] = line.id_number


@dataclass
class Facts:
    """What the database says about the people of some lines."""

    people: dict[bytes, Known]
    serving: dict[int, Any]
    refused: dict[int, str]
    phone_owners: dict[bytes, set[int]]
    open_corrections: dict[tuple[int, str], str]
    refused_corrections: set[tuple[int, str, str]]
    above: dict[bytes, Above]
    areas: frozenset[str] | None


STAFF_FIELDS = (
    "pk", "person_id", "office__path", "office__short_name", "service", "role", "schooling", "hiring",
    "source", "employer", "experience", "areas", "supervisor_id", "starts_on", "ends_on",
    "wants_reserve",
)  # fmt: skip


def facts_about(census: Census, lines: Sequence[RosterLine], made: Mapping[bytes, Known]) -> Facts:
    """Return what is known about the people of these lines, in a bounded number of queries."""
    people = _people(lines, made)
    # Whom this transaction entered, nobody can have recorded or corrected.
    keys = [known.pk for key, known in people.items() if key not in made]
    records = Staff.objects.filter(census=census, person__in=keys)
    serving = {
        row["person_id"]: row for row in records.filter(service__in=LIVE).values(*STAFF_FIELDS)
    }
    refused = dict(records.filter(service=Service.REFUSED).values_list("person_id", "office__path"))
    opened, declined = _corrections(keys)
    return Facts(
        people,
        serving,
        refused,
        _phone_owners(census, lines),
        opened,
        declined,
        _above(census, lines),
        _areas(census, lines),
    )


def _people(lines: Iterable[RosterLine], made: Mapping[bytes, Known]) -> dict[bytes, Known]:
    digests = {key_of("id", line.id_number) for line in lines if line.id_number}
    asked = digests - made.keys()
    found = {key: made[key] for key in digests & made.keys()}
    if asked:
        rows: Any = Person.objects.filter(id_digest__any_of=asked).values_list(
            "id_digest", "pk", "name", "phone", "backup_phone"
        )
        for key, *rest in rows:
            found[bytes(key)] = Known(*rest)
    return found


def _phone_owners(census: Census, lines: Iterable[RosterLine]) -> dict[bytes, set[int]]:
    digests = [key_of("phone", line.phone) for line in lines if line.phone]
    rows = Staff.objects.filter(
        census=census, service__in=LIVE, person__phone_digest__any_of=digests
    ).values_list("person__phone_digest", "person_id")
    owners: dict[bytes, set[int]] = {}
    for key, person in rows:
        owners.setdefault(bytes(key), set()).add(person)
    return owners


def _corrections(
    keys: list[int],
) -> tuple[dict[tuple[int, str], str], set[tuple[int, str, str]]]:
    rows: Any = Correction.objects.filter(person__in=keys, applied=False).values_list(
        "person_id", "field", "new_value", "decided_by_id", "decided_at"
    )
    opened: dict[tuple[int, str], str] = {}
    declined: set[tuple[int, str, str]] = set()
    for person, name, value, by, at in rows:
        if at is None:
            opened[person, name] = value
        elif by is not None:  # without a person it was only overtaken by another wish
            declined.add((person, name, value))
    return opened, declined


def supervisor_key(line: RosterLine) -> bytes | None:
    """Return the digest under which the line's supervisor is found."""
    if line.supervisor_id_number:
        return key_of("id", line.supervisor_id_number)
    return key_of("phone", line.supervisor_phone) if line.supervisor_phone else None


def _above(census: Census, lines: Iterable[RosterLine]) -> dict[bytes, Above]:
    """Return the supervisors that the lines name, by the digest they are named with."""
    ids = {key_of("id", line.supervisor_id_number) for line in lines if line.supervisor_id_number}
    phones = {
        key_of("phone", line.supervisor_phone)
        for line in lines
        if line.supervisor_phone and not line.supervisor_id_number
    }
    rows = Staff.objects.filter(census=census, service__in=LIVE, role=Role.SUPERVISOR)
    found: dict[bytes, Above] = {}
    for name, keys in (("person__phone_digest", phones), ("person__id_digest", ids)):
        if keys:
            chosen = rows.filter(**{f"{name}__any_of": keys}).order_by("-pk")
            for key, *rest in chosen.values_list(name, "pk", "office__path", "person__name"):
                found[bytes(key)] = Above(*rest)
    return found


def _areas(census: Census, lines: Iterable[RosterLine]) -> frozenset[str] | None:
    """Return which of the lines' areas are known; None where the edition was never loaded."""
    regions = Region.objects.filter(edition=census.region_edition)
    if not regions.exists():
        return None
    codes = {code for line in lines for code in line.areas}
    return frozenset(regions.filter(code__in=list(codes)).values_list("code", flat=True))
