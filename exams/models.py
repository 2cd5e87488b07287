"""The bank, the exams made of it, attempts and every answer that was acknowledged."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from census_staff.accounts.scope import Actor, ScopedQuerySet
from census_staff.accounts.service_record import ServiceRecord
from census_staff.places.models import Office

from .states import AttemptState, ClosedBy, ExamState, Mode


class Question(models.Model):
    """A question of the bank; a corrected question is a new version."""

    code = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField(default=1)
    category = models.CharField(max_length=10)
    kind = models.CharField(max_length=10)
    roles = ArrayField(models.CharField(max_length=12))
    census_kinds = ArrayField(models.CharField(max_length=12))
    stem = models.TextField()
    options = models.JSONField()
    answer = models.JSONField()
    explanation = models.TextField()
    source = models.CharField(max_length=300)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="question_once"),
        ]

    def __str__(self) -> str:
        return self.code


class ExamQuerySet(ScopedQuerySet):
    person_lookup = None

    def in_sight(self, actor: Actor, action: str) -> Self:
        """Keep the exams of the actor's offices, and the published ones of the offices above."""
        above: set[str] = set()
        for path, _census in actor.reach(action):
            codes = path.split(".")[:-1]
            above.update(".".join(codes[:depth]) + "." for depth in range(1, len(codes)))
        own = self.allowed(actor, action).values("pk")
        published = Q(office__path__in=above) & ~Q(state=ExamState.DRAFT)
        return self.filter(Q(pk__in=own) | published)

    def for_record(self, record: ServiceRecord) -> Self:
        """Keep the exams for this role of this census that reach down to the record's office."""
        here = Office.objects.filter(pk=record.office_id, path__startswith=OuterRef("office__path"))
        return self.filter(Exists(here), census=record.census_id, role=record.role)


class Exam(models.Model):
    """An exam of a census and role: its blueprint, window, pass mark."""

    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="exams")
    office = models.ForeignKey("places.Office", models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)
    title = models.CharField(max_length=100)
    # category -> {"count": n, "points": p}; totals and the majority rule are checked at publishing.
    blueprint = models.JSONField()
    minutes = models.PositiveSmallIntegerField()
    pass_mark = models.PositiveSmallIntegerField()
    attempts = models.PositiveSmallIntegerField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ExamState.choices, default=ExamState.DRAFT)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True)

    objects = ExamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="exam_window"),
            models.CheckConstraint(condition=Q(state__in=ExamState.values), name="exam_state_word"),
            models.UniqueConstraint(
                fields=["census", "role", "office"],
                condition=Q(state=ExamState.PUBLISHED),
                name="one_published_exam",
            ),
            # Target of the attempts' composite foreign key.
            models.UniqueConstraint(
                fields=["id", "census", "role", "pass_mark"], name="exam_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AttemptQuerySet(ScopedQuerySet):
    office_lookup = "office"

    def of_record(self, record: ServiceRecord) -> Self:
        """Keep the person's attempts for this role of this census."""
        return self.filter(person=record.person_id, census=record.census_id, role=record.role)

    def open_of(self, record: ServiceRecord) -> Self:
        """Keep the attempt that the person has open in this census."""
        return self.filter(
            person=record.person_id, census=record.census_id, state=AttemptState.OPEN
        )


class Attempt(models.Model):
    """One sitting. `deadline_at` is fixed at the start by the server's clock."""

    exam = models.ForeignKey(Exam, models.PROTECT, related_name="attempts_made")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="attempts")
    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)
    office = models.ForeignKey("places.Office", models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.ONLINE)
    seed = models.BigIntegerField(default=0)
    paper = models.JSONField(default=dict)
    pass_mark = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    # Answers that left the phone in time may arrive until here (the grace that is shown).
    late_until = models.DateTimeField()
    # The newest page that was opened; its answers win over those of older pages.
    page = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=AttemptState.choices, default=AttemptState.OPEN)
    submitted_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=6, choices=ClosedBy.choices, blank=True)
    answered = models.PositiveSmallIntegerField(default=0)
    score = models.PositiveSmallIntegerField(null=True)
    passed = models.BooleanField(default=False)
    # category -> {"right": n, "of": m}
    by_category = models.JSONField(default=dict)
    submit_op = models.UUIDField(null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            # Target of the cards' composite foreign key.
            models.UniqueConstraint(
                fields=["id", "person", "census", "role", "passed"], name="attempt_whole"
            ),
            models.UniqueConstraint(
                fields=["person", "census", "role", "number"], name="attempt_number"
            ),
            models.UniqueConstraint(
                fields=["person", "census"],
                condition=Q(state=AttemptState.OPEN),
                name="one_open_attempt",
            ),
            models.CheckConstraint(
                condition=Q(state__in=AttemptState.values), name="attempt_state_word"
            ),
            models.CheckConstraint(
                condition=Q(state=AttemptState.OPEN, passed=False, score=None, submitted_at=None)
                | Q(state=AttemptState.SUBMITTED, score__isnull=False, submitted_at__isnull=False),
                name="attempt_graded_when_submitted",
            ),
            models.CheckConstraint(
                condition=Q(passed=False) | Q(score__gte=F("pass_mark")),
                name="attempt_passed_by_score",
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__lte=100), name="attempt_score_of_hundred"
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline_at"],
                condition=Q(state=AttemptState.OPEN),
                name="attempt_to_close",
            ),
            models.Index(fields=["person", "census", "role"], name="attempt_person"),
        ]


class Answer(models.Model):
    """One tap, acknowledged after its commit. Never changed, never removed."""

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="answers")
    op = models.UUIDField()
    question = models.PositiveIntegerField()
    page = models.PositiveIntegerField()
    sequence = models.PositiveIntegerField()
    choice = models.JSONField()
    saved_at = models.DateTimeField()
    client_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "op"], name="answer_op"),
        ]


class AttemptVoid(models.Model):
    """An attempt that no longer counts (a technical fault, a fraud), with who and why."""

    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="void")
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
