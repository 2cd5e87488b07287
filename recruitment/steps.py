"""The steps a person's page and the API offer: one table of axes, one way to take a step."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from census_staff.batches.lifecycle import BATCH
from census_staff.batches.models import Batch
from census_staff.lib.errors import Refused
from census_staff.workflow import Step, Workflow

from . import review, services
from .activation import prepare
from .lifecycle import ACCESS, SERVICE
from .models import Staff

AXES: dict[str, Workflow] = {"service": SERVICE, "access": ACCESS}

# What a step does, in words, before it is taken.
EFFECTS: dict[tuple[str, str], list[str | Promise]] = {
    ("service", "submit"): [_("The county will see the record among those to be reviewed.")],
    ("service", "leave"): [
        _("The person's access to this census is shut at once, on every device."),
        _("A card they hold shows as suspended at once and is to be called in."),
        _("Their service in other censuses is not touched."),
    ],
    ("access", "activate"): [
        _("An account is made, and a slip with an activation code is printed."),
        _("The code is valid for 14 days; an earlier slip of this person is void."),
    ],
    ("access", "remind"): [
        _("The person finds the reminder on their phone; access stays open."),
        _("If nothing changes until the day named, access can be disabled."),
    ],
    ("access", "settle"): [_("The reminder ends; nothing else changes.")],
    ("access", "disable"): [
        _("From this moment every device of the person reaches only the page that says why."),
        _("A card they hold shows as suspended at once."),
        _("Their service in other censuses is not touched."),
    ],
    ("access", "enable"): [
        _(
            "The person can work in this census again at once, and their card is no longer suspended."
        ),
    ],
}


def step_of(axis: str, name: str) -> Step:
    """Return a step that people may take, or refuse: there is no such step."""
    table = AXES.get(axis)
    step = table.steps.get(name) if table else None
    if step is None or not step.action:
        raise Refused("unknown_step", _("There is no such step."))
    return step


def take(
    staff: Staff,
    axis: str,
    name: str,
    *,
    actor: Any,
    reason: str = "",
    sentence: str = "",
    standards: Iterable[str] = (),
    until: date | None = None,
    is_urgent: bool = False,
    fields: Mapping[str, Any] | None = None,
) -> Batch | None:
    """Take one step with a record; return the batch that goes on with it, if there is one."""
    step = step_of(axis, name)
    if step.needs_reason and not (sentence.strip() or reason or fields):
        raise Refused("reason_needed", _("Say why."), field="sentence")
    if name == "activate":
        return _activate(staff, actor)
    if name in review.DECISIONS:
        review.decide_one(staff, name, actor=actor, sentence=sentence, fields=fields)
    elif name == "submit":
        services.submit(staff, actor=actor)
    elif name == "leave":
        services.leave(staff, actor=actor, reason=sentence)
    elif name == "remind":
        services.remind(
            staff,
            actor=actor,
            reason=reason or "other",
            sentence=sentence,
            standards=standards,
            until=until,
        )
    elif name == "disable":
        services.disable(
            staff,
            actor=actor,
            reason=reason or "other",
            sentence=sentence,
            standards=standards,
            is_urgent=is_urgent,
        )
    elif name == "settle":
        services.settle(staff, actor=actor)
    else:
        services.enable(staff, actor=actor)
    return None


def _activate(staff: Staff, actor: Any) -> Batch:
    """Return a batch of one, started."""
    rows = Staff.objects.filter(pk=staff.pk)
    if not ACCESS.eligible(ACCESS.may(rows, "activate", actor=actor), "activate", actor=actor):
        raise ACCESS.refusal(rows, "activate", actor=actor)
    with transaction.atomic():
        batch = prepare(rows, actor=actor, census_id=staff.census_id)
        BATCH.advance_one(batch, "confirm", actor=actor)
    return batch
