"""The phone's checklist: seven gates of one person, and the one thing to do next."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from census_staff.accounts.service_record import ServiceRecord
from census_staff.lib import wording
from census_staff.lib.gates import GATES
from exams import papers
from exams.models import Attempt, Exam
from exams.services.sit import attempts_left, exam_for, may_not_start
from training.facts import units_done

from .filters import CARDED
from .models import Staff
from .states import APPOINTED, Service

ORDER = ("trained", "passed", "pledged")


@dataclass(frozen=True)
class Now:
    """What is known of a person at one moment, asked once for the whole page."""

    record: ServiceRecord
    staff: Staff
    at: datetime
    unmet: list[str]
    units: tuple[int, int]
    exam: Exam | None
    left: int
    is_sitting: bool
    cards: frozenset[str]
    may_sit: bool
    has_photo: bool

    @property
    def is_carded(self) -> bool:
        """Return whether a card was printed for the person and not withdrawn."""
        return not self.cards.isdisjoint(CARDED)

    @property
    def is_bereft(self) -> bool:
        """Return whether the card was reported gone and no new one is being made."""
        return not self.cards.isdisjoint(("lost", "stolen")) and "numbered" not in self.cards

    def met(self, code: str) -> bool:
        """Return whether a standard is met."""
        return code not in self.unmet

    def link(self, name: str) -> str:
        """Return the address of a page of this census."""
        return reverse(name, args=[self.record.census_code])


@dataclass(frozen=True)
class Next:
    """The one thing to do: what, in which words, and where."""

    title: str
    says: list[str] = field(default_factory=list)
    url: str = ""
    label: str = ""
    has_deadline: bool = False


def know(record: ServiceRecord, *, at: datetime) -> Now:
    """Return what the phone's pages need to know of the person."""
    rows = Staff.objects.select_related("census", "office__parent", "person", "supervisor__person")
    staff = rows.with_unmet(*ORDER, "sat_online").get(pk=record.staff_id)
    exam = exam_for(record, now=at)
    return Now(
        record=record,
        staff=staff,
        at=at,
        unmet=staff.unmet,
        units=units_done(
            person_id=record.person_id,
            census_id=record.census_id,
            role=record.role,
            office_path=staff.office.path,
        ),
        exam=exam,
        left=attempts_left(record, exam) if exam else 0,
        is_sitting=Attempt.objects.open_of(record).exists(),
        cards=frozenset(Staff.objects.filter(pk=staff.pk).values_list("cards__state", flat=True)),
        may_sit=may_not_start(record, exam, now=at) is None,
        has_photo=staff.person.photos.exists(),
    )


def next_step(now: Now) -> Next:
    """Return the one thing this person should do now."""
    staff = now.staff
    if staff.service not in APPOINTED:
        return Next(
            _("Wait for the county's review"),
            [_("You will find the result here. Nothing is asked of you now.")],
        )
    if not now.met("trained"):
        done, total = now.units
        title = _("Complete the required training")
        says = [_("%(done)s of %(total)s units are complete.") % {"done": done, "total": total}]
        label = pgettext("study", "Go on") if done else pgettext("study", "Begin")
        return Next(title, says, now.link("phone_courses"), label, True)
    if not now.met("passed"):
        return _exam_step(now)
    if not now.met("pledged"):
        return Next(
            _("Sign the confidentiality pledge"),
            [_("Read the text and sign it with your finger. It takes three minutes.")],
            now.link("phone_pledge"),
            _("Read and sign"),
        )
    if staff.service == Service.ON_DUTY:
        return Next(
            _("You may go from door to door"),
            [_("Show your card before you ask the first question.")],
            now.link("phone_card"),
            _("Show my card"),
        )
    if not now.has_photo:
        return Next(
            _("Add your photo"),
            [_("The card cannot be printed without a photo of your face.")],
            now.link("phone_me"),
            _("Add a photo"),
        )
    if now.is_carded:
        return Next(
            _("Fetch your card"),
            [_("It is printed. Fetch it at your office and sign for it.")],
            now.link("phone_card"),
            _("See where it stands"),
        )
    if now.is_bereft:
        return Next(
            _("Wait for the new card"),
            [
                _(
                    "Your card was reported. Your office applies for a new one; until then you may not visit homes."
                )
            ],
            now.link("phone_card"),
            _("See where it stands"),
        )
    return Next(
        _("Wait for your card"),
        [_("You have done everything. The county makes the card and tells you where to get it.")],
    )


def items(now: Now) -> list[dict[str, Any]]:
    """Return the seven gates as the list on the phone shows them, one of them to be done now."""
    done = _done(now)
    notes = _notes(now, done)
    current = next((gate.code for gate in GATES if not done[gate.code]), "")
    return [
        {
            "name": _names()[gate.code],
            "icon": gate.icon,
            "note": notes[gate.code],
            "state": "done" if done[gate.code] else "now" if gate.code == current else "",
        }
        for gate in GATES
    ]


def _exam_step(now: Now) -> Next:
    if now.is_sitting:
        return Next(
            _("Your exam is running"),
            [_("The clock goes on. Go back to your paper.")],
            now.link("phone_exam"),
            _("Back to the exam"),
            True,
        )
    if now.exam is not None and now.left < 1:
        return Next(
            _("Study the retraining"),
            [
                _(
                    "Your exam attempts are used up. When you complete the retraining, one more opens."
                )
            ],
            now.link("phone_courses"),
            _("To the retraining"),
            True,
        )
    if now.exam is None:
        return Next(
            _("Wait for the exam"), [_("It has not been published yet. You will be told here.")]
        )
    facts = {
        "minutes": now.exam.minutes,
        "mark": now.exam.pass_mark,
        "left": now.left,
        "questions": papers.Blueprint.from_json(now.exam.blueprint).questions,
    }
    says = _(
        "%(questions)s questions in %(minutes)s minutes, %(mark)s points to pass, %(left)s"
        " attempts left. No answer is lost when the network fails."
    )
    return Next(
        _("Take the online exam"), [says % facts], now.link("phone_exam"), _("Begin the exam"), True
    )


def _done(now: Now) -> dict[str, bool]:
    is_on_duty = now.staff.service == Service.ON_DUTY
    return {
        "entered": True,
        "reviewed": now.staff.service in APPOINTED,
        "trained": now.met("trained"),
        "passed": now.met("passed"),
        "pledged": now.met("pledged"),
        "carded": is_on_duty or now.is_carded,
        "on_duty": is_on_duty,
    }


def _names() -> dict[str, str]:
    return {
        "entered": _("Entered in the roster"),
        "reviewed": _("Data reviewed"),
        "trained": _("Required training"),
        "passed": _("Online exam"),
        "pledged": _("Confidentiality pledge"),
        "carded": _("Census card"),
        "on_duty": pgettext("gate", "On duty"),
    }


def _notes(now: Now, done: dict[str, bool]) -> dict[str, str]:
    units = _("%(done)s / %(total)s units") % dict(zip(("done", "total"), now.units, strict=True))
    closing = wording.deadline(now.staff.census.deadline_at)
    return {
        "entered": wording.day(now.staff.entered_at),
        "reviewed": _("Passed by the county") if done["reviewed"] else _("At the county"),
        "trained": "" if done["trained"] else units,
        "passed": "" if done["passed"] else pgettext("checklist", "Until %(at)s") % {"at": closing},
        "pledged": "" if done["pledged"] or done["trained"] else _("After the training"),
        "carded": "" if done["carded"] else _("The county makes it after the pledge"),
        "on_duty": "" if done["on_duty"] else _("When the card is handed to you"),
    }


def done_count(gates: list[dict[str, Any]]) -> str:
    """Return how many of the seven gates are behind the person, in words."""
    done = sum(gate["state"] == "done" for gate in gates)
    return ngettext("Seven steps to duty, %(n)s done", "Seven steps to duty, %(n)s done", done) % {
        "n": done
    }
