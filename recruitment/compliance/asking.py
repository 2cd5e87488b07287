"""What doors ask for and the worker does: to write the list of a run, and to freeze it.

Over millions of records a list takes longer than anybody waits at a door. What is wished stands
with the run; a message only wakes the worker, and the clock finds what no message told of.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.accounts.models import User
from census_staff.audit.acting import acting
from census_staff.batches.models import Batch
from census_staff.batches.states import BatchState
from census_staff.batches.tries import KEEPS_FAILING, NO_ROOM, STUBBORN, TRIES
from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused
from census_staff.lib.room import is_out_of_room

from . import steps
from .listing import alone
from .questions import DEFAULT_STANDARDS
from .steps import UNLISTED, WISH, Wish

log = logging.getLogger(__name__)

LIST, FREEZE = "list", "freeze"
# The steps that write the list, and what each wishes.
ASKED = {"refresh": LIST, "freeze": FREEZE}
# First half of the key of the advisory locks of askers; the second is the census.
LOCK = 4_714


def ask_new(
    *, actor: Any, census: Census, standards: Any = DEFAULT_STANDARDS, title: str = ""
) -> Batch:
    """Return a new run whose list the worker is asked to write; what can be refused is at once."""
    with transaction.atomic():
        # Of two clicks at the same time the second sees what the first wished.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, census.pk])
        if wished().filter(census=census, made_by=actor.pk).exists():
            raise Refused(
                "listing_under_way",
                _("The list of another run of yours is being written. Please wait for it."),
            )
        wish = _wish(LIST, actor)
        return steps.draft(actor=actor, census=census, standards=standards, title=title, wish=wish)


@transaction.atomic
def ask(name: str, batch: Batch, *, actor: Any) -> Batch:
    """Ask the worker to take a step of `ASKED`; what can be refused is refused at once."""
    batch = steps.require_draft(steps.held(batch, actor, "run.prepare"))
    if ASKED[name] == FREEZE:
        steps.require_alone(batch)
    _note(batch, WISH, _wish(ASKED[name], actor))
    return batch


def take(name: str, batch: Batch, *, actor: Any, **more: Any) -> Batch:
    """Take a step of a run at a door: those that write the list are asked for."""
    if name in ASKED:
        return ask(name, batch, actor=actor)
    return steps.take(name, batch, actor=actor, **more)


def wish_of(batch: Batch) -> Wish | None:
    """Return what is wished of the run's list and not yet done."""
    found: Wish | None = batch.params.get(WISH)
    return found if batch.state == BatchState.DRAFT else None


def refusal_of(batch: Batch) -> str:
    """Return the code why the last wish was not done."""
    return str(batch.params.get(UNLISTED, {}).get("code", ""))


def wished() -> Any:
    """Keep the runs whose list is still to be written or frozen."""
    return Batch.objects.filter(
        kind="disable", state=BatchState.DRAFT, params__has_key=WISH
    ).order_by("pk")


def write_wished() -> None:
    """Do what is wished and nobody is at: the look of the clock."""
    for pk in wished().values_list("pk", flat=True):
        try:
            carry_out(pk)
        except Exception:
            # One that fails must not keep the others waiting; its tries are counted.
            log.exception("The list of run %s could not be written.", pk)


def carry_out(batch_id: int) -> bool:
    """Do what is wished of this run's list, unless somebody is at it; return whether it was done."""
    with alone(batch_id) as is_mine:
        wish = _begin(batch_id) if is_mine else None
        if wish is None:
            return False
        try:
            _fulfil(batch_id, wish)
        except Refused as refused:
            _refuse(batch_id, wish, refused.code)
        except Exception as error:
            if not is_out_of_room(error):
                raise
            log.error("The list of run %s found no room on the disk.", batch_id)
            _refuse(batch_id, wish, NO_ROOM)
        else:
            return True
    return False


def _begin(batch_id: int) -> Wish | None:
    """Count the try before it is made, so that a killed worker's is known; return the wish."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update(no_key=True).get(pk=batch_id, kind="disable")
        wish = wish_of(batch)
        if wish is None:
            return None
        waited = timezone.now() - datetime.fromisoformat(wish["at"])
        if wish["tries"] >= TRIES and waited >= STUBBORN:
            _tell(batch, wish, KEEPS_FAILING)
            return None
        wish = wish | {"tries": wish["tries"] + 1}
        _note(batch, WISH, wish)
        return wish


def _fulfil(batch_id: int, wish: Wish) -> None:
    """Write the list as whoever wished it, who must still be allowed to."""
    batch = Batch.objects.get(pk=batch_id)
    actor = User.objects.get(pk=wish["by"])
    if not actor.is_active:
        raise Refused("not_allowed", _("Your role does not include this step."))
    does = steps.freeze if wish["wish"] == FREEZE else steps.refresh
    with acting(actor, reason=wish["wish"], batch=batch_id):
        does(batch, actor=actor, wish=wish)


def _refuse(batch_id: int, wish: Wish, code: str) -> None:
    with transaction.atomic():
        batch = Batch.objects.select_for_update(no_key=True).get(pk=batch_id)
        # Given up meanwhile: nobody waits for an answer.
        if wish_of(batch) == wish:
            _tell(batch, wish, code)


def _tell(batch: Batch, wish: Wish, code: str) -> None:
    """Leave the wish, and keep why for the page."""
    rest = {name: value for name, value in batch.params.items() if name != WISH}
    batch.params = rest | {UNLISTED: {"wish": wish["wish"], "code": code}}
    Batch.objects.filter(pk=batch.pk).update(params=batch.params)


def _wish(what: str, actor: Any) -> Wish:
    return {"wish": what, "by": actor.pk, "at": timezone.now().isoformat(), "tries": 0}


def _note(batch: Batch, name: str, said: Wish) -> None:
    batch.params = batch.params | {name: said}
    Batch.objects.filter(pk=batch.pk).update(params=batch.params)
