"""Activation: access is opened, accounts are made, and codes exist only on printed slips."""

import io
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.accounts import services as accounts
from census_staff.accounts.models import ActivationCode, User
from census_staff.audit.acting import acting
from census_staff.audit.services import record
from census_staff.batches.kinds import Result
from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.states import ItemState
from census_staff.batches.words import reason_word
from census_staff.lib import wording
from census_staff.lib.crypto import decrypt, encrypt
from census_staff.lib.errors import Refused
from census_staff.lib.slips_pdf import Slip, write_slips
from census_staff.people.models import Person
from census_staff.places.models import Office

from .desks import desk
from .lifecycle import ACCESS
from .models import Staff
from .querysets import StaffQuerySet
from .states import OPEN, Access

CAP = 5_000
# The codes themselves end after as many days.
KEPT = timedelta(days=14)


def by_township(rows: StaffQuerySet) -> list[dict[str, Any]]:
    """Return per office how many wait for activation and how many have not used their code."""
    unused = Q(access__in=OPEN) & ~Q(person__user__activated_at__isnull=False)
    counted = (
        rows.appointed()
        .values("office_id", "office__short_name", "office__name", "office__path")
        .annotate(
            waiting=Count("pk", filter=Q(access=Access.NOT_ACTIVATED)),
            unused=Count("pk", filter=unused),
            active=Count("pk", filter=Q(person__user__activated_at__isnull=False)),
        )
    )
    return list(counted.order_by("office__path"))


def waiting(rows: StaffQuerySet) -> StaffQuerySet:
    """Keep those who were appointed and whose access was never opened."""
    return rows.appointed().filter(access=Access.NOT_ACTIVATED)


def prepare(rows: StaffQuerySet, *, actor: Any, census_id: int) -> Batch:
    """Return the preview of an activation: everybody in `rows` who waits for one."""
    chosen = waiting(rows.allowed(actor, "staff.activate").filter(census=census_id))
    found = chosen.order_by("office__path", "person__name_key", "pk")
    keys = list(found.values_list("pk", "office_id")[: CAP + 1])
    if not keys:
        raise Refused("nobody_waits", _("Nobody here waits for activation."))
    if len(keys) > CAP:
        raise Refused("too_many", _("At most 5,000 people can be activated at once."))
    with acting(actor, reason="activate"):
        batch = Batch.objects.create(
            kind="activate",
            census_id=census_id,
            office=desk(actor, "staff.activate", census_id),
            made_by_id=actor.pk,
        )
        BatchItem.objects.bulk_create(
            BatchItem(batch=batch, position=position, target_id=pk, office_id=office)
            for position, (pk, office) in enumerate(keys, start=1)
        )
    return batch


class ActivationKind:
    """Opens access and makes accounts; prints the slips of each township when all is done."""

    chunk = 50
    view_action = "batch.view"
    start_action = "staff.activate"
    approve_action = ""
    # An access once opened is shut by an order, not by rewinding.
    can_undo = False
    own_page = False

    def word(self, code: str) -> str:
        """Return why somebody was not activated, in words."""
        first = _("The county must review and appoint the person first.")
        return str(first) if code == "not_reviewed" else reason_word(code)

    def actor(self, batch: Batch) -> Any:
        """Return who activates."""
        return batch.made_by

    def begin(self, batch: Batch, at: datetime) -> None:
        """Start at once: each record is asked again when its turn comes."""

    def work(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Open the access of these people, each with an account; say who was refused and why."""
        targets = {item.target_id: item.pk for item in items}
        rows = Staff.objects.filter(pk__in=targets)
        moved = ACCESS.advance(rows, "activate", actor=batch.made_by, batch=batch.pk)
        people = Person.objects.filter(staff__in=moved).order_by("pk")
        accounts.create_field_accounts(people, actor=batch.made_by)
        done = [Result(targets[pk], ItemState.DONE) for pk in moved]
        left = [pk for pk in targets if pk not in set(moved)]
        return done + [Result(targets[pk], ItemState.REFUSED, _why(batch, pk)) for pk in left]

    def finish(self, batch: Batch, at: datetime) -> dict[str, Any]:
        """Print the slips and return where each township's lie."""
        done = batch.items.filter(state=ItemState.DONE).values_list("target_id", flat=True)
        return {"slips": print_slips(batch, list(done), actor=batch.made_by, at=at)}

    def undo(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Refuse: activations are not rewound."""
        raise Refused("no_undo", _("An activation is not undone; disable the access instead."))


def _why(batch: Batch, pk: int) -> str:
    rows = Staff.objects.filter(pk=pk)
    code = ACCESS.refusal(rows, "activate", actor=batch.made_by).code
    return "not_reviewed" if code.startswith("not_eligible") else code


def print_slips(
    batch: Batch, keys: Iterable[int], *, actor: Any, at: datetime
) -> list[dict[str, Any]]:
    """Give everybody who never signed in a new code, and write one PDF for each township.

    The codes are printed and forgotten: the database keeps digests only, the file is encrypted
    and deleted on its date. Whatever was printed before is void.
    """
    rows = (
        Staff.objects.filter(pk__in=list(keys), access__in=OPEN)
        .filter(person__user__activated_at=None, person__user__isnull=False)
        .select_related("person__user", "office")
        .order_by("office__path", "person__name_key", "pk")
    )
    people = list(rows)
    codes = accounts.issue_codes([staff.person.user for staff in people], actor=actor)
    ends = dict(
        ActivationCode.objects.filter(user__in=codes, used_at=None, voided_at=None).values_list(
            "user_id", "expires_at"
        )
    )
    written = []
    for office in dict.fromkeys(staff.office for staff in people):
        slips = [
            Slip(
                township=office.name,
                full_name=staff.person.name,
                masked_phone=_sign_in_name(staff.person),
                code=codes[staff.person.user.pk],
                expires_on=timezone.localdate(ends[staff.person.user.pk]),
            )
            for staff in people
            if staff.office_id == office.pk and staff.person.user.pk in codes
        ]
        written.append(_written(batch, office, slips, at))
    return written


def _sign_in_name(person: Person) -> str:
    """Return what the person signs in with: the telephone they know, else the account name."""
    if person.user.phone_digest is None:
        return person.user.login
    return wording.masked_phone(person.phone or "")


def _written(batch: Batch, office: Office, slips: list[Slip], at: datetime) -> dict[str, Any]:
    out = io.BytesIO()
    count = write_slips(out, slips, census=batch.census.name, address=settings.SITE_URL, made_at=at)
    path = f"slips/{batch.pk}-{office.code}.pdf.enc"
    default_storage.delete(path)
    default_storage.save(path, ContentFile(encrypt(out.getvalue())))
    return {
        "office": office.pk,
        "township": office.name,
        "people": count,
        "stored": path,
        "printed_at": at.isoformat(),
        "delete_on": (timezone.localdate(at) + KEPT).isoformat(),
    }


def slips_of(batch: Batch, office_id: int) -> dict[str, Any] | None:
    """Return what is known of a township's slips in this activation."""
    slips: list[dict[str, Any]] = batch.report.get("slips", [])
    return next((each for each in slips if each["office"] == office_id), None)


def open_slips(batch: Batch, office_id: int, *, actor: Any) -> bytes:
    """Return the PDF of a township's slips; that somebody opened it is kept."""
    found = slips_of(batch, office_id)
    if found is None or not found["stored"] or not default_storage.exists(found["stored"]):
        raise Refused("slips_gone", _("These slips were deleted. Print them anew."))
    _log("slips.opened", batch, office_id, found["people"], actor)
    with default_storage.open(found["stored"]) as stored:
        return decrypt(stored.read())


def reprint(batch: Batch, office_id: int, *, actor: Any) -> dict[str, Any]:
    """Return a township's slips printed anew; every earlier code of theirs is void."""
    at = timezone.now()
    with acting(actor, reason="slips"):
        locked = Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
        done = locked.items.filter(state=ItemState.DONE, office=office_id)
        keys = list(done.values_list("target_id", flat=True))
        rows = Staff.objects.allowed(actor, "staff.activate").filter(pk__in=keys)
        # People who moved to another office since are printed there.
        rows = rows.filter(office=office_id)
        written = print_slips(locked, list(rows.values_list("pk", flat=True)), actor=actor, at=at)
        if not written:
            raise Refused("nobody_unused", _("Everybody here has used their code already."))
        others = [each for each in locked.report.get("slips", []) if each["office"] != office_id]
        locked.report = {**locked.report, "slips": others + written}
        locked.save(update_fields=["report"])
        _log("slips.reprinted", locked, office_id, written[0]["people"], actor)
    return written[0]


def slip_for(staff: Staff, *, actor: Any) -> bytes:
    """Return the PDF of one new slip: for a code not used yet, or for a forgotten password.

    The earlier slip is void; the present password ends when the new code is used.
    """
    at = timezone.now()
    with acting(actor, reason="slips"):
        rows = Staff.objects.allowed(actor, "staff.activate").filter(pk=staff.pk)
        user = _needs_slip(staff, User.objects.filter(person__staff__in=rows).first())
        code = accounts.issue_codes([user], actor=actor)[user.pk]
        ends = ActivationCode.objects.get(user=user, used_at=None, voided_at=None).expires_at
        record(
            "slips.reprinted",
            actor=actor,
            subject="recruitment_staff",
            subject_id=staff.pk,
            office_id=staff.office_id,
            census_id=staff.census_id,
        )
    slip = Slip(
        township=staff.office.name,
        full_name=staff.person.name,
        masked_phone=_sign_in_name(staff.person),
        code=code,
        expires_on=timezone.localdate(ends),
    )
    out = io.BytesIO()
    write_slips(out, [slip], census=staff.census.name, address=settings.SITE_URL, made_at=at)
    return out.getvalue()


def may_have_slip(staff: Staff) -> bool:
    """Return whether the office prints this person's slips, whatever their access is now.

    Who is disabled needs a way in as well: to the remedy.
    """
    user = getattr(staff.person, "user", None)
    try:
        _needs_slip(staff, user)
    except Refused:
        return False
    return True


def _needs_slip(staff: Staff, user: User | None) -> User:
    if user is None or staff.access == Access.NOT_ACTIVATED:
        raise Refused("not_activated", _("This person's access was never opened: activate it."))
    if user.locked_at is not None:
        raise Refused(
            "account_locked", _("The account is locked. The security administrator unlocks it.")
        )
    # Else a county could walk into its city's accounts.
    if user.postings.filter(ended_at=None).exists():
        raise Refused(
            "office_account",
            _("This person also works at an office. The security administrator prints the slip."),
        )
    return user


def sweep_slips(today: date) -> int:
    """Delete the slips whose date has come and return how many."""
    gone = 0
    for batch in Batch.objects.filter(kind="activate", report__has_key="slips"):
        slips = batch.report["slips"]
        due = [s for s in slips if s["stored"] and date.fromisoformat(s["delete_on"]) < today]
        for each in due:
            default_storage.delete(each["stored"])
            each["stored"] = ""
        if due:
            batch.save(update_fields=["report"])
        gone += len(due)
    return gone


def _log(event: str, batch: Batch, office_id: int, people: int, actor: Any) -> None:
    record(
        event,
        actor=actor,
        subject="batches_batch",
        subject_id=batch.pk,
        office_id=office_id,
        census_id=batch.census_id,
        details={"people": people},
    )
