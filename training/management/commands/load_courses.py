"""Bring the courses that ship with the product into a census."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from census_staff.accounts.scope import System
from census_staff.censuses.models import Census
from census_staff.places.models import Office
from training.courses import load_courses


class Command(BaseCommand):
    help = "Bring the shipped courses into a census; what is there already stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the census and the office that gives the courses."""
        parser.add_argument("census", help="code of the census, as 04")
        parser.add_argument("--office", help="code of the office; the highest one unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say how many were new."""
        census = Census.objects.filter(code=options["census"]).first()
        offices = Office.objects.order_by("level", "pk")
        if options["office"]:
            offices = offices.filter(code=options["office"])
        office = offices.first()
        if census is None or office is None:
            raise CommandError("There is no such census or office.")
        made = load_courses(census, office=office, actor=System("load_courses"))
        self.stdout.write(f"{made} courses are new.")
