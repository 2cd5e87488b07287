"""Courses, what a person really did in them, and the evidence that comes of it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from .querysets import CourseQuerySet
from .states import CourseState, SetKind, UnitKind


class Course(models.Model):
    """A course of a census, owned by the office that publishes it."""

    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="courses")
    office = models.ForeignKey("places.Office", models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=100)
    summary = models.CharField(max_length=300, blank=True)
    tags = ArrayField(models.CharField(max_length=20), default=list)
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=CourseState.choices, default=CourseState.DRAFT)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["census", "code", "version"], name="course_once"),
            models.CheckConstraint(
                condition=Q(state__in=CourseState.values), name="course_state_word"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Unit(models.Model):
    """A page, a document or a film; `content` holds blocks, page counts, duration, question."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="units")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=4, choices=UnitKind.choices)
    title = models.CharField(max_length=100)
    content = models.JSONField(default=dict)
    # Path under training/content/ for shipped material, or in private storage for uploads.
    file = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "position"], name="unit_position"),
        ]
        ordering = ("position",)


class Requirement(models.Model):
    """What a role must complete in a census; retraining has its own set."""

    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)
    course = models.ForeignKey(Course, models.PROTECT, related_name="requirements")
    kind = models.CharField(max_length=12, choices=SetKind.choices, default=SetKind.REQUIRED)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["census", "role", "course", "kind"], name="requirement_once"
            ),
        ]


class UnitProgress(models.Model):
    """How far a person is in a unit: pages opened, the intervals of film really played."""

    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    # Rises with each retraining, so that studying again starts from nothing.
    round = models.PositiveSmallIntegerField(default=0)
    evidence = models.JSONField(default=dict)
    reached_end_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "census", "unit", "round"], name="progress_once"
            ),
        ]


class Completion(models.Model):
    """Evidence: this person completed the required set for this role of this census."""

    person = models.ForeignKey("people.Person", models.PROTECT, related_name="completions")
    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)
    # Rises when a completion was voided and the set was completed again.
    round = models.PositiveSmallIntegerField(default=0)
    completed_at = models.DateTimeField()
    # Which courses and versions it rests on.
    courses = models.JSONField(default=list)

    class Meta:
        constraints = [
            # Target of the cards' composite foreign key.
            models.UniqueConstraint(
                fields=["id", "person", "census", "role"], name="completion_whole"
            ),
            models.UniqueConstraint(
                fields=["person", "census", "role", "round"], name="completion_once"
            ),
        ]


class Retraining(models.Model):
    """The retraining set, completed once more after failed attempts: opens a further attempt."""

    person = models.ForeignKey("people.Person", models.PROTECT, related_name="retrainings")
    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)
    round = models.PositiveSmallIntegerField()
    completed_at = models.DateTimeField()
    courses = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "census", "role", "round"], name="retraining_once"
            ),
        ]


class CompletionVoid(models.Model):
    """A completion that no longer counts, with who says so and why."""

    completion = models.OneToOneField(Completion, models.PROTECT, related_name="void")
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
