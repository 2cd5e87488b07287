"""The words of the two axes of a staff record."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Service(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    UNDER_REVIEW = "under_review", _("Under review")
    RETURNED = "returned", _("Returned")
    REFUSED = "refused", _("Refused")
    RESERVE = "reserve", _("Reserve")
    APPOINTED = "appointed", _("Appointed")
    ON_DUTY = "on_duty", _("On duty")
    LEFT = "left", _("Left")


class Access(TextChoices):
    NOT_ACTIVATED = "not_activated", _("Not activated")
    ENABLED = "enabled", _("Enabled")
    REMINDED = "reminded", _("Reminded")
    DISABLED = "disabled", _("Disabled")


# Serving: counted by the boards, and at most one such record per person and census.
LIVE = (
    Service.PROPOSED,
    Service.UNDER_REVIEW,
    Service.RETURNED,
    Service.RESERVE,
    Service.APPOINTED,
    Service.ON_DUTY,
)
APPOINTED = (Service.APPOINTED, Service.ON_DUTY)
OPEN = (Access.ENABLED, Access.REMINDED)
