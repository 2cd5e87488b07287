"""Kinds, deeds and reason codes of bulk work in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: dict[str, str | Promise] = {
    "roster": _("Roster import"),
    "review": _("Bulk review"),
    "activate": _("Activation"),
    "disable": _("Scheduled disabling"),
    "number": _("Numbering"),
    "print": _("Card printing"),
}
DEEDS: dict[str, str | Promise] = {
    "start": _("Start"),
    "approve": _("Approve"),
    "halt": _("Stop"),
    "resume": _("Resume"),
    "cancel": _("Cancel this work"),
    "ask_undo": _("Ask to undo"),
    "approve_undo": _("Approve the undo"),
    "withdraw_undo": _("Withdraw the undo"),
}
REASONS: dict[str, str | Promise] = {
    "by_hand": _("Stopped by hand"),
    "keeps_failing": _(
        "Stopped because the work failed several times at the same place. What was done stays done."
        " Go on when the cause is mended."
    ),
    "no_room": _(
        "Stopped because the server's disk is full. What was done stays done. Go on when there is"
        " room again."
    ),
    "not_reached": _("No longer possible from the present state"),
    "missing_glyph": _("A character cannot be printed"),
    "photo_missing": _("The photo is missing"),
    "photo_unreadable": _("The photo cannot be read"),
    "not_ready": _("Training, exam and pledge are not all complete"),
    "met": _("Meets the standards now"),
    "met_late": _("Met the standards after the deadline"),
    "exempt": _("Exempted"),
    "not_open": _("Access was not open any more"),
    "changed_since": _("Somebody changed it since"),
    "not_in_role": _("Your role does not include this."),
    "not_allowed": _("Your role does not include this step."),
    "wrong_state": _("This step is not possible from the present state."),
    "nobody_waiting": _("There is nobody to make cards for."),
}


def reason_word(code: str) -> str:
    """Return a reason common to several kinds; an unknown one as its code."""
    return str(REASONS.get(code, code))


def kind_word(kind: str) -> str:
    """Return the name of a kind of work."""
    return str(KINDS.get(kind, kind))
