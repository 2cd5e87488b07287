from typing import Any

from django.core.management.base import BaseCommand

from exams.services.load_bank import load_bank


class Command(BaseCommand):
    help = "Bring the question bank on disk into the database; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say what changed."""
        done = load_bank()
        self.stdout.write(", ".join(f"{word} {number}" for word, number in done.items()))
