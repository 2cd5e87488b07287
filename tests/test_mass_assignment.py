"""Every form and serializer is sent every field of its models: what is not asked for changes nothing.

Each deed is done twice upon the same county: once as the page sends it, once with every other
field of the models beside it. The whole database must look the same after both.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from exams.services.load_bank import load_bank
from tests.doors import DEEDS, Deed, Ground
from tests.estate import build
from tests.exams.standing import publish
from tests.standing import World

MOMENT = timedelta(minutes=10)
HOUSE = ("census_staff", "training", "exams", "recruitment", "credentials")
# Drawn anew every time, or kept by digest: never twice the same.
DRAWN = {
    "token",
    "digest",
    "code_digest",
    "password",
    "session_key",
    "op",
    "submit_op",
    "seed",
    "paper",
}
WATCHED = [
    model
    for model in apps.get_models()
    if model.__module__.split(".")[0] in HOUSE
    and model.__name__ not in ("Session", "Entry", "Seal")
]


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    """Give one county for all deeds: each leaves it as it was."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            world = World()
            load_bank()
            made = build(world, world.county, world.township, "本县有其人")
            county = Ground(**vars(made))
            county.waiting, county.sitter = world.staff(), world.enabled()
            county.spare = world.ready()
            publish(world)
            for role in Role:
                world.user(role)
            yield county
            transaction.set_rollback(True)
        connection.close()


@pytest.mark.parametrize("name", DEEDS)
def test_what_a_door_does_not_ask_for_changes_nothing(ground: Ground, name: str) -> None:
    deed = DEEDS[name]

    plain = done(ground, deed, {})
    hostile = done(ground, deed, every_field(deed, ground))

    assert plain[0] < 400, f"the plain deed itself fails: {plain[0]}"
    assert plain[1] != untouched(ground), "the plain deed does nothing"
    assert apart(plain[1], hostile[1]) == {}
    assert hostile[0] == plain[0]


def apart(plain: dict[str, Any], hostile: dict[str, Any]) -> dict[str, Any]:
    """Return, by table, the rows of each that the other has not."""
    return {
        label: (list(Counter(plain[label]) - Counter(hostile[label])),
                list(Counter(hostile[label]) - Counter(plain[label])))
        for label in plain
        if plain[label] != hostile[label]
    }  # fmt: skip


def done(ground: Ground, deed: Deed, more: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Return the answer to the deed and the database after it; then take it back."""
    with transaction.atomic():
        known = keys()
        payload = deed.sends(ground) | {
            k: v for k, v in more.items() if k not in deed.sends(ground)
        }
        body = json.dumps(payload, default=str) if deed.is_json else payload
        kind = {"content_type": "application/json"} if deed.is_json else {}
        answer = ground.client(deed.who).post(deed.where(ground), body, **kind)
        found = snapshot(known)
        transaction.set_rollback(True)
    return answer.status_code, found


def every_field(deed: Deed, ground: Ground) -> dict[str, Any]:
    """Return every field of the deed's models that its door does not take, with a tempting value."""
    found = {
        name: tempting(field)
        for model in deed.models
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
        if name not in deed.takes
    }
    assert len(found) > 4
    return found


def tempting(field: Any) -> Any:
    """Return a value that would do harm in this field."""
    if field.is_relation:
        last = field.related_model._base_manager.order_by("-pk").first()
        return last.pk if last else 1
    if isinstance(field, models.BooleanField):
        return "true"
    if field.choices:
        return list(field.choices)[-1][0]
    if isinstance(field, models.DateTimeField):
        return "2020-02-02T02:02:02+08:00"
    if isinstance(field, models.DateField):
        return "2020-02-02"
    if isinstance(field, models.IntegerField):
        return "99"
    if isinstance(field, models.JSONField):
        return '{"forged": true}'
    states = {"state": "published", "service": "on_duty", "access": "enabled"}
    return states.get(field.name, "forged")


class Moment(models.Model):
    """Stands for the times of all rows among their keys."""

    class Meta:
        abstract = True


def clocks(model: type[models.Model]) -> list[str]:
    """Return the fields of a model that hold a time."""
    return [f.attname for f in model._meta.concrete_fields if isinstance(f, models.DateTimeField)]


def keys() -> dict[type[models.Model], set[Any]]:
    """Return the keys of all rows that are there."""
    found = {m: set(m._base_manager.values_list("pk", flat=True)) for m in WATCHED}
    found[Moment] = {
        value
        for m in WATCHED
        for row in m._base_manager.values_list(*clocks(m))
        for value in row
        if clocks(m)
    }
    return found


def snapshot(known: dict[type[models.Model], set[Any]]) -> dict[str, Any]:
    """Return what all tables say, apart from what is never twice the same."""
    after = {m._meta.label: rows(m, known) for m in WATCHED}
    told = Entry.objects.values_list("actor", "subject", "event", "old", "new", "reason")
    return after | {"audit": Counter(told)}


def untouched(ground: Ground) -> dict[str, Any]:
    return snapshot(keys())


def rows(model: Any, known: dict[type[models.Model], set[Any]]) -> list[str]:
    """Return the rows of a table as they would be if keys and clocks stood still."""
    shown = []
    moments = known[Moment]
    for row in model._base_manager.values():
        line = {}
        for field in model._meta.concrete_fields:
            value = row[field.attname]
            if field.name in DRAWN:
                continue
            owner = model if field.primary_key else field.related_model
            if owner in known and value is not None and value not in known[owner]:
                value = "new"
            elif isinstance(value, datetime) and value.microsecond:
                # Reckoned from the clock; what somebody typed has no fractions.
                value = value if value in moments else round((value - timezone.now()) / MOMENT)
            line[field.name] = bytes(value).hex() if isinstance(value, memoryview) else value
        shown.append(json.dumps(line, sort_keys=True, default=str, ensure_ascii=False))
    return sorted(shown)
