"""What a run asks: whom its rule hits, who is left alone, and how large a share of a county it is."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, Count, Exists, Func, OuterRef, Q, TextField, Value, When
from django.utils import timezone

from census_staff.accounts.models import Posting
from census_staff.batches.models import Batch, BatchItem
from census_staff.places.models import Office, OfficeLevel

from ..models import Exemption, Staff
from ..querysets import StaffQuerySet
from ..standards import STANDARDS

# What the notice of the 21st names; other standards are chosen, never assumed.
DEFAULT_STANDARDS = ("sat_online",)


def exempt(code: str, on: date) -> Exists:
    """True where the outer staff row holds an approved exemption from `code` that lasts until `on`."""
    return Exists(
        Exemption.objects.filter(
            staff=OuterRef("pk"),
            approved_at__isnull=False,
            refused_at=None,
            until__gte=on,
            standards__contains=[code],
        )
    )


def owes(code: str, on: date) -> Q:
    """True where the standard is neither met nor exempted on that day."""
    return Q(~STANDARDS[code].met()) & Q(~exempt(code, on))


class Owed(Func):
    """The codes of the standards that a row owes, as an array in the order asked."""

    template = "array_remove(ARRAY[%(expressions)s], NULL)"
    output_field = ArrayField(TextField())

    def __init__(self, codes: Iterable[str], on: date) -> None:
        super().__init__(
            *(
                Case(
                    When(owes(code, on), then=Value(code)),
                    default=Value(None),
                    output_field=TextField(),
                )
                for code in codes
            )
        )


def office_user() -> Exists:
    """True where the outer row's person holds a posting: an office user, a county's coordinator."""
    return Exists(Posting.objects.filter(user__person=OuterRef("person"), ended_at=None))


def standards_of(batch: Batch) -> list[str]:
    """Return the standards of a run, in the order of the house."""
    chosen = set(batch.params.get("standards", ()))
    return [code for code in STANDARDS if code in chosen]


def day_of(batch: Batch) -> date:
    """Return the day on which exemptions must still hold."""
    return timezone.localdate(batch.due_at) if batch.due_at else timezone.localdate()


def accounts(batch: Batch) -> StaffQuerySet:
    """Keep the open accounts of field staff within the run's reach; office users are not among them."""
    rows: StaffQuerySet = Staff.objects.filter(
        census=batch.census_id, office__path__startswith=batch.office.path
    )
    return rows.live().open_access().filter(~office_user())


def hit(rows: StaffQuerySet, batch: Batch, on: date) -> StaffQuerySet:
    """Keep those who owe at least one of the run's standards on that day."""
    owing = Q(pk__in=[])
    for code in standards_of(batch):
        owing |= owes(code, on)
    return rows.filter(owing)


def listed(rows: StaffQuerySet, batch: Batch) -> StaffQuerySet:
    """Keep those whom the run's list names and who have not been dealt with."""
    items = BatchItem.objects.filter(batch=batch.pk, state="pending", target_id=OuterRef("pk"))
    return rows.filter(Exists(items))


def counties(path: str) -> dict[int, Office]:
    """Return for every office below `path` the county it belongs to (or itself, above counties)."""
    found: dict[int, Office] = {}
    top: Office | None = None
    # By path a county comes just before everything that belongs to it.
    for office in Office.objects.below(path).order_by("path"):
        if office.level == OfficeLevel.COUNTY:
            top = office
        found[office.pk] = top if top and office.path.startswith(top.path) else office
    return found


def by_office(rows: StaffQuerySet) -> dict[int, int]:
    """Return the number of rows of each office."""
    counted = rows.order_by().values_list("office_id").annotate(n=Count("pk"))
    return dict(counted)


def fold(numbers: Mapping[int, int], above: Mapping[int, Office]) -> dict[int, int]:
    """Return the numbers of offices added up to their counties."""
    sums: dict[int, int] = {}
    for office, n in numbers.items():
        county = above[office].pk
        sums[county] = sums.get(county, 0) + n
    return sums


def paths(actor: Any, action: str) -> list[str]:
    """Return the office paths under which the actor may do `action`."""
    return [path for path, _census in actor.reach(action)]


def visible_runs(actor: Any) -> Any:
    """Keep the runs that touch the actor's part of the tree: a county sees the city's run too."""
    rows = Batch.objects.filter(kind="disable").select_related("office", "census")
    gate = Q(pk__in=[])
    for path, census in actor.reach("run.view"):
        pieces = path.rstrip(".").split(".")
        above = [".".join(pieces[: n + 1]) + "." for n in range(len(pieces))]
        here = Q(office__path__startswith=path) | Q(office__path__in=above)
        gate |= here & Q(census=census) if census else here
    return rows.filter(gate)


def visible_items(batch: Batch, actor: Any) -> Any:
    """Keep the items of the run that lie within the actor's reach."""
    gate = Q(pk__in=[])
    for path, census in actor.reach("run.view"):
        if census in (None, batch.census_id):
            gate |= Q(office__path__startswith=path) if path else Q(pk__isnull=False)
    return batch.items.filter(gate)
