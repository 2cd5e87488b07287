"""The log of requests: routes and keys, never what was typed."""

import json
import logging
from typing import Any

import pytest
from django.test import Client

from census_staff.accounts.models import User
from census_staff.accounts.roles import Role
from census_staff.accounts.services.tokens import make_token
from census_staff.lib.log_lines import Line
from tests.standing import World


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a function that returns the lines so far."""
    monkeypatch.setattr(logging.getLogger("census.access"), "propagate", True)
    caplog.set_level(logging.INFO, "census.access")
    return lambda: [
        json.loads(each.getMessage()) for each in caplog.records if each.name == "census.access"
    ]


def test_a_line_says_who_asked_for_which_route_and_what_came_of_it(
    world: World, lines: Any
) -> None:
    clerk: User = world.user(Role.TOWNSHIP_CLERK)
    client = Client()
    client.force_login(clerk)
    client.get("/staff/?q=张三")
    line = lines()[-1]
    assert (line["method"], line["route"], line["status"]) == ("GET", "staff/", 200)
    assert line["user"] == clerk.pk and line["ms"] >= 0
    assert set(line) == {"at", "method", "route", "status", "ms", "user", "network"}
    assert "张三" not in json.dumps(line, ensure_ascii=False)


def test_neither_tokens_nor_addresses_stand_in_it(world: World, lines: Any) -> None:
    Client().get("/v/ABCDEFGHIJKLMNOPQRSTUVWXYZ", REMOTE_ADDR="10.1.2.3")
    Client().get("/nowhere/13800000000/")
    said = lines()
    assert [each["route"] for each in said] == ["v/<path:token>", "-"]
    assert [each["status"] for each in said] == [404, 404]
    assert "10.1" not in json.dumps(said) and "13800000000" not in json.dumps(said)


def test_the_user_of_a_token_is_named_too(world: World, lines: Any) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    _row, text = make_token(clerk, label="x", days=1, posting=clerk.postings.get())
    Client().get("/api/staff/", headers={"Authorization": f"Bearer {text}"})
    assert lines()[-1]["user"] == clerk.pk


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Not Found: /x/13800000000/", "Not Found: /x/***********/"),
        ("Key (id)=(341524190001010032) exists", "Key (id)=(******************) exists"),
        ("34152419000101003X.", "******************."),
        ("card 2034152420018946 at 1763769600123", "card 2034152420018946 at 1763769600123"),
    ],
)
def test_numbers_of_people_are_struck_out_of_every_line(said: str, kept: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (said,), None)
    assert Line("%(message)s").format(record) == kept


def test_they_are_struck_out_of_tracebacks_as_well() -> None:
    try:
        raise ValueError("13800000000")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "", 0, "broken", (), info)
    shown = Line("%(message)s").format(record)
    assert "ValueError" in shown and "ValueError: ***********" in shown
