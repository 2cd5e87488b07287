"""What is asked of every staff member. One row, one condition, one sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exams.facts import passed, sat_online
from training.facts import trained

from .evidence import Pledge

HERE = {"person": "person", "census": "census", "role": "role"}


@dataclass(frozen=True)
class Standard:
    """A standard: its label, what to do to meet it, and when it is met."""

    label: str | Promise
    remedy: str | Promise
    met: Callable[[], Exists]


def pledged() -> Exists:
    """True where the outer staff row's person signed the pledge that its census now asks for."""
    return Exists(
        Pledge.objects.filter(
            person=OuterRef("person"),
            census=OuterRef("census"),
            role=OuterRef("role"),
            void=None,
            text__superseded_at=None,
        )
    )


STANDARDS: dict[str, Standard] = {
    "trained": Standard(
        _("Training completed"), _("Complete the required courses."), partial(trained, **HERE)
    ),
    "passed": Standard(_("Exam passed"), _("Take and pass the exam."), partial(passed, **HERE)),
    "pledged": Standard(_("Pledge signed"), _("Sign the confidentiality pledge."), pledged),
    "sat_online": Standard(
        _("Online exam taken"), _("Take the online exam."), partial(sat_online, **HERE)
    ),
}

READY = ("trained", "passed", "pledged")
