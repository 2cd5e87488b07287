from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from census_staff.lib.errors import Refused
from census_staff.places.regions_csv import LU_AN_2023
from census_staff.places.services import load_regions, plant_offices


class Command(BaseCommand):
    """Load an edition of regions and plant the offices; again changes nothing."""

    help = "Load a regions CSV (code,level,name,parent_code) and its offices."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take another file or edition."""
        parser.add_argument("--file", type=Path, default=LU_AN_2023)
        parser.add_argument("--edition", type=int, default=2023)
        parser.add_argument("--no-offices", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say how many."""
        try:
            regions = load_regions(options["file"], edition=options["edition"])
            offices = 0 if options["no_offices"] else plant_offices(options["file"])
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{regions} regions stand; {offices} offices were added.")
