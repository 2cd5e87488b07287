"""What several tests of training need: the shipped courses in the standing census."""

from datetime import timedelta
from unittest.mock import patch

from django.utils import timezone

from census_staff.accounts.models import User
from training import services
from training.courses import load_courses
from training.models import Unit
from training.standing import Learner, standing_of


def loaded(world):
    """Return the standing city with the shipped courses published."""
    load_courses(world.census, office=world.city, actor=world.user("training_officer", world.city))
    return world


def learner(staff):
    """Return the staff record as somebody who studies."""
    return Learner(staff.person_id, staff.census_id, staff.role, staff.office.path)


def account(staff):
    """Return the account of the person."""
    return User.objects.get(person=staff.person)


def unit_of(kind):
    """Return the first shipped unit of a kind."""
    return Unit.objects.filter(kind=kind).order_by("pk").first()


def later(seconds):
    """Set the server's clock that much ahead."""
    at = timezone.now() + timedelta(seconds=seconds)
    return patch.object(timezone, "now", lambda: at)


def finish(staff, unit):
    """Study one unit as an honest person does."""
    who, actor = learner(staff), account(staff)
    if unit.kind == "page":
        services.reach_end(who, unit, actor=actor)
    elif unit.kind == "pdf":
        for number in range(1, unit.content["pages"] + 1):
            services.open_page(who, unit, number, actor=actor)
    else:
        view, _progress = services.open_film(who, unit, actor=actor)
        length = unit.content["seconds"]
        with later(length):
            services.beat(who, unit, view=view, played=(0, length), actor=actor)
    services.answer(who, unit, unit.content["check"]["answer"], actor=actor)


def study_all(staff):
    """Study everything that counts for this person now."""
    for course in standing_of(learner(staff)).active:
        for one in course.units:
            finish(staff, one.unit)
