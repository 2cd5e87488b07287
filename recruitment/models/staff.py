"""A person's service in one census: who recruited them, for what, where they stand."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from recruitment.querysets import StaffQuerySet
from recruitment.states import LIVE, OPEN, Access, Service

REVIEWED = (Service.APPOINTED, Service.ON_DUTY)


class Staff(models.Model):
    """A staff record. Its two axes move only by recruitment/lifecycle.py."""

    person = models.ForeignKey("people.Person", models.PROTECT, related_name="staff")
    # Indexes only where the ones below do not begin with the column and somebody asks for it.
    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+", db_index=False)
    office = models.ForeignKey("places.Office", models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)
    service = models.CharField(max_length=12, choices=Service.choices, default=Service.PROPOSED)
    access = models.CharField(max_length=13, choices=Access.choices, default=Access.NOT_ACTIVATED)
    # 谁选聘、谁把关、谁审核: the office that recruited, who entered, who reviewed and where.
    recruited_by = models.ForeignKey("places.Office", models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    entered_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reviewed_office = models.ForeignKey(
        "places.Office", models.PROTECT, null=True, related_name="+", db_index=False
    )
    reviewed_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    schooling = models.CharField(max_length=20, blank=True)
    hiring = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=20, blank=True)
    employer = models.CharField(max_length=120, blank=True)
    experience = ArrayField(models.CharField(max_length=40), default=list)
    areas = ArrayField(models.CharField(max_length=12), default=list)
    supervisor = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="team", db_index=False
    )
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    # What the roster wished (是否储备人员); the review decides.
    wants_reserve = models.BooleanField(default=False, db_default=False)
    supplementary = models.BooleanField(default=False)
    left_reason = models.CharField(max_length=20, blank=True)
    # Counts every move of either axis, so that an undo sees whether anybody came after it.
    moves = models.PositiveIntegerField(default=0)

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "census"],
                condition=Q(service__in=LIVE),
                name="one_live_staff_record",
            ),
            # Target of the cards' composite foreign key.
            models.UniqueConstraint(fields=["id", "person", "census", "role"], name="staff_whole"),
            models.CheckConstraint(
                condition=Q(service__in=Service.values) & Q(access__in=Access.values),
                name="staff_state_words",
            ),
            models.CheckConstraint(
                condition=Q(role__in=("enumerator", "supervisor")), name="staff_role_word"
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("entered_by")), name="staff_second_person"
            ),
            models.CheckConstraint(
                condition=~Q(service__in=REVIEWED) | Q(reviewed_by__isnull=False),
                name="staff_appointed_by_review",
            ),
            models.CheckConstraint(
                condition=Q(access=Access.NOT_ACTIVATED) | Q(reviewed_by__isnull=False),
                name="staff_activated_after_review",
            ),
            models.CheckConstraint(
                condition=~Q(access__in=OPEN) | ~Q(service=Service.LEFT),
                name="staff_left_has_no_access",
            ),
            models.CheckConstraint(
                condition=~Q(access__in=OPEN) | Q(service__in=REVIEWED),
                name="staff_open_while_appointed",
            ),
        ]
        indexes = [
            models.Index(fields=["census", "office", "service"], name="staff_office"),
            models.Index(fields=["census", "access"], name="staff_access"),
            models.Index(fields=["supervisor"], name="staff_team"),
            models.Index(fields=["census", "service", "submitted_at"], name="staff_queue"),
            models.Index(
                fields=["census", "submitted_at", "id"],
                condition=Q(service=Service.UNDER_REVIEW),
                name="staff_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"staff {self.pk}"


class ReviewNote(models.Model):
    """A decision of the review: reasons per field, and what the record said at that time."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="review_notes")
    decision = models.CharField(max_length=12)
    sentence = models.CharField(max_length=300, blank=True)
    # field -> reason code or sentence
    fields = models.JSONField(default=dict)
    # field -> keyed digest of its value then, so that a resubmission shows what changed.
    seen = models.JSONField(default=dict)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
