from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CourseState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class UnitKind(TextChoices):
    PAGE = "page", _("Page")
    PDF = "pdf", _("Document")
    FILM = "film", _("Film")


class SetKind(TextChoices):
    REQUIRED = "required", _("Required training")
    RETRAINING = "retraining", _("Retraining")
