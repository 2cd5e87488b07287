"""Give numbers and their cards: asked under lock, refused person by person with what is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import CharField, F, Max, Subquery
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from census_staff.accounts.scope import Actor
from census_staff.audit.acting import acting
from census_staff.lib.errors import Refused
from census_staff.people.models import Person
from census_staff.places.models import Office, OfficeLevel
from exams.models import Attempt
from recruitment.models import Pledge, Staff
from recruitment.querysets import StaffQuerySet
from recruitment.standards import STANDARDS
from recruitment.states import APPOINTED, OPEN
from training.models import Completion

from . import facts, numbers, tokens
from .keys import token_key
from .models import Card, CardNumber, NumberSequence

ACTION = "card.issue"
# The one digit of a number that says who its holder is.
ROLE_DIGITS = {"supervisor": "1", "enumerator": "2"}
Period = tuple[date, date]
Key = tuple[int, int, str]


@dataclass
class Numbering:
    """What became of each staff record that was asked for: its card, or why it has none."""

    cards: dict[int, int] = field(default_factory=dict)
    refused: dict[int, Refused] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """The three facts a number stands on."""

    training_id: int
    attempt_id: int
    pledge_id: int


def number(
    staff: StaffQuerySet, *, actor: Actor, valid: Period | None = None, batch: int | None = None
) -> Numbering:
    """Give a number and a first card to everyone in `staff` who may have one now.

    People are locked in key order before anything is asked, so the answer holds until the commit.
    """
    with acting(actor, reason="number", batch=batch):
        asked = list(staff.order_by().values_list("pk", "person_id"))
        Person.objects.filter(pk__in=[person for _pk, person in asked]).lock()
        keys = [pk for pk, _person in asked]
        list(Staff.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True))
        found = Numbering()
        chosen: list[tuple[Staff, Office]] = []
        issuers = Issuers(actor)
        for row in candidates(keys).allowed(actor, ACTION):
            issuer = issuers.of(row)
            why = refusal(row, issuer)
            if why is None and issuer is not None:
                chosen.append((row, issuer))
            elif why is not None:
                found.refused[row.pk] = why
        for pk in set(keys) - found.refused.keys() - {row.pk for row, _issuer in chosen}:
            found.refused[pk] = _not_allowed()
        found.cards = _write(chosen, valid, timezone.now())
        return found


def number_one(staff: Staff, *, actor: Actor, valid: Period | None = None) -> Card:
    """Give one person a number and a card, or raise the refusal that says what is missing."""
    done = number(Staff.objects.filter(pk=staff.pk), actor=actor, valid=valid)
    if staff.pk in done.refused:
        raise done.refused[staff.pk]
    found: Card = Card.objects.get(pk=done.cards[staff.pk])
    return found


class Issuers:
    """Which office issues: the lowest one, county or above, at which the actor may issue."""

    def __init__(self, actor: Actor) -> None:
        reach = {path for path, _census in actor.reach(ACTION)}
        self.everywhere = "" in reach
        rows = Office.objects.filter(level__lte=OfficeLevel.COUNTY)
        if not self.everywhere:
            rows = rows.filter(path__in=reach)
        self.offices = {office.path: office for office in rows}

    def of(self, row: Any) -> Office | None:
        """Return the issuing office of a staff record, or None without one."""
        codes = row.office_path.split(".")[:-1]
        for length in range(len(codes), 0, -1):
            found = self.offices.get(".".join(codes[:length]) + ".")
            if found:
                return found
        return None


def candidates(keys: Iterable[int]) -> StaffQuerySet:
    """Return the records with all that decides, in the order in which cards are handed out."""
    numbers_of = CardNumber.objects.filter(**facts.HERE).values("number")
    editions = Card.objects.filter(**facts.HERE).order_by().values("person")
    return (
        Staff.objects.filter(pk__in=list(keys))
        .with_unmet()
        .annotate(
            office_path=F("office__path"),
            is_numbered=facts.numbered(),
            is_carded=facts.carded(),
            has_lost=facts.lost(),
            is_barred=facts.confiscated(),
            old_number=Subquery(numbers_of[:1], output_field=CharField()),
            last_edition=Subquery(editions.annotate(n=Max("edition")).values("n")),
        )
        .select_related("census", "office")
        .order_by("office_path", "person__name_key", "pk")
    )


def refusal(row: Any, issuer: Office | None) -> Refused | None:
    """Return why this annotated record gets no first card now, or None."""
    if issuer is None:
        return _not_allowed()
    if why := standing_refusal(row):
        return why
    if row.is_carded:
        return Refused("already_issued", _("This person already holds a valid card."))
    if row.is_numbered:
        return Refused("already_numbered", _("A card of this person is already being made."))
    if row.has_lost:
        return Refused("reissue_needed", _("The card was reported lost. Apply for a reissue."))
    return None


def standing_refusal(row: Any) -> Refused | None:
    """Return why this annotated record may have no card of any edition now, or None."""
    if row.service not in APPOINTED:
        return Refused("not_appointed", _("The county must review and appoint the person first."))
    if row.access not in OPEN:
        return Refused("access_shut", _("The person's access is not open."))
    if row.is_barred:
        return Refused(
            "confiscated", _("A card of this person was confiscated; a new one is barred.")
        )
    return not_ready(row.unmet) if row.unmet else None


def not_ready(unmet: Iterable[str]) -> Refused:
    """Return the refusal that names the standards a person does not meet."""
    codes = list(unmet)
    missing = [STANDARDS[code].label for code in codes]
    joined = format_lazy(" · ".join(["{}"] * len(missing)), *missing)
    return Refused(
        "not_ready",
        format_lazy(_("Not ready for a card. Missing: {missing}."), missing=joined),
        details={"missing": codes},
    )


def _not_allowed() -> Refused:
    return Refused(
        "not_allowed", _("Numbers are given by the office of the county or above, by its issuer.")
    )


def validity(row: Staff) -> Period:
    """Return the days a card of this record is valid: the person's own, else the census's."""
    first = row.starts_on or row.census.fieldwork_from
    last = row.ends_on or row.census.fieldwork_until
    return first, max(first, last)


def evidence_of(people: Iterable[int]) -> Mapping[Key, Evidence]:
    """Return the newest counting facts of these people, by person, census and role."""
    people = list(people)
    keys = ("person_id", "census_id", "role", "pk")
    trained = Completion.objects.filter(person__in=people, void=None)
    passed = Attempt.objects.filter(person__in=people, void=None, passed=True)
    signed = Pledge.objects.filter(person__in=people, void=None, text__superseded_at=None)
    found: list[dict[Key, int]] = []
    for rows in (trained, passed, signed):
        listed = rows.order_by("pk").values_list(*keys)
        found.append({(person, census, role): pk for person, census, role, pk in listed})
    whole = found[0].keys() & found[1].keys() & found[2].keys()
    return {key: Evidence(found[0][key], found[1][key], found[2][key]) for key in whole}


def _write(chosen: list[tuple[Any, Office]], valid: Period | None, at: datetime) -> dict[int, int]:
    evidence = evidence_of(row.person_id for row, _issuer in chosen)
    given = _next_numbers(chosen)
    CardNumber.objects.bulk_create(
        CardNumber(
            number=given[row.pk],
            person_id=row.person_id,
            census_id=row.census_id,
            role=row.role,
            given_at=at,
            **vars(evidence[_key(row)]),
        )
        for row, _issuer in chosen
        if row.old_number is None
    )
    cards = Card.objects.bulk_create(
        make_card(
            row,
            number=given[row.pk],
            edition=(row.last_edition or 0) + 1,
            issuer=issuer,
            valid=valid or validity(row),
            evidence=evidence[_key(row)],
            at=at,
        )
        for row, issuer in chosen
    )
    return {card.staff_id: card.pk for card in cards}


def make_card(
    row: Staff,
    *,
    number: str,
    edition: int,
    issuer: Office,
    valid: Period,
    evidence: Evidence,
    at: datetime,
) -> Card:
    """Return an edition with a fresh token, not saved yet."""
    return Card(
        number_id=number,
        edition=edition,
        token=tokens.new(token_key(settings.TOKEN_KEY)),
        staff_id=row.pk,
        person_id=row.person_id,
        census_id=row.census_id,
        role=row.role,
        issuer=issuer,
        valid_from=valid[0],
        valid_until=valid[1],
        made_at=at,
        **vars(evidence),
    )


def _key(row: Staff) -> Key:
    return row.person_id, row.census_id, row.role


def _next_numbers(chosen: list[tuple[Any, Office]]) -> dict[int, str]:
    """Return a number for every record: the person's own, or the next of county and role."""
    fresh = [(row, issuer) for row, issuer in chosen if row.old_number is None]
    given = {row.pk: row.old_number for row, _issuer in chosen if row.old_number is not None}
    wanted = sorted({(row.census_id, issuer.county_code, row.role) for row, issuer in fresh})
    for census, county, role in wanted:
        last = _locked_sequence(census, county, role)
        sequence = last.last
        for row, issuer in fresh:
            if (row.census_id, issuer.county_code, row.role) != (census, county, role):
                continue
            sequence += 1
            given[row.pk] = numbers.make(
                census=row.census.code,
                county=county,
                role=ROLE_DIGITS[role],
                sequence=sequence,
            )
        NumberSequence.objects.filter(pk=last.pk).update(last=sequence)
    return given


def _locked_sequence(census: int, county: str, role: str) -> NumberSequence:
    """Return the sequence row, locked until the commit; two first issuers make one row."""
    values = {"census_id": census, "county_code": county, "role": role}
    NumberSequence.objects.bulk_create([NumberSequence(**values)], ignore_conflicts=True)
    return NumberSequence.objects.select_for_update().get(**values)
