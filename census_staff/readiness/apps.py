"""Names the checks to Django, so that `manage.py check --database default` runs them too."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class ReadinessConfig(AppConfig):
    name = "census_staff.readiness"

    def ready(self) -> None:
        """Register the checks once the settings are known."""
        from .database import check_database
        from .keys import check_keys, check_second_step

        register(check_keys, Tags.security)
        register(check_second_step, Tags.security)
        register(check_database, Tags.database)
