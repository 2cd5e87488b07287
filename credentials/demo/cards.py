"""Cards of the demonstration: numbered, printed, handed over, and what befalls them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.batches.runner import run
from census_staff.censuses.models import Census
from census_staff.places.models import Office
from credentials import batches, holding, reissue, withdrawal
from credentials.lifecycle import CARD
from credentials.models import Card
from exams.models import Exam
from exams.services.make import close_exam
from recruitment.compliance import steps as runs
from recruitment.models import Staff
from recruitment.services import leave, leave_all
from training.models import Course

from . import past, roster
from .offices import COUNTY, Desks, in_township


def issue_cards(
    census: Census,
    rows: Sequence[Staff],
    desks: Desks,
    *,
    handed_share: float,
    choice: Random,
    most: int | None = None,
) -> None:
    """Number these people county by county, print their cards and hand over a share of them.

    With `most` given only the printed county prints all; the others have begun with so many.
    """
    for county, keys in roster.by_county(rows).items():
        issuer = desks.of(Role.CARD_ISSUER, county)
        office = Office.objects.get(code=county)
        people = Staff.objects.filter(pk__in=keys)
        numbering = batches.prepare_numbers(people, actor=issuer, census=census, office=office)
        batches.start(numbering, actor=issuer)
        run(numbering.pk)
        made = Card.objects.filter(pk__in=batches.cards_of(numbering))
        if most is not None and county != COUNTY:
            first = made.order_by("staff__office__path", "pk").values_list("pk", flat=True)[:most]
            made = Card.objects.filter(pk__in=list(first))
        if not made.exists():
            continue
        sheets = batches.prepare_print(
            made, actor=issuer, census=census, office=office, size="badge"
        )
        batches.start(sheets, actor=issuer)
        run(sheets.pk)
        printed = list(made.filter(state="printed").order_by("pk").values_list("pk", flat=True))
        handed = choice.sample(printed, int(len(printed) * handed_share))
        holding.hand_over(Card.objects.filter(pk__in=handed), actor=issuer)


def mishaps(census: Census, desks: Desks) -> None:
    """Lose, steal, damage, reissue and confiscate a few cards in every county."""
    for (role, county), issuer in list(desks.users.items()):
        if role != Role.CARD_ISSUER:
            continue
        clerk = desks.of(Role.COORDINATOR, county)
        held = Card.objects.filter(
            census=census, state="handed_over", staff__office__code__startswith=county
        )
        few = list(held.order_by(in_township("staff__office__code"), "pk")[:6])
        for card, kind in zip(few, ("lost", "lost", "stolen", "damaged"), strict=False):
            holding.record(card, kind, actor=clerk)
        for card in few[:2]:
            wish = reissue.apply(card, actor=clerk, sentence="持证人报告遗失。")
            if card == few[0]:
                reissue.approve(wish, actor=issuer)
        if len(few) > 4:
            withdrawal.confiscate(
                few[4],
                actor=issuer,
                article="《证件管理制度》第五条、第八条",
                act="lent",
                evidence="村委会报告持证人将证件转借他人，经核实属实。",
            )
        if len(few) > 5:
            leave(few[5].staff, actor=clerk, reason="个人原因")


def close_the_past(
    census: Census, rows: Sequence[Staff], desks: Desks, exams: dict[str, Exam]
) -> None:
    """Carry the census that is over from its roster to its cancelled cards."""
    at = datetime.combine(
        census.fieldwork_from, datetime.min.time(), timezone.get_current_timezone()
    )
    before = at - timedelta(days=15)
    choice = Random(2023)
    rows = list(
        Staff.objects.filter(pk__in=[r.pk for r in rows]).select_related("person", "office")
    )
    roster.appoint(rows, desks)
    roster.activate(rows, desks)
    courses = list(Course.objects.filter(census=census).prefetch_related("units"))
    roster.study(rows, courses, before)
    # Every twelfth of each county never sat: no county comes near its cap.
    missing = {key for keys in roster.by_county(rows).values() for key in keys[5::12]}
    sat = [row for row in rows if row.pk not in missing]
    passing = {row.pk for row in sat if choice.random() < 0.95}
    roster.sit_exams(sat, passing, exams, before)
    ready = [row for row in sat if row.pk in passing]
    roster.sign(ready, before)
    disable_the_missing(census, desks)
    issue_cards(census, ready, desks, handed_share=1.0, choice=choice)
    take_back(census, desks, choice)
    past.put_back(census)
    for exam in exams.values():
        close_exam(exam, actor=desks.of(Role.TRAINING_OFFICER, "3415"))
    Census.objects.filter(pk=census.pk).update(stage="closed")


def disable_the_missing(census: Census, desks: Desks) -> None:
    """Run the 12-21 of that year: prepared by one person, approved by another."""
    steward, approver = (desks.of(role, "3415") for role in (Role.CITY_STEWARD, Role.CITY_APPROVER))
    batch = runs.prepare(actor=steward, census=census, title="12-21 不达标账户")
    batch = runs.freeze(batch, actor=steward)
    runs.approve(batch, actor=approver, typed=batch.items.count())
    run(batch.pk)


def take_back(census: Census, desks: Desks, choice: Random) -> None:
    """Let people go, and take back and cancel most of their cards."""
    for (role, county), issuer in list(desks.users.items()):
        if role != Role.CARD_ISSUER:
            continue
        clerk = desks.of(Role.COORDINATOR, county)
        held = Card.objects.filter(
            census=census, state="handed_over", staff__office__code__startswith=county
        )
        cards = list(held.order_by("pk").values_list("pk", "staff"))
        going = [staff for _card, staff in cards if choice.random() < 0.5]
        leave_all(
            Staff.objects.filter(pk__in=going).open_access(), actor=clerk, reason="本次普查工作结束"
        )
        back = [card for card, _staff in cards if choice.random() < 0.9]
        back = withdrawal.recall_all(Card.objects.filter(pk__in=back), actor=clerk)
        over = [card for card in back if choice.random() < 0.8]
        CARD.advance(Card.objects.filter(pk__in=over), "cancel", actor=issuer)
