"""What the database refuses, in words: its codes and constraints as `Refused`."""

from django.db import Error
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .errors import Refused

# SQLSTATE of our triggers, or name of a constraint -> (code, sentence).
WORDS: dict[str, tuple[str, str | Promise]] = {
    "CS001": ("no_actor", _("A change of state needs somebody who makes it.")),
    "CS002": ("wrong_state", _("This step is not possible from the present state.")),
    "CS003": ("append_only", _("These records are only ever added to.")),
    "CS004": ("evidence_void", _("The evidence no longer counts.")),
    "CS005": ("attempt_closed", _("The attempt is closed.")),
    "CS006": ("confiscated", _("A card of this person was confiscated; a new one is barred.")),
    "CS007": ("no_card_in_force", _("On duty is only who holds a card in force.")),
    "one_live_staff_record": ("serves_already", _("This person already serves in this census.")),
    "staff_second_person": ("own_entry", _("Nobody approves what they entered.")),
    "staff_appointed_by_review": ("not_reviewed", _("The county must review the record first.")),
    "staff_activated_after_review": ("not_reviewed", _("The county must review the record first.")),
    "one_coordinator": (
        "one_coordinator",
        _("This county already has a coordinator. Hand the post over instead."),
    ),
    "duties_kept_apart": (
        "duties_kept_apart",
        _("Audit, system and security duties are never held together with another duty."),
    ),
    "one_card_in_force": ("already_issued", _("This person already holds a valid card.")),
    "one_card_pending": ("already_numbered", _("A card of this person is already being made.")),
    "one_open_attempt": ("attempt_open", _("An attempt is already open.")),
    "batch_second_person": ("second_person", _("A second person must approve this.")),
    "batch_undo_second_person": ("second_person", _("A second person must approve this.")),
    "time_change_second_person": ("second_person", _("A second person must approve this.")),
    "exemption_second_person": ("second_person", _("A second person must approve this.")),
    "reissue_second_person": ("second_person", _("A second person must approve this.")),
    "correction_second_person": ("second_person", _("A second person must approve this.")),
    "confiscation_lifted_by_another": ("second_person", _("A second person must approve this.")),
    **{
        f"{table}_{fact}_whole": (
            "not_ready",
            _("Training, exam and pledge of this person, census and role must all be complete."),
        )
        for table in ("card", "number")
        for fact in ("training", "attempt", "pledge")
    },
}


def refusal(error: Error) -> Refused | None:
    """Return the refusal that a database error stands for, or None if it is a fault."""
    cause = error.__cause__
    state = getattr(cause, "pgcode", None)
    name = getattr(getattr(cause, "diag", None), "constraint_name", None)
    for key in (name, state):
        if key in WORDS:
            code, sentence = WORDS[key]
            return Refused(code, sentence)
    return None
