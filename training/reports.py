"""Reports of studying as phones send them: which deed of the services each one means."""

from typing import Any

from . import services
from .models import Unit
from .standing import Learner
from .telling import progress_told


def report(
    learner: Learner, unit: Unit, said: dict[str, Any], *, actor: Any
) -> tuple[dict[str, Any], services.Answered | None]:
    """Return what a phone is told after a report, and how its answer was if it was one."""
    answered: services.Answered | None = None
    more: dict[str, Any] = {}
    op = said["op"]
    if op == "end":
        progress = services.reach_end(learner, unit, actor=actor)
    elif op == "page":
        progress = services.open_page(learner, unit, said["page"] or 0, actor=actor)
    elif op == "open":
        more["view"], progress = services.open_film(learner, unit, actor=actor)
    elif op == "beat":
        played = (said["start"] or 0.0, said["end"] or 0.0)
        progress = services.beat(learner, unit, view=said["view"], played=played, actor=actor)
    else:
        choice = -1 if said["choice"] is None else said["choice"]
        answered, progress = services.answer(learner, unit, choice, actor=actor)
        more |= {"is_right": answered.is_right, "explanation": answered.explanation}
    return {**progress_told(unit, progress), **more}, answered
