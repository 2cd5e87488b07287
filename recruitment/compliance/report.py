"""The figures of a run: county by county, reason by reason, and what the freeze could not know."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils import timezone

from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.states import BatchState, ItemState
from census_staff.places.models import Office, OfficeLevel

from .questions import accounts, by_office, counties, fold, hit, standards_of, visible_items

# How many keys of people a report keeps beside its counts.
KEPT_KEYS = 5000


@dataclass
class Row:
    """A county of the matrix: who is listed by first reason, who is exempt, what became of them."""

    county: int
    name: str
    reasons: dict[str, int] = field(default_factory=dict)
    exempt: int = 0
    pending: int = 0
    done: int = 0
    spared: int = 0
    undone: int = 0
    kept: int = 0

    @property
    def listed(self) -> int:
        """Return how many the frozen list named for disabling, whatever became of them."""
        return sum(self.reasons.values())


class Lot(NamedTuple):
    """So many people of a county whose items are alike; all figures of a run are sums of these."""

    county: int
    state: str
    reason: str
    # The first of the standards they owe.
    first: str
    was_exempt: bool
    is_offline: bool
    n: int


def count_lots(batch: Batch, items: "QuerySet[BatchItem]") -> list[Lot]:
    """Return the items counted in one pass over them."""
    above = counties(batch.office.path)
    counted = items.order_by().values_list(
        "office_id",
        "state",
        "reason",
        KeyTextTransform("0", KeyTransform("unmet", "facts")),
        KeyTextTransform("was_exempt", "facts"),
        KeyTextTransform("offline", "facts"),
    )
    sums: dict[tuple[Any, ...], int] = defaultdict(int)
    for office, state, reason, first, told, offline, n in counted.annotate(n=Count("pk")):
        key = (above[office].pk, state, reason, first or "", bool(told), offline == "true")
        sums[key] += n
    return [Lot._make((*key, n)) for key, n in sums.items()]


def figures_of(batch: Batch) -> dict[str, Any]:
    """Return what a run keeps of its list: open accounts and listed by county, and its lots."""
    lots = count_lots(batch, batch.items.all())
    listed: dict[str, int] = defaultdict(int)
    for lot in lots:
        if lot.state == ItemState.PENDING:
            listed[str(lot.county)] += lot.n
    opened = fold(by_office(accounts(batch)), counties(batch.office.path))
    return {
        "open": {str(county): n for county, n in opened.items()},
        "listed": dict(listed),
        "lots": [list(lot) for lot in lots],
    }


def lots_of(batch: Batch, actor: Any) -> list[Lot]:
    """Return the lots within the actor's reach, as they were counted when the list last changed.

    They are counted anew only while the run is under way or is being undone, and for who sees a
    part of a county.
    """
    room: dict[str, Any] = {}
    if batch.started_at is None:
        room = batch.params.get("figures", {})
    elif batch.state in (BatchState.DONE, BatchState.UNDO_ASKED):
        room = batch.report
    kept = _seen(batch, actor, room)
    return count_lots(batch, visible_items(batch, actor)) if kept is None else kept


def moving_lots(batch: Batch, actor: Any) -> list[Lot]:
    """Return the lots of now without county and standard: asked for every two seconds while the run
    goes on, and so without a look into each item's facts."""
    kept = _seen(batch, actor, batch.params.get("figures", {}))
    if kept is None:
        return count_lots(batch, visible_items(batch, actor))
    counted = visible_items(batch, actor).order_by().values_list("state", "reason")
    lots = [
        Lot(0, state, reason, "", False, False, n)
        for state, reason, n in counted.annotate(n=Count("pk"))
    ]
    # Who was exempt before the freeze is told apart by the facts alone; their number stands.
    exempt = sum(lot.n for lot in kept if lot.was_exempt)
    apart = Lot(0, ItemState.SPARED, "exempt", "", True, False, exempt)
    return [*lots, apart, apart._replace(was_exempt=False, n=-exempt)] if exempt else lots


def _seen(batch: Batch, actor: Any, room: Mapping[str, Any]) -> list[Lot] | None:
    """Return of the lots that are kept those within the actor's reach; None where none are kept,
    and for who sees a part of a county only."""
    if "lots" not in room:
        return None
    known = actor.reach("run.view")
    reach = [path for path, census in known if census in (None, batch.census_id)]
    tops = {office.pk: office for office in counties(batch.office.path).values()}
    if any(_is_below_a_county(path, tops.values()) for path in reach):
        return None
    seen = {pk for pk, top in tops.items() if any(map(top.path.startswith, reach))}
    return [lot for lot in map(Lot._make, room["lots"]) if lot.county in seen]


def _is_below_a_county(path: str, tops: Iterable[Office]) -> bool:
    tops = (top for top in tops if top.level == OfficeLevel.COUNTY)
    return any(path.startswith(top.path) and path != top.path for top in tops)


def matrix(batch: Batch, lots: Iterable[Lot]) -> tuple[list[Row], Row]:
    """Return a row for each county, and their sum; a person counts under the first reason."""
    names = counties(batch.office.path)
    rows: dict[int, Row] = {}
    whole = Row(0, "")
    for lot in lots:
        county = names[lot.county]
        row = rows.setdefault(county.pk, Row(county.pk, county.short_name or county.name))
        for each in (row, whole):
            _add(each, lot)
    codes = standards_of(batch)
    for row in (*rows.values(), whole):
        row.reasons = {code: row.reasons.get(code, 0) for code in codes}
    return sorted(rows.values(), key=lambda row: (-row.listed, row.name)), whole


def add_up(lots: Iterable[Lot]) -> Row:
    """Return the sum of the lots."""
    whole = Row(0, "")
    for lot in lots:
        _add(whole, lot)
    return whole


def _add(row: Row, lot: Lot) -> None:
    if lot.was_exempt:
        # Exempt before the freeze: shown on the list, never to be disabled.
        row.exempt += lot.n
        return
    row.reasons[lot.first] = row.reasons.get(lot.first, 0) + lot.n
    setattr(row, lot.state, getattr(row, lot.state) + lot.n)


def spared_by(lots: Iterable[Lot]) -> dict[str, int]:
    """Return how many were spared (and put back, as `sitting`), by reason."""
    found: dict[str, int] = {}
    for lot in lots:
        told = lot.reason and not lot.was_exempt
        if told and lot.state in (ItemState.SPARED, ItemState.PENDING):
            found[lot.reason] = found.get(lot.reason, 0) + lot.n
    return found


@dataclass
class Share:
    """A county's figures: open accounts, and how many of them the run means."""

    county: int
    name: str
    open: int = 0
    listed: int = 0

    @property
    def percent(self) -> float:
        """Return the listed as hundredths of the open accounts."""
        return 100 * self.listed / self.open if self.open else 0.0


def shares(batch: Batch) -> list[Share]:
    """Return for every county with open accounts how many there were when the list was written,
    and how many are listed."""
    figures = batch.params.get("figures") or figures_of(batch)
    opened, listed = figures["open"], figures["listed"]
    names = county_names(batch)
    return [
        Share(pk, name, opened.get(str(pk), 0), listed.get(str(pk), 0))
        for pk, name in names.items()
        if str(pk) in opened or str(pk) in listed
    ]


def county_names(batch: Batch) -> dict[int, str]:
    """Return the counties within the run's reach by their short names."""
    tops = counties(batch.office.path).values()
    return {office.pk: office.short_name or office.name for office in tops}


def final_report(batch: Batch, at: datetime) -> dict[str, Any]:
    """Return what is kept with the batch: figures by county, reasons, lateness, later cases."""
    lots = count_lots(batch, batch.items.all())
    rows, _whole = matrix(batch, lots)
    return {
        "lots": [list(lot) for lot in lots],
        "counties": [
            {"county": row.county, "name": row.name, "listed": row.listed, "exempt": row.exempt}
            | {"disabled": row.done, "spared": row.spared}
            for row in rows
        ],
        "spared": spared_by(lots),
        "late": sum(lot.n for lot in lots if lot.reason == "met_late"),
        "after_freeze": after_freeze(batch, at),
    }


def after_freeze(batch: Batch, at: datetime) -> dict[str, Any]:
    """Return who would be hit now but is not on the list: added since, or fallen since."""
    items = BatchItem.objects.filter(batch=batch.pk, target_id=OuterRef("pk"))
    # Whoever was exempt at the freeze and is no longer has fallen since.
    items = items.exclude(facts__has_key="was_exempt")
    extra = hit(accounts(batch), batch, timezone.localdate(at)).filter(~Exists(items))
    added = extra.filter(activated_at__gt=batch.frozen_at)
    fallen = extra.exclude(activated_at__gt=batch.frozen_at)
    above = counties(batch.office.path)
    found: dict[str, Any] = {}
    for name, rows in (("added", added), ("fallen", fallen)):
        numbers = fold(by_office(rows), above)
        keys = rows.order_by("pk").values_list("pk", flat=True)[:KEPT_KEYS]
        found[name] = {
            "count": sum(numbers.values()),
            "counties": {str(county): n for county, n in numbers.items()},
            "staff": list(keys),
        }
    return found
