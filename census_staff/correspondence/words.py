"""What notices say: one row a kind. Facts are codes, dates and counts; the words are here."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from census_staff.lib import wording

from .models import Notice

Words = str | Promise


@dataclass(frozen=True)
class Said:
    """A notice in words: what happened, what to do, how it looks, and the page it leads to."""

    title: Words
    say: Words = ""
    tone: str = "go"
    # Name of a page; those of the phone take the census's code.
    route: str = ""
    label: Words = ""


KINDS: dict[str, Said] = {
    "run_warning": Said(
        gettext_lazy("Your access will be disabled in %(days)s days"),
        gettext_lazy(
            "Do what your checklist still asks before %(deadline_at)s. Asked for: %(standards)s."
        ),
        "warn",
        "phone_home",
        gettext_lazy("To my checklist"),
    ),
    "run_disabled": Said(
        gettext_lazy("Your access has been disabled"),
        gettext_lazy("The page tells why, by which rule, and what opens it again."),
        "bad",
        "phone_remedy",
        gettext_lazy("What I can do"),
    ),
    "run_undone": Said(
        gettext_lazy("Your access is open again"),
        gettext_lazy("The scheduled disabling was undone by your office."),
        "ok",
    ),
    "access_reopened": Said(
        gettext_lazy("Your access is open again"),
        gettext_lazy("You have met what was missing."),
        "ok",
    ),
    "access_reminded": Said(
        gettext_lazy("Your office reminds you"),
        gettext_lazy("Mend what is missing by %(until)s, or your access may be disabled."),
        "warn",
        "phone_home",
        gettext_lazy("To my checklist"),
    ),
    "access_disabled": Said(
        gettext_lazy("Your access has been disabled"),
        gettext_lazy("The page tells why, by which rule, and what opens it again."),
        "bad",
        "phone_remedy",
        gettext_lazy("What I can do"),
    ),
    "access_enabled": Said(
        gettext_lazy("Your access is open again"), gettext_lazy("Your office opened it."), "ok"
    ),
    "record_returned": Said(
        gettext_lazy("Your record was returned to your township"),
        gettext_lazy("Your township corrects it; there is nothing for you to do."),
    ),
    "appeal": Said(
        gettext_lazy("Somebody who is disabled asks for a review"),
        gettext_lazy("Read what happened and answer within two working days."),
        "warn",
        "appeal_list",
        gettext_lazy("To the appeals"),
    ),
    "appeal_answered": Said(
        gettext_lazy("Your office answered your appeal"),
        gettext_lazy("You find the answer on the page of your access."),
        "go",
        "phone_remedy",
        gettext_lazy("Read the answer"),
    ),
    "card_ready": Said(
        gettext_lazy("Your card is ready"),
        gettext_lazy("Fetch it from your office and sign for it."),
        "ok",
        "phone_card",
        gettext_lazy("To my card"),
    ),
    "card_handed_over": Said(
        gettext_lazy("Your card was handed to you"),
        gettext_lazy("Show it before you ask the first question."),
        "ok",
        "phone_card",
        gettext_lazy("To my card"),
    ),
    "card_lost": Said(
        gettext_lazy("A card was reported lost"),
        gettext_lazy("It is no longer valid. Recall it or apply for a new one."),
        "warn",
        "reissue_list",
        gettext_lazy("To the reissues"),
    ),
    "card_recall": Said(
        gettext_lazy("Give back your card"),
        gettext_lazy("It is no longer valid. Bring it to your office."),
        "warn",
    ),
    "reissue_asked": Said(
        gettext_lazy("A new card was applied for"),
        gettext_lazy("The issuing office decides."),
        "go",
        "reissue_list",
        gettext_lazy("To the reissues"),
    ),
    "pledge_renewed": Said(
        gettext_lazy("The pledge has a new version"),
        gettext_lazy("Please read it and sign once more."),
        "warn",
        "phone_pledge",
        gettext_lazy("To the pledge"),
    ),
}
# The standards a run was made with; their codes are all a notice keeps.
STANDARDS: dict[str, Words] = {
    "trained": gettext_lazy("Training completed"),
    "passed": gettext_lazy("Exam passed"),
    "pledged": gettext_lazy("Pledge signed"),
    "sat_online": gettext_lazy("Online exam taken"),
}
OTHER = Said(gettext_lazy("Your office has news for you"))


def said(notice: Notice) -> Said:
    """Return a notice in the reader's language."""
    words = KINDS.get(notice.kind, OTHER)
    facts = _Facts({name: _worded(value) for name, value in notice.facts.items()})
    return replace(words, title=str(words.title) % facts, say=str(words.say) % facts)


class _Facts(dict[str, Any]):
    """Facts that answer with a dash where a notice was written without one."""

    def __missing__(self, name: str) -> str:
        return "–"


def _worded(value: Any) -> Any:
    """Return dates, times and standards as people read them; all else as it is."""
    if isinstance(value, list):
        return wording.listed(str(STANDARDS.get(code, code)) for code in value)
    if not isinstance(value, str):
        return value
    try:
        at: datetime | date | None = parse_datetime(value) if "T" in value else parse_date(value)
    except ValueError:
        at = None
    if isinstance(at, datetime):
        return wording.deadline(at)
    return wording.day(at) if at else value
