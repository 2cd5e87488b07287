from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from census_staff.audit.models import Entry, Seal
from census_staff.audit.sealer import broken_at, seal


class Command(BaseCommand):
    """`audit verify`: walk the whole chain and name the first place where it does not hold."""

    help = "Seal or verify the audit record."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the one word."""
        parser.add_argument("what", choices=("verify", "seal"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say what was found."""
        if options["what"] == "seal":
            self.stdout.write(f"{seal()} entries sealed.")
            return
        broken = broken_at()
        if broken:
            raise CommandError(
                f"The chain does not hold: entry number {broken[0]} was {broken[1]}."
            )
        waiting = Entry.objects.filter(seal=None).count()
        self.stdout.write(f"{Seal.objects.count()} entries hold; {waiting} wait for their seal.")
