"""`messages compile` writes the catalogs; `messages missing` says what still lacks Chinese."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from census_staff.lib import catalogs


class Command(BaseCommand):
    help = "Compile the message catalogs, or list the messages without Chinese."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the one word that says what to do."""
        parser.add_argument("what", choices=("compile", "missing", "unused"))

    def handle(self, *, what: str, **options: object) -> None:
        """Do it, and fail when something is missing or contradicts itself."""
        root = Path(settings.BASE_DIR)
        if what == "compile":
            self.stdout.write(f"{len(catalogs.compile_catalogs(root))} catalogs written.")
            return
        if what == "unused":
            faults = catalogs.unused(root)
        else:
            faults = [f"{found.place}: {found.key[1]!r}" for found in catalogs.missing(root)]
            faults += catalogs.conflicts(root) + catalogs.broken_names(root)
        self.stdout.write("\n".join(faults))
        if faults:
            raise CommandError(f"{len(faults)} messages need attention.")
