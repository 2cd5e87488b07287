"""Every reusable question about cards."""

from typing import Any, Self

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, TextField, Value, When
from django.utils import timezone

from census_staff.accounts.scope import ScopedQuerySet
from recruitment.facts import serving
from recruitment.states import APPOINTED, OPEN, Access, Service

from .states import IN_FORCE, PENDING, CardState, Showing


class CardQuerySet(ScopedQuerySet):
    office_lookup = "staff__office"

    def in_force(self) -> Self:
        """Keep the cards that somebody carries rightfully."""
        return self.filter(state__in=IN_FORCE)

    def pending(self) -> Self:
        """Keep the cards that are made but not handed over."""
        return self.filter(state__in=PENDING)

    def newest(self) -> Self:
        """Keep the cards that have no later edition."""
        later = self.model._default_manager.filter(
            number=OuterRef("number"), edition__gt=OuterRef("edition")
        )
        return self.filter(~Exists(later))

    def serving(self) -> Self:
        """Keep the cards of people who are appointed, whose access is open and who are not barred."""
        rows = self.filter(staff__service__in=APPOINTED, staff__access__in=OPEN)
        return rows.exclude(Exists(self._bars()))

    def _bars(self) -> QuerySet[Any]:
        """Return the confiscations not lifted of the outer row's person in its census."""
        taken = self.model._meta.get_field("confiscation").related_model
        rows: QuerySet[Any] = taken._default_manager.filter(lifted_at=None)
        return rows.filter(person=OuterRef("person"), census=OuterRef("census"))

    def to_recall(self) -> Self:
        """Keep the cards still out whose holder has left."""
        return self.filter(staff__service=Service.LEFT, state__in=(*IN_FORCE, CardState.PRINTED))

    def with_showing(self) -> Self:
        """Annotate `showing`: the one word that the public page says today, read off the facts."""
        today = timezone.localdate()
        return self.annotate(
            showing=Case(
                When(state=CardState.CONFISCATED, then=Value(Showing.CONFISCATED)),
                When(state=CardState.CANCELLED, then=Value(Showing.CANCELLED)),
                When(state=CardState.RECALLED, then=Value(Showing.RECALLED)),
                When(state=CardState.REPLACED, then=Value(Showing.REPLACED)),
                When(state__in=(CardState.LOST, CardState.STOLEN), then=Value(Showing.LOST)),
                When(
                    ~Q(state__in=PENDING) & ~Q(serving(staff="staff")),
                    then=Value(Showing.SUSPENDED),
                ),
                When(staff__access=Access.DISABLED, then=Value(Showing.SUSPENDED)),
                When(valid_until__lt=today, then=Value(Showing.EXPIRED)),
                When(Q(valid_from__gt=today) | Q(state__in=PENDING), then=Value(Showing.NOT_YET)),
                default=Value(Showing.VALID),
                output_field=TextField(),
            )
        )


class OfCardQuerySet(ScopedQuerySet):
    office_lookup = "card__staff__office"
    census_lookup = "card__census"
    person_lookup = "card__person"
