"""Sixteen issuers number the same people at the same moment, each in a process of its own."""

import subprocess
import sys

import pytest

from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from credentials import numbers
from credentials.models import Card, CardNumber, NumberSequence
from tests.standing import World

ISSUERS, PEOPLE, SHARED = 16, 56, 24
# When the gate falls, each asks for some whom only the numbers' sequence has in common with those of
# the others; then for the people whom all ask for, in an order of its own; then for everybody.
SCRIPT = f"""
import os, random, sys
import django; django.setup()
from django.db import connection
from census_staff.accounts.models import User
from credentials import issue
from recruitment.models import Staff
keys = list(Staff.objects.order_by("pk").values_list("pk", flat=True))
user = User.objects.get(login=sys.argv[1])
connection.close()
gate, opener = os.pipe()

def issuer(seed):
    os.close(opener)
    shared, own = keys[:{SHARED}], keys[{SHARED} + seed::{ISSUERS}]
    random.Random(seed).shuffle(shared)
    connection.ensure_connection()
    os.read(gate, 1)
    for some in (own, shared[::2], shared[1::2], keys):
        done = issue.number(Staff.objects.filter(pk__in=some), actor=user)
        assert {{why.code for why in done.refused.values()}} <= {{"already_numbered"}}, done.refused
        os.write(1, b"%d\\n" % len(done.cards))

children = []
for seed in range({ISSUERS}):
    child = os.fork()
    if not child:
        code = 1
        try:
            issuer(seed)
            code = 0
        finally:
            os._exit(code)
    children.append(child)
os.close(opener)
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""


@pytest.mark.django_db(transaction=True)
def test_sixteen_processes_give_each_person_one_number_and_no_number_twice() -> None:
    world = World()
    for turn in range(PEOPLE):
        world.ready(role="supervisor" if turn % 4 == 0 else "enumerator")

    login = world.user(Role.CARD_ISSUER).login
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, login], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    made = list(map(int, done.stdout.split()))
    assert len(made) == 4 * ISSUERS and sum(made) == PEOPLE
    assert Card.objects.count() == CardNumber.objects.count() == PEOPLE
    assert CardNumber.objects.values("person").distinct().count() == PEOPLE
    given = [numbers.parse(text) for text in CardNumber.objects.values_list("number", flat=True)]
    for digit, people in (("1", PEOPLE // 4), ("2", PEOPLE - PEOPLE // 4)):
        # In a row from one, whoever waited for whom: a number lost in a race would leave a hole.
        assert sorted(of.sequence for of in given if of.role == digit) == list(range(1, people + 1))
    assert sorted(NumberSequence.objects.values_list("last", flat=True)) == [14, 42]
    births = Entry.objects.filter(subject="credentials_card", old="", new="numbered")
    assert births.count() == births.values("subject_id").distinct().count() == PEOPLE
