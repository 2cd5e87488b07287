"""Numbers, cards, and the papers of their lives. The database holds who may have one."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from census_staff.lib.crypto import EncryptedTextField

from .querysets import CardQuerySet, OfCardQuerySet
from .states import IN_FORCE, PENDING, CardState, Harm


class NumberSequence(models.Model):
    """The next sequence of a census, county and role; locked while numbers are taken."""

    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    county_code = models.CharField(max_length=6)
    role = models.CharField(max_length=12)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["census", "county_code", "role"], name="number_sequence_once"
            ),
            models.CheckConstraint(condition=Q(last__lte=999_999), name="number_sequence_six"),
        ]


class CardNumber(models.Model):
    """A number: one per person, census and role, for ever. The evidence it was given upon is
    held by composite foreign keys (migration 0002)."""

    number = models.CharField(max_length=16, primary_key=True)
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="card_numbers")
    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)
    training = models.ForeignKey("training.Completion", models.PROTECT, related_name="+")
    attempt = models.ForeignKey("exams.Attempt", models.PROTECT, related_name="+")
    attempt_passed = models.BooleanField(default=True)
    pledge = models.ForeignKey("recruitment.Pledge", models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "census", "role"], name="one_number"),
            models.UniqueConstraint(
                fields=["number", "person", "census", "role"], name="number_whole"
            ),
            models.CheckConstraint(condition=Q(attempt_passed=True), name="number_passed"),
            models.CheckConstraint(condition=Q(number__regex=r"^\d{16}$"), name="number_digits"),
        ]


class Card(models.Model):
    """An edition of a card. Its state moves only by credentials/lifecycle.py."""

    number = models.ForeignKey(CardNumber, models.PROTECT, related_name="cards")
    edition = models.PositiveSmallIntegerField(default=1)
    token = models.CharField(max_length=32, unique=True, db_collation="C")
    staff = models.ForeignKey("recruitment.Staff", models.PROTECT, related_name="cards")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="cards")
    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)
    training = models.ForeignKey("training.Completion", models.PROTECT, related_name="+")
    attempt = models.ForeignKey("exams.Attempt", models.PROTECT, related_name="+")
    attempt_passed = models.BooleanField(default=True)
    pledge = models.ForeignKey("recruitment.Pledge", models.PROTECT, related_name="+")
    issuer = models.ForeignKey("places.Office", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=CardState.choices, default=CardState.NUMBERED)
    valid_from = models.DateField()
    valid_until = models.DateField()
    made_at = models.DateTimeField()
    printed_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # What was printed, word for word, with its hash; the photo by its own.
    face = models.JSONField(null=True)
    face_sha256 = models.CharField(max_length=64, blank=True)
    photo = models.ForeignKey("people.Photo", models.PROTECT, null=True, related_name="+")

    objects = CardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number", "edition"], name="card_edition"),
            models.UniqueConstraint(
                fields=["person", "census", "role"],
                condition=Q(state__in=IN_FORCE),
                name="one_card_in_force",
            ),
            models.UniqueConstraint(
                fields=["person", "census", "role"],
                condition=Q(state__in=PENDING),
                name="one_card_pending",
            ),
            models.CheckConstraint(condition=Q(state__in=CardState.values), name="card_state_word"),
            models.CheckConstraint(condition=Q(attempt_passed=True), name="card_passed"),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")), name="card_validity"
            ),
            models.CheckConstraint(
                condition=Q(token__regex=r"^[A-Z2-7]{32}$"),  # noqa: S106
                name="card_token_form",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(CardState.NUMBERED, CardState.CANCELLED, CardState.CONFISCATED)
                )
                | Q(face__isnull=False),
                name="card_printed_from_a_face",
            ),
        ]
        indexes = [
            models.Index(fields=["staff"], name="card_staff"),
            models.Index(fields=["census", "state"], name="card_ledger"),
        ]

    def __str__(self) -> str:
        return f"card {self.pk}"


class Loss(models.Model):
    """A report that a card was lost, stolen or damaged: when and where, told by whom."""

    card = models.ForeignKey(Card, models.PROTECT, related_name="losses")
    kind = models.CharField(max_length=8, choices=Harm.choices)
    # May name places and people, therefore encrypted.
    sentence = EncryptedTextField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = OfCardQuerySet.as_manager()


class Reissue(models.Model):
    """An office's application for a new edition; only the original issuer decides (article 6)."""

    card = models.ForeignKey(Card, models.PROTECT, related_name="reissues")
    reason = models.CharField(max_length=8)
    sentence = models.CharField(max_length=300, blank=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    applied_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(default=False)
    refusal = models.CharField(max_length=300, blank=True)
    made_card = models.OneToOneField(
        Card, models.PROTECT, null=True, related_name="made_by_reissue"
    )

    objects = OfCardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(decided_by=F("applied_by")), name="reissue_second_person"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, approved=False, made_card=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="reissue_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(made_card=None) | Q(approved=True), name="reissue_made_when_granted"
            ),
            models.UniqueConstraint(
                fields=["card"], condition=Q(decided_at=None), name="one_open_reissue"
            ),
        ]


class Withdrawal(models.Model):
    """Recall and cancellation of a card (article 7): received back, or explained why not."""

    card = models.OneToOneField(Card, models.PROTECT, related_name="withdrawal")
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    exception = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    objects = OfCardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(received_at__isnull=False) | ~Q(exception=""),
                name="withdrawal_received_or_explained",
            ),
        ]


class Confiscation(models.Model):
    """A card taken away (article 8), with article and evidence; blocks a new card until lifted."""

    card = models.OneToOneField(Card, models.PROTECT, related_name="confiscation")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    article = models.CharField(max_length=60)
    act = models.CharField(max_length=20)
    # What happened, as told by the county: may name people, therefore encrypted.
    evidence = EncryptedTextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)

    objects = OfCardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(lifted_by=F("made_by")), name="confiscation_lifted_by_another"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None) | Q(lifted_by__isnull=False),
                name="confiscation_lifted_by_somebody",
            ),
        ]


class PrintFile(models.Model):
    """One PDF of a print batch, complete with the hash of its bytes."""

    batch = models.ForeignKey("batches.Batch", models.PROTECT, related_name="print_files")
    part = models.PositiveSmallIntegerField()
    first_position = models.PositiveIntegerField()
    cards = models.PositiveIntegerField()
    stored = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    delete_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "part"], name="print_part_once"),
        ]


class Lookup(models.Model):
    """A look-up by number, counted by network (keyed digest) and by number: the throttle."""

    network_digest = models.BinaryField(max_length=32, editable=False)
    number_digest = models.BinaryField(max_length=32, editable=False)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["network_digest", "-at"], name="lookup_network"),
            models.Index(fields=["number_digest", "-at"], name="lookup_number"),
        ]
