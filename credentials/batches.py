"""Numbering and printing in bulk: how such a batch is made, and the work the runner does."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from census_staff.audit.acting import acting
from census_staff.batches.kinds import Result
from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.services import start as start
from census_staff.batches.states import ItemState
from census_staff.batches.words import reason_word
from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused
from census_staff.places.models import Office
from recruitment.models import Staff
from recruitment.querysets import StaffQuerySet

from . import facts, issue, printing
from .card_words import problem_words
from .faces import problems_of, problems_of_staff, reason_of
from .models import Card
from .querysets import CardQuerySet
from .states import CardState

MOST = 20_000


class CardKind:
    """What numbering and printing have in common."""

    view_action = "card.view"
    start_action = issue.ACTION
    approve_action = ""
    can_undo = False
    own_page = False

    def word(self, code: str) -> str:
        """Return what stopped a card, naming the characters or standards."""
        label, named, _remedy = problem_words(code)
        if str(label) == code:
            return reason_word(code)
        return f"{label} {named}".strip()

    def actor(self, batch: Batch) -> Any:
        """Return the issuer who made the batch: their reach is asked again at work."""
        return batch.made_by

    def begin(self, batch: Batch, at: datetime) -> None:
        """Refuse a batch without anybody in it."""
        if not batch.items.exists():
            raise Refused("nobody_waiting", _("There is nobody to make cards for."))

    def undo(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Refuse: numbers and printed cards are history."""
        raise Refused("no_undo", _("Numbers and printed cards are not undone; cancel single ones."))


class NumberKind(CardKind):
    """Give numbers to everybody on the list who is still ready."""

    chunk = 500

    def work(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Number these people; whoever is no longer ready is refused with the reason."""
        rows = Staff.objects.filter(pk__in=[item.target_id for item in items], census=batch.census)
        done = issue.number(rows, actor=self.actor(batch), batch=batch.pk)
        results = []
        for item in items:
            card = done.cards.get(item.target_id)
            if card is not None:
                results.append(Result(item.pk, ItemState.DONE, before={"card": card}))
                continue
            why = done.refused.get(item.target_id)
            missing = ",".join(why.details.get("missing", ())) if why else ""
            reason = (why.code if why else "not_allowed") + (f":{missing}" if missing else "")
            results.append(Result(item.pk, ItemState.REFUSED, reason))
        return results

    def finish(self, batch: Batch, at: datetime) -> dict[str, Any]:
        """Return how many got a number."""
        return {"numbered": batch.items.filter(state=ItemState.DONE).count()}


class PrintKind(CardKind):
    """Make the sheets, one file a chunk, and mark what was printed."""

    chunk = printing.PER_FILE

    def work(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Print these cards as the next file; a card that cannot be printed is refused alone."""
        part = batch.print_files.count() + 1
        keys = [item.target_id for item in items]
        done = printing.print_part(batch, keys, part=part, first=items[0].position, at=at)
        return [
            Result(item.pk, ItemState.REFUSED, done.refused[item.target_id])
            if item.target_id in done.refused
            else Result(item.pk, ItemState.DONE)
            for item in items
        ]

    def finish(self, batch: Batch, at: datetime) -> dict[str, Any]:
        """Return how many cards lie in how many files."""
        files = list(batch.print_files.values_list("cards", flat=True))
        return {"files": len(files), "cards": sum(files)}


def prepare_numbers(
    staff: StaffQuerySet, *, actor: Any, census: Census, office: Office, title: str = ""
) -> Batch:
    """Return a preview of who will get a number, with what would stop their cards in print."""
    rows = facts.awaiting_number(staff.allowed(actor, issue.ACTION).filter(census=census))
    rows = rows.order_by("office__path", "person__name_key", "pk")
    targets = list(rows.values_list("pk", "office_id")[:MOST])
    problems = problems_of_staff((pk for pk, _office in targets), office)
    return _prepare("number", targets, problems, actor, census, office, title, {})


def prepare_print(
    cards: CardQuerySet, *, actor: Any, census: Census, office: Office, size: str, title: str = ""
) -> Batch:
    """Return a preview of which cards will be printed, in the order of the receipt lists."""
    if size not in printing.SIZES:
        raise Refused("bad_size", _("Choose one of the two sizes."), field="size")
    rows = cards.allowed(actor, issue.ACTION).filter(census=census, state=CardState.NUMBERED)
    rows = rows.order_by("staff__office__path", "person__name_key", "number_id")
    targets = list(rows.values_list("pk", "staff__office_id")[:MOST])
    problems = problems_of(pk for pk, _office in targets)
    return _prepare("print", targets, problems, actor, census, office, title, {"size": size})


def _prepare(
    kind: str,
    targets: list[tuple[int, int]],
    problems: dict[int, Refused],
    actor: Any,
    census: Census,
    office: Office,
    title: str,
    params: dict[str, Any],
) -> Batch:
    if not targets:
        raise Refused("nobody_waiting", _("There is nobody to make cards for."))
    with acting(actor, reason=f"{kind}_prepared"):
        batch = Batch.objects.create(
            kind=kind, title=title, census=census, office=office, params=params, made_by=actor
        )
        BatchItem.objects.bulk_create(
            (
                BatchItem(
                    batch=batch,
                    position=position,
                    target_id=pk,
                    office_id=place,
                    facts={"problem": reason_of(problems[pk])} if pk in problems else {},
                )
                for position, (pk, place) in enumerate(targets, start=1)
            ),
            batch_size=2000,
        )
        return batch


def cards_of(batch: Batch) -> Iterable[int]:
    """Return the keys of the cards that a finished batch of either kind is about."""
    done = batch.items.filter(state=ItemState.DONE).order_by("position")
    if batch.kind == "print":
        return list(done.values_list("target_id", flat=True))
    return [before["card"] for before in done.values_list("before", flat=True)]


def unprinted(batch: Batch) -> CardQuerySet:
    """Return the cards that this numbering made and nobody printed yet."""
    return Card.objects.filter(pk__in=cards_of(batch), state=CardState.NUMBERED)
