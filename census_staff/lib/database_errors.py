"""What the database refuses, in words: its codes and constraints as `Refused`."""

import logging

from django.db import Error
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .errors import Refused

log = logging.getLogger(__name__)

NO_RIGHT = "42501"
FACTS = ("training", "attempt", "pledge")

# (code, sentence) -> the SQLSTATEs of our triggers, the names of constraints, or table.column of
# what may not be empty.
SAID: dict[tuple[str, str | Promise], tuple[str, ...]] = {
    ("no_actor", _("A change of state needs somebody who makes it.")): ("CS001",),
    ("wrong_state", _("This step is not possible from the present state.")): (
        "CS002",
        "staff_state_words",
        "card_state_word",
        "course_state_word",
        "exam_state_word",
        "attempt_state_word",
        "batch_state_word",
        "item_state_word",
    ),
    ("append_only", _("These records are only ever added to.")): ("CS003",),
    ("evidence_void", _("The evidence no longer counts.")): ("CS004",),
    ("attempt_closed", _("The attempt is closed.")): ("CS005",),
    ("confiscated", _("A card of this person was confiscated; a new one is barred.")): ("CS006",),
    ("no_card_in_force", _("On duty is only who holds a card in force.")): ("CS007",),
    ("settled", _("This was settled and stays as it is.")): ("CS008", "time_change_one_decision"),
    ("list_closed", _("The list is closed. Make a new preview.")): ("CS009",),
    ("wrong_office", _("Only the office that issued the card decides.")): ("CS011",),
    ("not_granted", _("A new edition needs an application that was granted.")): (
        "CS012",
        "reissue_made_when_granted",
    ),
    ("not_permitted", _("Nobody may change or remove this record.")): (NO_RIGHT,),
    ("second_person", _("A second person must approve this.")): (
        "CS010",
        "batch_second_person",
        "batch_approved",
        "run_needs_second",
        "batch_undo_second_person",
        "batch_undo_approved",
        "time_change_second_person",
        "exemption_second_person",
        "reissue_second_person",
        "correction_second_person",
        "confiscation_lifted_by_another",
    ),
    ("nobody_decided", _("A decision needs somebody who makes it.")): (
        "batch_undo_asked_by_somebody",
        "entry_has_an_actor",
        "time_change_approved_by_somebody",
        "exemption_approved_by_somebody",
        "reissue_decided_by_somebody",
        "confiscation_lifted_by_somebody",
        "appeal_answered_by_somebody",
        "correction_decided",
    ),
    # Who serves, and who may enter.
    ("serves_already", _("This person already serves in this census.")): ("one_live_staff_record",),
    ("own_entry", _("Nobody approves what they entered.")): ("staff_second_person",),
    ("not_reviewed", _("The county must review the record first.")): (
        "staff_appointed_by_review",
        "staff_activated_after_review",
    ),
    ("not_appointed", _("The county must review and appoint the person first.")): (
        "staff_open_while_appointed",
        "staff_left_has_no_access",
    ),
    ("unknown_word", _("This word is not one of those that are known here.")): (
        "staff_role_word",
        "order_kind_word",
        "posting_words",
        "posting_duty_of_role",
    ),
    (
        "one_coordinator",
        _("This county already has a coordinator. Hand the post over instead."),
    ): ("one_coordinator",),
    ("no_census_of_post", _("A coordinator is posted for one census.")): (
        "coordinator_of_a_census",
    ),
    (
        "duties_kept_apart",
        _("Audit, system and security duties are never held together with another duty."),
    ): ("duties_kept_apart",),
    ("posting_once", _("This account already holds this posting.")): ("posting_once",),
    ("code_dead", _("This activation code no longer opens anything.")): (
        "code_five_tries",
        "code_used_while_live",
    ),
    ("code_exists", _("This account already has a code that works.")): ("one_live_code",),
    ("asked_already", _("This was asked for already and waits for its decision.")): (
        "one_open_order",
        "one_open_reissue",
        "one_open_time_change",
        "one_open_correction",
        "one_open_appeal",
    ),
    # The three facts.
    ("completed_already", _("This training was completed already.")): ("completion_once",),
    ("one_exam", _("Another exam of this office for this role is published. Close it first.")): (
        "one_published_exam",
    ),
    ("attempt_open", _("An attempt is already open.")): ("one_open_attempt",),
    ("attempt_exists", _("This attempt exists already.")): ("attempt_number",),
    ("not_graded", _("An attempt is graded when it is handed in, not before and not after.")): (
        "attempt_graded_when_submitted",
        "attempt_passed_by_score",
        "attempt_score_of_hundred",
    ),
    ("not_their_exam", _("This exam is not one of this person's.")): (
        "attempt_of_its_exam",
        "exams_attempt.exam_id",
    ),
    ("saved_already", _("This answer was saved already.")): ("answer_op",),
    ("signed_already", _("This person signed this text already.")): ("pledge_once_per_text",),
    ("not_signed", _("A signature is drawn, or the full name is typed.")): ("pledge_signed",),
    ("pledge_changed", _("The pledge has a new version. Please read it and sign once more.")): (
        "pledge_text_signed",
    ),
    ("version_exists", _("This version exists already.")): (
        "pledge_text_version",
        "question_once",
        "course_once",
    ),
    # Numbers and cards.
    (
        "not_ready",
        _("Training, exam and pledge of this person, census and role must all be complete."),
    ): (
        "card_passed",
        "number_passed",
        *(f"{table}_{fact}_whole" for table in ("card", "number") for fact in FACTS),
        *(f"credentials_{t}.{fact}_id" for t in ("card", "cardnumber") for fact in FACTS),
    ),
    ("number_given", _("This person already has a number for this census and role.")): (
        "one_number",
    ),
    ("number_taken", _("This number is somebody's already. A number is never given twice.")): (
        "credentials_cardnumber_pkey",
    ),
    ("not_theirs", _("The number, the record and the card must be of the same person.")): (
        "card_number_whole",
        "card_staff_whole",
        "reissue_of_its_number",
    ),
    ("malformed", _("A number or code of a card has a fixed form.")): (
        "number_digits",
        "card_token_form",
    ),
    ("already_issued", _("This person already holds a valid card.")): ("one_card_in_force",),
    ("already_numbered", _("A card of this person is already being made.")): ("one_card_pending",),
    ("edition_exists", _("This edition of the card exists already.")): (
        "card_edition",
        "credentials_card_token_key",
    ),
    ("validity_order", _("A card cannot end before it begins.")): ("card_validity",),
    ("no_face", _("What a card says must be written down before it is printed.")): (
        "card_printed_from_a_face",
    ),
    (
        "sequence_exhausted",
        _("All numbers of this county and role are used. Ask the system administrator."),
    ): ("number_sequence_six",),
    (
        "not_explained",
        _("Record the card as returned, or explain why it cannot be, first."),
    ): ("withdrawal_received_or_explained", "card_cancelled_when_explained"),
    ("evidence_needed", _("Name the article, the act and what proves it.")): (
        "card_confiscated_on_evidence",
    ),
    # Bulk work and times.
    ("too_early", _("The time for this has not come yet.")): (
        "batch_begun",
        "batch_begun_when_due",
        "run_has_its_time",
    ),
    ("listed_twice", _("Everybody stands on a list once.")): ("item_once", "item_position"),
    ("times_order", _("The execution cannot come before the deadline.")): (
        "time_change_order",
        "census_execute_after_deadline",
    ),
}
WORDS: dict[str, tuple[str, str | Promise]] = {
    key: said for said, keys in SAID.items() for key in keys
}


def refusal(error: Error) -> Refused | None:
    """Return the refusal that a database error stands for, or None if it is a fault."""
    cause = error.__cause__
    diagnosis = getattr(cause, "diag", None)
    state = getattr(cause, "pgcode", None)
    if state == NO_RIGHT:
        # No door of ours asks for this: somebody found another way, or a grant is missing.
        log.error("The database refused: %s", getattr(diagnosis, "message_primary", ""))
    table, column = (getattr(diagnosis, name, None) for name in ("table_name", "column_name"))
    for key in (getattr(diagnosis, "constraint_name", None), state, f"{table}.{column}"):
        if key in WORDS:
            return Refused(*WORDS[key])
    return None
