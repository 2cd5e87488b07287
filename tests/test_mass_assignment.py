"""Every form and serializer is sent every field of its models: what is not asked for changes nothing.

Each deed is done twice upon the same county: once as the page sends it, once with every other
field of the models beside it. The whole database must look the same after both.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from django import forms
from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker
from rest_framework import serializers
from rest_framework.fields import empty

from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from credentials.models import Card
from exams.services.load_bank import load_bank
from recruitment.models import Appeal, RosterFile, Staff
from tests.doors import DEEDS as OF_OFFICES
from tests.doors import Deed, Ground
from tests.doors_of_oneself import MORE
from tests.estate import build
from tests.exams.standing import publish
from tests.standing import World

DEEDS = OF_OFFICES | MORE
CHECKOUT = Path(__file__).resolve().parent.parent
# How a serializer is given what was sent, or named in the description of the API as what is taken.
TAKES = re.compile(r"(\w+)\(\s*data=|(?:request=|\.parsed\()(\w+)")
# Deed -> the forms and serializers that read what it sent.
BOUND: dict[str, set[type]] = {}
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
    "stored",
}
# Keys of rows that stand among what is told of something.
NAMED = {"appeal": Appeal, "file": RosterFile}
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
            for role in (Role.SECURITY_ADMIN, Role.TRAINING_OFFICER):
                world.user(role, world.city)
            yield county
            transaction.set_rollback(True)
        connection.close()


@pytest.mark.parametrize("name", DEEDS)
def test_what_a_door_does_not_ask_for_changes_nothing(ground: Ground, name: str) -> None:
    plain = done(ground, name, {})
    hostile = done(ground, name, every_field(DEEDS[name], ground))

    assert plain.status < 400, f"the plain deed itself fails: {plain.status}"
    assert plain.writes == DEEDS[name].writes, "the plain deed does nothing"
    assert apart(plain.after, hostile.after) == {}
    assert hostile.status == plain.status


def test_whatever_takes_something_in_has_its_deed(ground: Ground) -> None:
    for name in DEEDS:
        if name not in BOUND:
            done(ground, name, {})

    asking = walk(forms.BaseForm) | asking_serializers()
    without = asking - set().union(*BOUND.values())

    assert len(asking) > 50
    assert {f"{one.__module__}.{one.__qualname__}" for one in without} == set()


def walk(base: type) -> set[type]:
    """Return the classes of ours below this one."""
    found = {one for child in base.__subclasses__() for one in walk(child) | {child}}
    return {one for one in found if one.__module__.split(".")[0] in HOUSE}


def asking_serializers() -> set[type]:
    """Return the serializers that are given what was sent, or said to take it."""
    known = {one.__name__: one for one in walk(serializers.BaseSerializer)}
    named = set()
    for app in HOUSE:
        for path in (CHECKOUT / app).rglob("*.py"):
            named |= set(TAKES.findall(path.read_text()))
    taking = {name for pair in named for name in pair if name}
    return {known[name] for name in taking & set(known)}


@contextmanager
def noticing() -> Iterator[set[type]]:
    """Give the forms and serializers that are bound to something sent meanwhile."""
    found: set[type] = set()
    form, serializer = forms.BaseForm.__init__, serializers.BaseSerializer.__init__

    def begin_form(self: Any, data: Any = None, files: Any = None, *rest: Any, **more: Any) -> None:
        if data is not None or files is not None:
            found.add(type(self))
        form(self, data, files, *rest, **more)

    def begin_serializer(self: Any, instance: Any = None, data: Any = empty, **more: Any) -> None:
        if data is not empty:
            found.add(type(self))
        serializer(self, instance, data, **more)

    with (
        patch.object(forms.BaseForm, "__init__", begin_form),
        patch.object(serializers.BaseSerializer, "__init__", begin_serializer),
    ):
        yield found


def apart(plain: dict[str, Any], hostile: dict[str, Any]) -> dict[str, Any]:
    """Return, by table, the rows of each that the other has not."""
    return {
        label: (list(Counter(plain[label]) - Counter(hostile[label])),
                list(Counter(hostile[label]) - Counter(plain[label])))
        for label in plain
        if plain[label] != hostile[label]
    }  # fmt: skip


class Done(NamedTuple):
    """What a deed was answered, and what it left."""

    status: int
    after: dict[str, Any]
    writes: bool


def done(ground: Ground, name: str, more: dict[str, Any]) -> Done:
    """Return the answer to the deed and the database after it; then take it back."""
    deed, kept = DEEDS[name], dict(ground.keys)
    with transaction.atomic():
        known = keys()
        client = deed.who(ground) if callable(deed.who) else ground.client(deed.who)
        payload = laden(deed.sends(ground), more)
        body = json.dumps(payload, default=str) if deed.is_json else payload
        kind = {"content_type": "application/json"} if deed.is_json else {}
        before = snapshot(known)
        with noticing() as classes:
            answer = client.post(deed.where(ground), body, **kind)
        after = snapshot(known)
        transaction.set_rollback(True)
    ground.keys = kept
    BOUND.setdefault(name, set()).update(classes)
    return Done(answer.status_code, after, after != before)


def laden(payload: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent with every other field beside it, also inside of its rows."""
    found = {
        name: [laden(row, more) if isinstance(row, dict) else row for row in value]
        if isinstance(value, list)
        else value
        for name, value in payload.items()
    }
    return {**more, **found}


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
            if field.name == "target_id" and value not in known[Staff] | known[Card]:
                value = "new"
            if isinstance(value, dict):
                fresh = [n for n, m in NAMED.items() if value.get(n) not in {None, *known[m]}]
                timed = {
                    n: told for n, told in value.items() if isinstance(told, dict) and "at" in told
                }
                value = value | dict.fromkeys(fresh, "new")
                value |= {name: told | {"at": "now"} for name, told in timed.items()}
            line[field.name] = bytes(value).hex() if isinstance(value, memoryview) else value
        shown.append(json.dumps(line, sort_keys=True, default=str, ensure_ascii=False))
    return sorted(shown)
