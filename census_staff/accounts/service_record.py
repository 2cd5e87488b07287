"""What lower floors may know of a person's service in a census, asked by name (settings)."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class ServiceRecord:
    """A person's present record in one census, as recruitment tells it."""

    staff_id: int
    person_id: int
    census_id: int
    census_code: str
    office_id: int
    role: str
    service: str
    access: str

    @property
    def is_open(self) -> bool:
        """Return whether access is open."""
        return self.access in ("enabled", "reminded")


def record_of(person_id: int, census_code: str) -> ServiceRecord | None:
    """Return the person's live (else latest) record in the census, or None."""
    found: ServiceRecord | None = import_string(settings.SERVICE_RECORD)(person_id, census_code)
    return found


def record_sql(person: str, census_code: str) -> str:
    """Return the question of `record_of` in SQL, its columns named as the fields of the record.

    Person and census code are given as SQL: a placeholder, or a column of the question around it.
    """
    text: str = import_string(settings.SERVICE_RECORD_SQL)(person, census_code)
    return text


def records_of(person_id: int) -> list[ServiceRecord]:
    """Return the person's records, the live censuses first."""
    found: list[ServiceRecord] = import_string(settings.SERVICE_RECORDS)(person_id)
    return found


def offices_of(people: list[int]) -> dict[int, int]:
    """Return the office where each of these people serves, as their first record tells it."""
    found: dict[int, int] = import_string(settings.SERVICE_OFFICES)(people)
    return found


def roll_of(actor: Any, action: str, *, census_id: int) -> Any:
    """Return the appointed staff rows of a census on whom `actor` may do `action`."""
    return import_string(settings.SERVICE_ROLL)(actor, action, census_id=census_id)
