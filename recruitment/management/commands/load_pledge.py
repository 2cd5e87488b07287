"""Bring the pledge that ships with the product into a census."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from census_staff.accounts.scope import System
from census_staff.censuses.models import Census
from recruitment.pledges import load_pledge_text


class Command(BaseCommand):
    help = "Bring the shipped pledge into a census; roles that have a text keep theirs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the census."""
        parser.add_argument("census", help="code of the census, as 04")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say for how many roles the text was new."""
        census = Census.objects.filter(code=options["census"]).first()
        if census is None:
            raise CommandError("There is no such census.")
        made = load_pledge_text(census, actor=System("load_pledge"))
        self.stdout.write(f"{made} texts are new.")
