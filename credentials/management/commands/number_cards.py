"""Number everybody under an office who is ready, from the console."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from census_staff.accounts.models import User
from census_staff.places.models import Office
from credentials import facts, issue
from recruitment.models import Staff


class Command(BaseCommand):
    """`manage.py number_cards --census 04 --office 341524 --login NAME`"""

    help = "Give numbers to everybody under an office who is ready, in the name of an issuer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--census", required=True)
        parser.add_argument("--office", required=True)
        parser.add_argument("--login", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            actor = User.objects.get(login=options["login"])
            office = Office.objects.get(code=options["office"])
        except (User.DoesNotExist, Office.DoesNotExist) as error:
            raise CommandError(str(error)) from error
        rows = Staff.objects.filter(
            census__code=options["census"], office__path__startswith=office.path
        )
        done = issue.number(facts.awaiting_number(rows), actor=actor)
        self.stdout.write(f"numbered: {len(done.cards)}")
        for code, count in Counter(why.code for why in done.refused.values()).items():
            self.stdout.write(f"{code}: {count}")
