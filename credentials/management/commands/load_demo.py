from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from census_staff.censuses.models import Census
from credentials.demo.load import load


class Command(BaseCommand):
    """Fill an empty installation with Lu'an and its synthetic people."""

    help = "Load the demonstration into an installation without a census."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many people."""
        parser.add_argument("--size", type=int, default=4000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, or say why not."""
        if Census.objects.exists():
            # Not an error: whoever began without it, or was stopped at the very end, goes on.
            self.stdout.write("A census stands here already; the demonstration is for empty ones.")
            return
        desks = load(settings.STATE_DIR, size=options["size"])
        self.stdout.write(f"Loaded; {len(desks.printed)} accounts were written.")
