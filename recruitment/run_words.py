"""The codes of a run in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Why somebody on the list was not disabled.
SPARED: dict[str, str | Promise] = {
    "met": _("Met the standards after the freeze"),
    "met_late": _("Met the standards only after the deadline"),
    "exempt": pgettext_lazy("run", "Exempted"),
    "sitting": _("Sitting the exam; asked again when the attempt closes"),
    "left": _("Left the census"),
    "shut_already": _("Access was shut already"),
    "not_open": pgettext_lazy("run", "Access was not open"),
    "office_user": _("Holds an office post"),
    "gone": _("The record is gone"),
    "changed_since": _("Changed since by somebody; left as it is"),
}

# Why a run stands still.
STOPPED: dict[str, str | Promise] = {
    "by_hand": _("Somebody stopped it."),
    "over_cap": _("A county exceeds its cap. Nobody was disabled."),
    "moved": _("A county moved more than 2 points since the list was frozen. Nobody was disabled."),
    "list_changed": _("The list is no longer the one that was approved."),
    "too_early": _("The census sets a later time for this run."),
}

# A standard as the reason of a disabling.
UNMET: dict[str, str | Promise] = {
    "sat_online": _("Did not take the online exam"),
    "passed": _("Did not pass the exam"),
    "trained": _("Did not complete the training"),
    "pledged": _("Did not sign the pledge"),
}

# Why a list that was asked for was not written, or not frozen.
UNLISTED: dict[str, str | Promise] = {
    "nobody_listed": _("Nobody fails these standards; there is nothing to run."),
    "run_open": _("Another run of this census is under way. Finish it first."),
    "not_allowed": _("The role of whoever asked for it no longer includes this step."),
    "keeps_failing": _(
        "It was tried several times in vain. Ask the operator of the server to look at its log,"
        " then ask again."
    ),
    "no_room": _("The server's disk is full. Ask again when there is room."),
}


def unlisted_word(code: str) -> str:
    """Return why the list was not written, or nothing."""
    return str(UNLISTED.get(code) or UNLISTED["keeps_failing"]) if code else ""
