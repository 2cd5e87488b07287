"""Every reusable question about staff."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, Exists, F, Func, OuterRef, Q, TextField, Value, When
from django.utils import timezone

from census_staff.accounts.scope import Actor, ScopedQuerySet
from census_staff.people.models import is_called
from census_staff.places.models import Office
from exams.facts import passed_offline_only, sitting

from .orders import AccessOrder, Exemption
from .standards import HERE, READY, STANDARDS
from .states import APPOINTED, LIVE, OPEN


def asked(code: str) -> Q:
    """True where the row's census asks this standard for a card; the three facts always are."""
    return Q(pk__isnull=False) if code in READY else Q(census__card_standards__contains=[code])


class Unmet(Func):
    """The codes of the standards that a row does not meet, as an array."""

    template = "array_remove(ARRAY[%(expressions)s], NULL)"
    output_field = ArrayField(TextField())

    def __init__(self, *codes: str, asked_alone: bool = False) -> None:
        super().__init__(
            *(
                Case(
                    *([When(~asked(code), then=Value(None))] if asked_alone else []),
                    When(STANDARDS[code].met(), then=Value(None)),
                    default=Value(code),
                    output_field=TextField(),
                )
                for code in codes
            )
        )


class StaffQuerySet(ScopedQuerySet):
    def team(self, actor: object) -> Self:
        """Keep the people whose supervisor `actor` is."""
        person = getattr(actor, "person_id", None)
        return self.filter(supervisor__person=person) if person else self.none()

    def live(self) -> Self:
        """Keep those who are in the census: neither refused nor gone."""
        return self.filter(service__in=LIVE)

    def appointed(self) -> Self:
        """Keep those whom a review appointed."""
        return self.filter(service__in=APPOINTED)

    def open_access(self) -> Self:
        """Keep those whose access is open."""
        return self.filter(access__in=OPEN)

    def meeting(self, *codes: str) -> Self:
        """Keep those who meet all the standards."""
        return self.filter(*(STANDARDS[code].met() for code in codes))

    def missing(self, *codes: str) -> Self:
        """Keep those who fail at least one of the standards."""
        unmet = Q(pk__in=[])
        for code in codes:
            unmet |= Q(~STANDARDS[code].met())
        return self.filter(unmet)

    def ready(self) -> Self:
        """Keep those who are trained, have passed and have signed the pledge, and meet whatever
        else their census asks for a card."""
        more = (code for code in STANDARDS if code not in READY)
        return self.meeting(*READY).filter(
            *(~asked(code) | Q(STANDARDS[code].met()) for code in more)
        )

    def with_unmet(self, *codes: str) -> Self:
        """Annotate `unmet`: the codes of the standards not met, in one query; without codes,
        of those that the row's census asks for a card."""
        return self.annotate(unmet=Unmet(*codes) if codes else Unmet(*STANDARDS, asked_alone=True))

    def sitting_now(self) -> Self:
        """Keep those who have an attempt open."""
        return self.filter(sitting(person="person", census="census"))

    def not_sitting(self) -> Self:
        """Keep those who have no attempt open."""
        return self.filter(~sitting(person="person", census="census"))

    def offline_passers(self) -> Self:
        """Keep those who passed in a room but never sat online."""
        return self.filter(passed_offline_only(**HERE)).missing("sat_online")

    def exempt_from(self, *codes: str) -> Self:
        """Keep those who hold an approved exemption, not yet ended, from every one of `codes`."""
        return self.filter(
            Exists(
                Exemption.objects.filter(
                    staff=OuterRef("pk"),
                    approved_at__isnull=False,
                    until__gte=timezone.localdate(),
                    standards__contains=list(codes),
                )
            )
        )

    def entered_by_others(self, actor: Actor) -> Self:
        """Keep what `actor` neither entered nor last submitted."""
        pk = getattr(actor, "pk", None)
        return self.exclude(entered_by=pk) if pk else self

    def order_met(self) -> Self:
        """Keep the disabled whose open order names no standard that is still unmet and not exempt."""
        unmet = Q(pk__in=[])
        for code, standard in STANDARDS.items():
            named = Exists(
                AccessOrder.objects.filter(
                    staff=OuterRef("pk"), ended_at=None, kind="disable", standards__contains=[code]
                )
            )
            exempt = Exists(
                Exemption.objects.filter(
                    staff=OuterRef("pk"),
                    approved_at__isnull=False,
                    until__gte=timezone.localdate(),
                    standards__contains=[code],
                )
            )
            unmet |= Q(named) & Q(~standard.met()) & Q(~exempt)
        return self.exclude(unmet)

    def in_office(self, office_id: int) -> Self:
        """Keep the people of an office and of all below it."""
        path = Office.objects.filter(pk=office_id).values_list("path", flat=True).first()
        return self.filter(office__path__startswith=path) if path else self.none()

    def search(self, text: str, *, everywhere: bool = True) -> Self:
        """Keep the people whose name (any part), pinyin (beginning) matches `text`; whether it is
        looked for everywhere or among few is for the way there alone."""
        text = text.strip()
        return self.filter(is_called(text, "person__", everywhere=everywhere)) if text else self

    def in_name_order(self) -> Self:
        """Order by pinyin, then key."""
        return self.order_by(F("person__name_key"), "pk")
