from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from census_staff.censuses.presets import PRESETS, open_census


class Command(BaseCommand):
    """Open a census from its preset; again changes nothing."""

    help = "Open a census from a preset."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the preset's name."""
        parser.add_argument("preset", choices=sorted(PRESETS))

    def handle(self, *args: Any, **options: Any) -> None:
        """Open it and say which."""
        census = open_census(PRESETS[options["preset"]])
        self.stdout.write(f"{census.name} ({census.code}) stands.")
