from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CardState(TextChoices):
    NUMBERED = "numbered", _("Numbered")
    PRINTED = "printed", _("Printed")
    HANDED_OVER = "handed_over", _("Handed over")
    LOST = "lost", _("Lost")
    STOLEN = "stolen", _("Stolen")
    DAMAGED = "damaged", _("Damaged")
    REPLACED = "replaced", _("Replaced")
    RECALLED = "recalled", _("Recalled")
    CANCELLED = "cancelled", _("Cancelled")
    CONFISCATED = "confiscated", _("Confiscated")


# In somebody's hands and good: at most one per person, census and role.
IN_FORCE = (CardState.HANDED_OVER, CardState.DAMAGED)
# Made but not yet handed over: at most one as well.
PENDING = (CardState.NUMBERED, CardState.PRINTED)


class Showing(TextChoices):
    """What the public page says, in the order in which it is said (style.md)."""

    CONFISCATED = "confiscated", _("Confiscated")
    CANCELLED = "cancelled", _("Cancelled")
    RECALLED = "recalled", _("Recalled")
    REPLACED = "replaced", _("Replaced by a new card")
    LOST = "lost", _("Reported lost")
    SUSPENDED = "suspended", _("Suspended")
    EXPIRED = "expired", _("Expired")
    NOT_YET = "not_yet", _("Not yet on duty")
    VALID = "valid", _("Valid")
    UNKNOWN = "unknown", _("No such card")
    UNREADABLE = "unreadable", _("Not readable")


class Harm(TextChoices):
    """What its holder or an office reports about a card."""

    LOST = "lost", _("Lost, cannot be found")
    STOLEN = "stolen", _("Stolen or robbed")
    DAMAGED = "damaged", _("Damaged, hard to read")


class Breach(TextChoices):
    """What the rules on credentials forbid (article 5)."""

    ALTERED = "altered", _("Altered the card")
    COPIED = "copied", _("Copied the card")
    LENT = "lent", _("Lent the card")
    GIVEN = "given", _("Gave the card away")
    TRADED = "traded", _("Bought or sold the card")
    DESTROYED = "destroyed", _("Destroyed the card on purpose")
    MISUSED = "misused", _("Used the card for something other than this census")
