"""States, showings, reasons and events of cards in tone, icon and words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from census_staff.lib import wording
from recruitment.standards import STANDARDS

from .states import CardState as S
from .states import Showing

Words = str | Promise

STATE_TONES: dict[str, tuple[str, str]] = {
    S.NUMBERED: ("go", "list"),
    S.PRINTED: ("go", "print"),
    S.HANDED_OVER: ("ok", "ok"),
    S.LOST: ("bad", "lost"),
    S.STOLEN: ("bad", "lost"),
    S.DAMAGED: ("warn", "warn"),
    S.REPLACED: ("off", "swap"),
    S.RECALLED: ("off", "undo"),
    S.CANCELLED: ("off", "minus"),
    S.CONFISCATED: ("bad", "hand"),
}
SHOWING_TONES: dict[str, tuple[str, str]] = {
    Showing.VALID: ("ok", "ok"),
    Showing.NOT_YET: ("warn", "clock"),
    Showing.EXPIRED: ("off", "calendar"),
    Showing.SUSPENDED: ("warn", "pause"),
    Showing.LOST: ("bad", "lost"),
    Showing.REPLACED: ("off", "swap"),
    Showing.RECALLED: ("off", "undo"),
    Showing.CANCELLED: ("off", "minus"),
    Showing.CONFISCATED: ("bad", "hand"),
}
EVENTS: dict[str, Words] = {
    S.NUMBERED: _("Number given"),
    S.PRINTED: _("Card printed"),
    S.HANDED_OVER: _("Card handed over"),
    S.LOST: _("Card reported lost"),
    S.STOLEN: _("Card reported stolen"),
    S.DAMAGED: _("Card reported damaged"),
    S.REPLACED: _("Card replaced by a new edition"),
    S.RECALLED: _("Card handed back"),
    S.CANCELLED: _("Card cancelled"),
    S.CONFISCATED: _("Card confiscated"),
    "reissue.applied": _("Reissue applied for"),
    "reissue.approved": _("Reissue approved"),
    "reissue.refused": _("Reissue refused"),
    "confiscation.lifted": _("Bar on new cards lifted"),
}
FOUND = _("Card found")
# Reason of an item -> what is wrong, and what to do.
PROBLEMS: dict[str, tuple[Words, Words]] = {
    "missing_glyph": (
        _("Character missing"),
        _("Have the font HanaMinB installed, then print this card."),
    ),
    "photo_missing": (_("No photo"), _("Ask the person for a photo, or take one in.")),
    "photo_unreadable": (_("Photo not readable"), _("Take in another photo.")),
    "qr_unreadable": (_("Code not readable"), _("Print this card again.")),
    "not_serving": (
        _("Not serving now"),
        _("The holder must be appointed and their access open."),
    ),
    "not_ready": (_("No longer ready"), _("Goes into the next batch when the standards are met.")),
    "not_appointed": (_("Not appointed"), _("The county must appoint the person first.")),
    "access_shut": (_("Access shut"), _("Enable the access first.")),
    "confiscated": (_("Card confiscated"), _("A second person must lift the bar first.")),
    "already_issued": (_("Holds a card"), _("Nothing to do.")),
    "already_numbered": (_("Has a number"), _("Nothing to do.")),
    "reissue_needed": (_("Card lost"), _("Apply for a reissue.")),
    "wrong_state": (_("Changed meanwhile"), _("Look at the card.")),
    "not_allowed": (_("Out of reach"), _("Ask the office that is in charge.")),
}


def problem_words(reason: str) -> tuple[Words, str, Words]:
    """Return what is wrong, with which characters or standards, and what to do."""
    code, _colon, more = reason.partition(":")
    label, remedy = PROBLEMS.get(code, (code, ""))
    if code == "missing_glyph":
        return label, " ".join(_character(each) for each in more.split(",") if each), remedy
    named = [str(STANDARDS[each].label) for each in more.split(",") if each in STANDARDS]
    return label, wording.listed(named), remedy


def _character(code: str) -> str:
    return f"{chr(int(code[2:], 16))} ({code})"
