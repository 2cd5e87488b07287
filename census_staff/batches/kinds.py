"""What a kind of batch must be able to do. Kinds live on the floors above and are named in settings."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from .models import Batch, BatchItem
from .states import ItemState


@dataclass(frozen=True)
class Result:
    """What became of one item."""

    item: int
    state: ItemState
    reason: str = ""
    before: dict[str, Any] = field(default_factory=dict)


class Kind(Protocol):
    """The work of a kind. Every method runs inside the runner's transaction, the batch locked."""

    # Items per transaction; actions of the role table that may see, start, approve and undo it.
    chunk: int
    view_action: str
    start_action: str
    approve_action: str
    can_undo: bool
    # Its own page asks for more than a click: nothing is done to such work from the common one.
    own_page: bool

    def word(self, code: str) -> str:
        """Return a reason of an item, or of a stop, in words."""
        ...

    def actor(self, batch: Batch) -> Any:
        """Return who signs the work."""
        ...

    def begin(self, batch: Batch, at: datetime) -> None:
        """Look once more before the first item; raise `Refused` to stop the batch with its code."""
        ...

    def work(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Do the work of these items and say what became of each; give back as pending those to
        be asked again later (they wait behind the others)."""
        ...

    def finish(self, batch: Batch, at: datetime) -> dict[str, Any]:
        """Return the report, once nothing is pending."""
        ...

    def undo(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Put back what these items were before, where nobody changed them since."""
        ...


def kind_of(batch: Batch) -> Kind:
    """Return the kind's own object."""
    found: Kind = import_string(settings.BATCH_KINDS[batch.kind])()
    return found
