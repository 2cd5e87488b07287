"""What people do to a run: prepare, freeze, approve, stop, undo. Each verb asks who is acting.

Preparing, refreshing and freezing write the list before they return; at a door, which nobody keeps
waiting that long, they are asked for (`asking`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from census_staff.audit.acting import acting
from census_staff.batches.lifecycle import BATCH
from census_staff.batches.models import Batch
from census_staff.batches.states import BatchState as S
from census_staff.batches.tries import RESUMABLE
from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused
from census_staff.places.models import Office

from ..standards import STANDARDS
from .listing import list_hash, one_writer, write_list
from .questions import DEFAULT_STANDARDS, paths
from .report import figures_of

# The same word as for any bulk work that is stopped by a person.
PAUSED = "by_hand"
# Where a run keeps what is wished of its list, and why that was not done.
WISH, UNLISTED = "listing", "unlisted"
Wish = dict[str, Any]
UNDER_WAY = (S.FROZEN, S.APPROVED, S.RUNNING, S.UNDO_ASKED, S.UNDOING)


def prepare(
    *,
    actor: Any,
    census: Census,
    standards: Iterable[str] = DEFAULT_STANDARDS,
    title: str = "",
    office: Office | None = None,
) -> Batch:
    """Return a new run with its list as it would be now; nobody is touched."""
    with transaction.atomic():
        batch = draft(actor=actor, census=census, standards=standards, title=title, office=office)
        return refresh(batch, actor=actor)


def draft(
    *,
    actor: Any,
    census: Census,
    standards: Iterable[str],
    title: str = "",
    office: Office | None = None,
    wish: Wish | None = None,
) -> Batch:
    """Return a new run whose list is still to be written."""
    chosen = set(standards)
    codes = [code for code in STANDARDS if code in chosen]
    if not codes or chosen - set(codes):
        raise Refused("no_standards", _("Choose at least one standard."), field="standards")
    if census.stage != "live":
        raise Refused("census_closed", _("This census is closed."))
    reach = paths(actor, "run.prepare")
    office = office or Office.objects.filter(path__in=reach).order_by("path").first()
    if office is None or not any(office.path.startswith(path) for path in reach):
        raise Refused("not_allowed", _("Your role does not include this step."))
    with acting(actor, reason="prepare"):
        batch: Batch = Batch.objects.create(
            kind="disable",
            title=title[:120],
            census=census,
            office=office,
            made_by_id=actor.pk,
            needs_second=True,
            due_at=census.execute_at,
            params={"standards": codes} | ({WISH: wish} if wish else {}),
        )
    return batch


@transaction.atomic
def refresh(batch: Batch, *, actor: Any, wish: Wish | None = None) -> Batch:
    """Write the preview's list anew; with the wish for it, which is then fulfilled."""
    one_writer(batch.pk)
    batch = require_draft(allowed(batch, actor, "run.prepare"), wish)
    write_list(batch)
    figures = figures_of(batch)
    batch = require_draft(held(batch, actor, "run.prepare"), wish)
    _keep(batch, figures=figures)
    return batch


@transaction.atomic
def freeze(batch: Batch, *, actor: Any, wish: Wish | None = None) -> Batch:
    """Write the list a last time, close it and seal it; the warnings start from here."""
    one_writer(batch.pk)
    batch = require_draft(allowed(batch, actor, "run.prepare"), wish)
    require_alone(batch)
    if not write_list(batch):
        raise Refused("nobody_listed", _("Nobody fails these standards; there is nothing to run."))
    figures, seal = figures_of(batch), list_hash(batch)
    # The run itself is only locked now: whoever gives it up meanwhile does not wait for the list.
    batch = require_draft(held(batch, actor, "run.prepare"), wish)
    require_alone(batch)
    known = {"open": figures["open"], "listed": figures["listed"]}
    _keep(batch, figures=figures, freeze=known, waves={}, returned=None)
    Batch.objects.filter(pk=batch.pk).update(frozen_sha256=seal, due_at=batch.census.execute_at)
    return _move(batch, "freeze", actor)


def require_draft(batch: Batch, wish: Wish | None = None) -> Batch:
    """Return the run if its list may be written, and by whoever carries out this wish alone."""
    _require(batch, S.DRAFT)
    if batch.params.get(WISH) != wish:
        raise Refused("listing_under_way", _("The list is being written. Please wait for it."))
    return batch


def require_alone(batch: Batch) -> None:
    """Refuse while another run of the same census and office is under way."""
    others = Batch.objects.filter(kind="disable", census=batch.census_id, state__in=UNDER_WAY)
    if others.exclude(pk=batch.pk).filter(office=batch.office_id).exists():
        raise Refused("run_open", _("Another run of this census is under way. Finish it first."))


def _keep(batch: Batch, **more: Any) -> None:
    """Keep these things with the run, and no wish any more; what is None goes."""
    known = batch.params | more | {WISH: None, UNLISTED: None}
    batch.params = {name: value for name, value in known.items() if value is not None}
    Batch.objects.filter(pk=batch.pk).update(params=batch.params)


@transaction.atomic
def thaw(batch: Batch, *, actor: Any, sentence: str = "") -> Batch:
    """Open the list again: by whoever prepares, or sent back by whoever approves."""
    batch = held(batch, actor, "run.prepare", "run.approve")
    _require(batch, S.FROZEN)
    params = {**batch.params, "returned": {"by": actor.pk, "sentence": sentence[:300]}}
    Batch.objects.filter(pk=batch.pk).update(params=params)
    return _move(batch, "thaw", actor)


@transaction.atomic
def approve(batch: Batch, *, actor: Any, typed: int) -> Batch:
    """Agree to a frozen list, as somebody other than its maker who has read its number."""
    batch = held(batch, actor, "run.approve")
    _require(batch, S.FROZEN)
    if actor.pk == batch.made_by_id:
        raise Refused("second_person", _("A second person must approve this."))
    if typed != batch.items.filter(state="pending").count():
        raise Refused(
            "count_differs",
            _("This is not the number of people on the list. Look at the list again."),
            field="typed",
        )
    return _move(batch, "approve", actor)


@transaction.atomic
def pause(batch: Batch, *, actor: Any) -> Batch:
    """Stop at the next chunk, or before the first."""
    batch = held(batch, actor, "run.prepare", "run.approve")
    _require(batch, S.APPROVED, S.RUNNING)
    Batch.objects.filter(pk=batch.pk).update(stop_code=PAUSED)
    return _move(batch, "halt", actor)


@transaction.atomic
def resume(batch: Batch, *, actor: Any) -> Batch:
    """Go on with a run that was stopped by hand, or by a fault, after it had begun."""
    batch = held(batch, actor, "run.prepare", "run.approve")
    _require(batch, S.STOPPED)
    if batch.stop_code not in RESUMABLE or batch.started_at is None:
        raise Refused(
            "not_resumable",
            _("This run was stopped before it began. Cancel it and prepare another."),
        )
    Batch.objects.filter(pk=batch.pk).update(stop_code="")
    return _move(batch, "resume", actor)


@transaction.atomic
def cancel(batch: Batch, *, actor: Any) -> Batch:
    """Give the run up."""
    batch = held(batch, actor, "run.prepare")
    _require(batch, S.DRAFT, S.FROZEN, S.APPROVED, S.STOPPED)
    if batch.items.filter(state="done").exists():
        raise Refused("partly_done", _("Accounts were disabled already. Ask to undo them instead."))
    _keep(batch)
    return _move(batch, "cancel", actor)


@transaction.atomic
def ask_undo(batch: Batch, *, actor: Any, sentence: str = "") -> Batch:
    """Ask that everything this run changed be put back."""
    batch = held(batch, actor, "run.prepare", "run.approve")
    _require(batch, S.DONE, S.STOPPED)
    if not batch.items.filter(state="done").exists():
        raise Refused("nothing_to_undo", _("This run changed nothing that could be put back."))
    params = {**batch.params, "undo_sentence": sentence[:300]}
    Batch.objects.filter(pk=batch.pk).update(params=params)
    return _move(batch, "ask_undo", actor)


@transaction.atomic
def withdraw_undo(batch: Batch, *, actor: Any) -> Batch:
    """Take the wish to undo back, or refuse it."""
    batch = held(batch, actor, "run.prepare", "run.approve")
    _require(batch, S.UNDO_ASKED)
    return _move(batch, "withdraw_undo", actor)


@transaction.atomic
def approve_undo(batch: Batch, *, actor: Any) -> Batch:
    """Agree to the undo, as somebody other than who asked for it."""
    batch = held(batch, actor, "run.approve")
    _require(batch, S.UNDO_ASKED)
    if actor.pk == batch.undo_asked_by_id:
        raise Refused("second_person", _("A second person must approve this."))
    return _move(batch, "approve_undo", actor)


def allowed(batch: Batch, actor: Any, *actions: str) -> Batch:
    """Return the run as it stands, if the actor may do one of these things to it."""
    return _found(Batch.objects.all(), batch, actor, actions)


def held(batch: Batch, actor: Any, *actions: str) -> Batch:
    """Lock the run and return it as it stands, if the actor may do one of these things to it."""
    locked = Batch.objects.select_for_update(no_key=True, of=("self",))
    return _found(locked, batch, actor, actions)


def _found(runs: Any, batch: Batch, actor: Any, actions: tuple[str, ...]) -> Batch:
    rows = Batch.objects.filter(pk=batch.pk, kind="disable")
    if not any(rows.allowed(actor, action).exists() for action in actions):
        raise Refused("not_allowed", _("Your role does not include this step."))
    found: Batch = runs.select_related("census", "office").get(pk=batch.pk)
    return found


def _require(batch: Batch, *states: str) -> None:
    if batch.state not in states:
        raise Refused("wrong_state", _("This step is not possible from the present state."))


def _move(batch: Batch, step: str, actor: Any) -> Batch:
    # A token's bearer signs as the user behind it.
    BATCH.advance_one(batch, step, actor=getattr(actor, "user", actor), batch=batch.pk)
    return batch


@dataclass(frozen=True)
class Verb:
    """A step as doors offer it."""

    name: str
    label: str | Promise
    actions: tuple[str, ...]
    states: tuple[str, ...]
    does: Callable[..., Batch]
    danger: bool = False
    # What the door must bring: "typed" (the number of people) or "sentence".
    brings: str = ""


VERBS = {
    verb.name: verb
    for verb in (
        Verb("refresh", _("Ask again who is hit"), ("run.prepare",), (S.DRAFT,), refresh),
        Verb("freeze", _("Freeze the list"), ("run.prepare",), (S.DRAFT,), freeze),
        Verb(
            "thaw",
            _("Send back to the preparer"),
            ("run.approve", "run.prepare"),
            (S.FROZEN,),
            thaw,
            brings="sentence",
        ),
        Verb(
            "approve",
            _("Approve and execute on time"),
            ("run.approve",),
            (S.FROZEN,),
            approve,
            brings="typed",
        ),
        Verb(
            "pause",
            _("Stop at the next chunk"),
            ("run.prepare", "run.approve"),
            (S.APPROVED, S.RUNNING),
            pause,
            danger=True,
        ),
        Verb("resume", _("Go on"), ("run.prepare", "run.approve"), (S.STOPPED,), resume),
        Verb(
            "cancel",
            _("Give up this run"),
            ("run.prepare",),
            (S.DRAFT, S.FROZEN, S.APPROVED, S.STOPPED),
            cancel,
            danger=True,
        ),
        Verb(
            "ask_undo",
            _("Undo the whole run"),
            ("run.prepare", "run.approve"),
            (S.DONE, S.STOPPED),
            ask_undo,
            danger=True,
            brings="sentence",
        ),
        Verb(
            "withdraw_undo",
            pgettext_lazy("run", "Do not undo"),
            ("run.prepare", "run.approve"),
            (S.UNDO_ASKED,),
            withdraw_undo,
        ),
        Verb(
            "approve_undo",
            pgettext_lazy("run", "Approve the undo"),
            ("run.approve",),
            (S.UNDO_ASKED,),
            approve_undo,
            danger=True,
        ),
    )
}


def take(name: str, batch: Batch, *, actor: Any, typed: int = -1, sentence: str = "") -> Batch:
    """Take one of the steps of `VERBS`, the same from page and API."""
    if name not in VERBS:
        raise Refused("no_such_step", _("There is no such step."))
    brings: dict[str, dict[str, Any]] = {
        "typed": {"typed": typed},
        "sentence": {"sentence": sentence},
    }
    verb = VERBS[name]
    return verb.does(batch, actor=actor, **brings.get(verb.brings, {}))


def sync_times() -> int:
    """Set the time of the runs that have not begun to their census's; return how many changed."""
    at = timezone.now()
    changed = 0
    waiting = Batch.objects.filter(kind="disable", state__in=(S.DRAFT, S.FROZEN, S.APPROVED))
    for batch in waiting.select_related("census"):
        if batch.due_at != batch.census.execute_at and (not batch.due_at or batch.due_at > at):
            changed += Batch.objects.filter(pk=batch.pk, state=batch.state).update(
                due_at=batch.census.execute_at
            )
    return changed
