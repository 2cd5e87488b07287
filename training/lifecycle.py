"""The life of a course: written, published to the people it is for, withdrawn."""

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from census_staff.workflow import Step, workflow

from .models import Unit
from .states import CourseState as S

COURSE = workflow(
    "training_course",
    "state",
    born=[S.DRAFT],
    steps=[
        Step(
            name="publish",
            label=pgettext_lazy("course", "Publish"),
            sources=frozenset({S.DRAFT}),
            target=S.PUBLISHED,
            action="course.manage",
            guard=lambda rows, actor: rows.filter(
                Exists(Unit.objects.filter(course=OuterRef("pk")))
            ),
            refusal=_("A course needs at least one unit before it is published."),
            sets=lambda actor, at: {"published_at": at},
        ),
        Step(
            name="withdraw",
            label=pgettext_lazy("course", "Withdraw"),
            sources=frozenset({S.PUBLISHED}),
            target=S.WITHDRAWN,
            action="course.manage",
            needs_reason=True,
            danger=True,
        ),
    ],
    person_lookup="",
)
