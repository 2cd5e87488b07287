"""The county's review: one decision for one record or for many, with reasons and what was seen."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.accounts.models import User
from census_staff.audit.acting import acting
from census_staff.batches.kinds import Result
from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.states import ItemState
from census_staff.batches.words import reason_word
from census_staff.lib.errors import Refused
from census_staff.places.models import Office

from .desks import desk, paths_of
from .lifecycle import SERVICE
from .models import ReviewNote, Staff
from .querysets import StaffQuerySet
from .record_fields import BY_KEY, changed_since, seen_digests
from .states import Service

DECISIONS = ("appoint", "return", "refuse", "reserve")
# The most people one decision may take: beyond it nobody can have looked.
CAP = 500

REASONS = {
    "incomplete": _("Incomplete"),
    "differs": _("Differs from the document"),
    "photo_unfit": _("Photo unfit"),
    "not_qualified": _("Does not qualify"),
    "other": _("Another reason"),
}


def waiting(rows: StaffQuerySet) -> StaffQuerySet:
    """Keep the records that wait for a review, the longest wait first."""
    return rows.filter(service=Service.UNDER_REVIEW).order_by("submitted_at", "pk")


def decide(
    keys: Iterable[int],
    decision: str,
    *,
    actor: Any,
    at: datetime,
    sentence: str = "",
    fields: Mapping[str, Any] | None = None,
    batch_id: int | None = None,
) -> list[int]:
    """Decide on these records, with a note of what they said; return the keys really moved."""
    _require_reasons(decision, sentence, fields)
    rows = Staff.objects.filter(pk__in=list(keys))
    with acting(actor, reason=decision, batch=batch_id):
        moved = SERVICE.advance(rows, decision, actor=actor, reason=decision, batch=batch_id)
        chosen = Staff.objects.filter(pk__in=moved)
        for path in paths_of(actor, "staff.review"):
            office = Office.objects.filter(path=path).values("pk")[:1]
            chosen.filter(office__path__startswith=path).update(reviewed_office=office)
        ReviewNote.objects.bulk_create(
            ReviewNote(
                staff=staff,
                decision=decision,
                sentence=sentence[:300],
                fields=dict(fields or {}),
                seen=seen_digests(staff),
                made_by_id=actor.pk,
            )
            for staff in chosen.select_related("person", "census", "office", "supervisor__person")
        )
    return moved


def decide_one(staff: Staff, decision: str, *, actor: Any, **more: Any) -> None:
    """Decide on one record, or refuse with the reason why not."""
    with transaction.atomic():
        if decide([staff.pk], decision, actor=actor, at=timezone.now(), **more):
            staff.refresh_from_db()
            return
    raise SERVICE.refusal(Staff.objects.filter(pk=staff.pk), decision, actor=actor)


def _require_reasons(decision: str, sentence: str, fields: Mapping[str, Any] | None) -> None:
    if decision not in DECISIONS:
        raise Refused("unknown_decision", _("There is no such decision."))
    if decision == "return" and not sentence and not fields:
        raise Refused("reason_needed", _("Mark the fields to be corrected, or say what is wrong."))
    if decision == "refuse" and not sentence:
        raise Refused("reason_needed", _("Say why the person is refused."), field="sentence")
    strange = set(fields or {}) - set(BY_KEY)
    if strange:
        raise Refused("unknown_field", _("A field named here does not exist."))


def last_return(staff: Staff) -> ReviewNote | None:
    """Return the note with which the record was last returned."""
    notes = ReviewNote.objects.filter(staff=staff, decision="return")
    return notes.select_related("made_by").order_by("-pk").first()


def changed_fields(staff: Staff) -> list[str]:
    """Return the fields that changed since the record was last returned."""
    note = last_return(staff)
    return changed_since(staff, note.seen) if note else []


def phone_is_taken(staff: Staff) -> bool:
    """Return whether another person's account signs in with this person's number."""
    found = staff.person.phone_digest
    others = User.objects.exclude(person=staff.person_id)
    return bool(found) and others.filter(phone_digest=found).exists()


def prepare(
    rows: StaffQuerySet, decision: str, *, actor: Any, census_id: int, sentence: str = ""
) -> Batch:
    """Return the preview of one decision for many: every record with whether it can be taken."""
    _require_reasons(decision, sentence, None)
    chosen = rows.allowed(actor, "staff.review").filter(census=census_id).order_by()
    keys = dict(chosen.order_by("office__path", "pk").values_list("pk", "office_id")[: CAP + 1])
    if not keys:
        raise Refused("nobody_chosen", _("Choose at least one person."))
    if len(keys) > CAP:
        raise Refused("too_many", _("At most 500 people can be decided on at once."))
    able = set(
        SERVICE.eligible(Staff.objects.filter(pk__in=keys), decision, actor=actor).values_list(
            "pk", flat=True
        )
    )
    with acting(actor, reason="review"):
        batch = Batch.objects.create(
            kind="review",
            census_id=census_id,
            office=desk(actor, "staff.review", census_id),
            params={"decision": decision, "sentence": sentence},
            made_by_id=actor.pk,
        )
        BatchItem.objects.bulk_create(
            BatchItem(
                batch=batch,
                position=position,
                target_id=pk,
                office_id=office,
                facts={"able": pk in able},
            )
            for position, (pk, office) in enumerate(keys.items(), start=1)
        )
    return batch


class ReviewKind:
    """One decision of the review for many records."""

    chunk = 50
    view_action = "batch.view"
    start_action = "staff.review"
    approve_action = ""
    # A decision is taken back by the next one (return, leave), never by rewinding.
    can_undo = False
    own_page = False

    def word(self, code: str) -> str:
        """Return why a record was left out, in words."""
        own = _("Somebody other than the person who entered the record must decide.")
        return str(own) if code == "own_entry" else reason_word(code)

    def actor(self, batch: Batch) -> Any:
        """Return who decided."""
        return batch.made_by

    def begin(self, batch: Batch, at: datetime) -> None:
        """Start at once: each record is asked again when its turn comes."""

    def work(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Decide on these records; those that cannot be moved any more are refused with why."""
        targets = {item.target_id: item for item in items}
        moved = decide(
            targets,
            batch.params["decision"],
            actor=batch.made_by,
            at=at,
            sentence=batch.params.get("sentence", ""),
            batch_id=batch.pk,
        )
        done = [Result(targets[pk].pk, ItemState.DONE) for pk in moved]
        left = [pk for pk in targets if pk not in set(moved)]
        return done + [
            Result(targets[pk].pk, ItemState.REFUSED, self._why(batch, pk)) for pk in left
        ]

    def _why(self, batch: Batch, pk: int) -> str:
        rows: QuerySet[Any] = Staff.objects.filter(pk=pk)
        code = SERVICE.refusal(rows, batch.params["decision"], actor=batch.made_by).code  # type: ignore[arg-type]
        return "own_entry" if code.startswith("not_eligible") else code

    def finish(self, batch: Batch, at: datetime) -> dict[str, Any]:
        """Return the decision and the reasons of those it could not take."""
        refused = batch.items.filter(state=ItemState.REFUSED).values_list("reason", flat=True)
        reasons: dict[str, int] = {}
        for reason in refused:
            reasons[reason] = reasons.get(reason, 0) + 1
        return {"decision": batch.params["decision"], "reasons": reasons}

    def undo(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Refuse: decisions are not rewound."""
        raise Refused("no_undo", _("Decisions of a review are not undone in bulk."))
