"""What a run says to people: three warnings before, the result after, and good news."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from census_staff.batches.models import Batch
from census_staff.batches.states import BatchState
from census_staff.correspondence.models import Notice
from census_staff.correspondence.services import say_all

from .questions import accounts, day_of, hit, listed

# Days before the execution.
WAVES = (7, 3, 1)
WAITING = (BatchState.FROZEN, BatchState.APPROVED)
COLUMNS = ("pk", "person_id", "office_id", "census_id")


def wave_due(batch: Batch, at: datetime) -> int | None:
    """Return the wave that is to be sent now: the latest whose day has come, unless it went out."""
    if batch.state not in WAITING or batch.due_at is None or at >= batch.due_at:
        return None
    begun = [days for days in WAVES if at >= batch.due_at - timedelta(days=days)]
    wave = min(begun, default=None)
    return wave if wave and str(wave) not in batch.params.get("waves", {}) else None


def send_wave(batch: Batch, wave: int, at: datetime) -> int:
    """Queue the notice of one wave to everybody listed who has not mended it; return how many.

    Each is said once however often this is called; the wave is marked when all are queued.
    """
    rows = hit(listed(accounts(batch), batch), batch, day_of(batch)).order_by("pk")
    facts = _facts(batch) | {"days": wave}
    after, told = 0, 0
    while some := list(rows.filter(pk__gt=after).values(*COLUMNS)[:2000]):
        _say("run_warning", batch, some, at, facts, f"run:{batch.pk}:{wave}d")
        after, told = some[-1]["pk"], told + len(some)
    fresh = Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    waves = fresh.params.get("waves", {}) | {str(wave): {"at": at.isoformat(), "told": told}}
    fresh.params = fresh.params | {"waves": waves}
    fresh.save(update_fields=["params"])
    return told


def tell_disabled(batch: Batch, rows: Iterable[Mapping[str, Any]], at: datetime) -> None:
    """Queue for each of these people what happened, by which rule, and what mends it."""
    _say("run_disabled", batch, rows, at, _facts(batch), f"run:{batch.pk}:off")


def tell_undone(batch: Batch, rows: Iterable[Mapping[str, Any]], at: datetime) -> None:
    """Queue for each of these people that the run was undone and their access is open again."""
    _say("run_undone", batch, rows, at, _facts(batch), f"run:{batch.pk}:undone")


def unread(batch: Batch) -> Any:
    """Keep the listed who have not mended it and have opened none of this run's notices."""
    read = Notice.objects.filter(
        batch_id=batch.pk, person=OuterRef("person"), read_at__isnull=False
    )
    rows = hit(listed(accounts(batch), batch), batch, day_of(batch))
    return rows.filter(~Exists(read))


def told(batch: Batch, people: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return for each of these people how many warnings were queued and how many they opened."""
    found: dict[int, dict[str, int]] = {}
    rows = Notice.objects.filter(batch_id=batch.pk, kind="run_warning", person__in=list(people))
    for person, read_at in rows.values_list("person_id", "read_at"):
        tally = found.setdefault(person, {"told": 0, "read": 0})
        tally["told"] += 1
        tally["read"] += read_at is not None
    return found


def _facts(batch: Batch) -> dict[str, Any]:
    return {
        "execute_at": batch.due_at.isoformat() if batch.due_at else "",
        "deadline_at": batch.census.deadline_at.isoformat(),
        "standards": batch.params.get("standards", []),
    }


def _say(
    kind: str,
    batch: Batch,
    rows: Iterable[Mapping[str, Any]],
    at: datetime,
    facts: dict[str, Any],
    key: str,
) -> None:
    say_all(
        [
            Notice(
                kind=kind,
                person_id=row["person_id"],
                census_id=row["census_id"],
                office_id=row["office_id"],
                facts=facts,
                once_key=f"{key}:{row['person_id']}",
                batch_id=batch.pk,
                due_at=at,
            )
            for row in rows
        ]
    )


def waiting_runs() -> Any:
    """Keep the runs whose list is frozen and whose time has not come."""
    return Batch.objects.filter(kind="disable", state__in=WAITING).select_related(
        "census", "office"
    )
