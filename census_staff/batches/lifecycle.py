"""The life of a batch. Kinds that need no second person go from preview to approved at once."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from census_staff.workflow import Step, workflow

from .states import BatchState as S


def _step(name: str, label: Any, sources: set[str], target: str, **more: Any) -> Step:
    # Doors check the kind's own action; these steps are our own code's.
    return Step(
        name=name, label=label, sources=frozenset(sources), target=target, action="", **more
    )


BATCH = workflow(
    "batches_batch",
    "state",
    born=[S.DRAFT],
    steps=[
        _step(
            "freeze", _("Freeze the list"), {S.DRAFT}, S.FROZEN, sets=lambda a, t: {"frozen_at": t}
        ),
        _step(
            "thaw", _("Back to preview"), {S.FROZEN}, S.DRAFT, sets=lambda a, t: {"frozen_at": None}
        ),
        _step(
            "approve",
            _("Approve"),
            {S.FROZEN},
            S.APPROVED,
            sets=lambda a, t: {"approved_by": a.pk, "approved_at": t},
        ),
        _step("confirm", _("Start"), {S.DRAFT}, S.APPROVED),
        _step(
            "begin",
            _("Start"),
            {S.APPROVED},
            S.RUNNING,
            sets=lambda a, t: {"started_at": t, "heartbeat_at": t},
        ),
        _step("halt", _("Stop"), {S.APPROVED, S.RUNNING}, S.STOPPED),
        _step("resume", _("Resume"), {S.STOPPED}, S.RUNNING),
        _step(
            "finish",
            _("Finish the work"),
            {S.RUNNING},
            S.DONE,
            sets=lambda a, t: {"finished_at": t},
        ),
        _step(
            "ask_undo",
            _("Ask to undo"),
            {S.DONE, S.STOPPED},
            S.UNDO_ASKED,
            sets=lambda a, t: {"undo_asked_by": a.pk},
        ),
        _step(
            "withdraw_undo",
            _("Withdraw the undo"),
            {S.UNDO_ASKED},
            S.DONE,
            sets=lambda a, t: {"undo_asked_by": None},
        ),
        _step(
            "approve_undo",
            _("Approve the undo"),
            {S.UNDO_ASKED},
            S.UNDOING,
            sets=lambda a, t: {"undo_approved_by": a.pk},
        ),
        _step("finish_undo", _("Finish the undo"), {S.UNDOING}, S.UNDONE),
        _step(
            "cancel", _("Cancel this work"), {S.DRAFT, S.FROZEN, S.APPROVED, S.STOPPED}, S.CANCELLED
        ),
    ],
    person_lookup="",
)
