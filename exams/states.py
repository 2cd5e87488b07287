from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ExamState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    CLOSED = "closed", _("Closed")


class AttemptState(TextChoices):
    OPEN = "open", _("Open")
    SUBMITTED = "submitted", _("Submitted")


class Mode(TextChoices):
    ONLINE = "online", _("Online")
    OFFLINE = "offline", _("In a room")


class ClosedBy(TextChoices):
    HAND = "hand", _("By hand")
    CLOCK = "clock", _("By the clock")
