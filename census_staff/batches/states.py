from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BatchState(TextChoices):
    DRAFT = "draft", _("Preview")
    FROZEN = "frozen", _("Frozen, awaiting approval")
    APPROVED = "approved", _("Approved")
    RUNNING = "running", _("Running")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Done")
    UNDO_ASKED = "undo_asked", _("Undo awaiting approval")
    UNDOING = "undoing", _("Undoing")
    UNDONE = "undone", _("Undone")
    CANCELLED = "cancelled", pgettext_lazy("batch", "Cancelled")


class ItemState(TextChoices):
    PENDING = "pending", _("Pending")
    DONE = "done", _("Done")
    SPARED = "spared", _("Spared")
    REFUSED = "refused", pgettext_lazy("batch", "Refused")
    UNDONE = "undone", _("Undone")
    KEPT = "kept", _("Kept (changed since)")
