"""Whoever owns the server can write anything into the record; the chain tells."""

import os
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from census_staff.audit import sealer
from census_staff.audit.models import Entry, Seal
from tests import database
from tests.processes import wait_until
from tests.standing import World

pytestmark = pytest.mark.django_db(transaction=True)
UNBOUND = "SET session_replication_role = replica"
# What a superuser does, what is said of it, and at which place.
DEEDS = {
    "alters an entry": (["UPDATE audit_entry SET actor = 'user:1' WHERE id = {third}"], "altered", 3),
    "alters an entry's time": (
        ["UPDATE audit_entry SET at = at - interval '1 day' WHERE id = {third}"], "altered", 3,
    ),
    "alters its details": (
        ["UPDATE audit_entry SET details = '{{\"n\": 1}}' WHERE id = {third}"], "altered", 3,
    ),
    "removes an entry": (["DELETE FROM audit_entry WHERE id = {third}"], "removed", 3),
    "removes an entry with its seal": (
        ["DELETE FROM audit_seal WHERE number = 3", "DELETE FROM audit_entry WHERE id = {third}"],
        "removed", 3,
    ),
    "removes an entry and closes the gap": (
        ["DELETE FROM audit_seal WHERE number = 3", "DELETE FROM audit_entry WHERE id = {third}",
         "UPDATE audit_seal SET number = number - 1 WHERE number > 3"],
        "altered", 3,
    ),
    "exchanges two entries": (
        ["UPDATE audit_seal SET entry_id = -entry_id WHERE number IN (3, 4)",
         "UPDATE audit_seal SET entry_id = {fourth} WHERE number = 3",
         "UPDATE audit_seal SET entry_id = {third} WHERE number = 4"],
        "altered", 3,
    ),
    "exchanges the numbers of two seals": (
        ["UPDATE audit_seal SET number = -number WHERE number IN (3, 4)",
         "UPDATE audit_seal SET number = 7 + number WHERE number < 0"],
        "altered", 3,
    ),
    "removes the newest entry": (["DELETE FROM audit_entry WHERE id = {newest}"], "removed", 6),
    "cuts the end off, seal and all": (
        ["DELETE FROM audit_seal WHERE number >= 5", "DELETE FROM audit_entry WHERE id >= {fifth}"],
        "removed", 5,
    ),
}  # fmt: skip


def entries() -> dict[str, int]:
    """Return the keys of six sealed entries."""
    world = World()
    world.enabled()
    world.staff()
    # Whatever else runs on this server holds the seals back for as long as it lasts.
    wait_until(lambda: sealer.seal() >= 0 and Seal.objects.count() == 6, 60)
    keys = list(Seal.objects.order_by("number").values_list("entry_id", flat=True))
    return {"third": keys[2], "fourth": keys[3], "fifth": keys[4], "newest": keys[5]}


def as_superuser(*statements: str) -> None:
    """Run these as the owner of the server, with every trigger and key switched off."""
    own = urlsplit(os.environ["CENSUS_TEST_ADMIN_URL"])._replace(path=database.own_name())
    database.administer(UNBOUND, *statements, url=own.geturl())


def test_the_chain_names_what_a_superuser_did() -> None:
    keys = entries()
    call_command("audit", "verify")
    untouched = rows()
    for name, (statements, how, place) in DEEDS.items():
        as_superuser(*(statement.format(**keys) for statement in statements))
        assert sealer.broken_at() == (place, how), name
        with pytest.raises(CommandError, match=f"number {place} was {how}"):
            call_command("audit", "verify")
        put_back(untouched)
        assert sealer.broken_at() is None, name


def test_a_forged_chain_is_not_the_one_that_was_kept() -> None:
    keys = entries()
    as_superuser(f"UPDATE audit_entry SET actor = 'user:1' WHERE id = {keys['third']}")
    chain = bytes(32)
    for seal in Seal.objects.order_by("number").select_related("entry"):
        row = Entry.objects.values(*sealer.FIELDS).get(pk=seal.entry_id)
        chain = sealer.link(chain, seal.number, row)
        as_superuser(
            f"UPDATE audit_seal SET hash = '\\x{chain.hex()}' WHERE number = {seal.number}"
        )

    assert sealer.broken_at() == (6, "altered")


def test_whoever_may_not_write_the_record_cannot_seal_it_anew() -> None:
    entries()

    assert sealer.seal() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('audit_seal', 'UPDATE, DELETE, TRUNCATE')")
        assert cursor.fetchone() == (False,)


def rows() -> dict[str, list[str]]:
    """Return the whole record as text."""
    own = urlsplit(os.environ["CENSUS_TEST_ADMIN_URL"])._replace(path=database.own_name()).geturl()
    return {
        table: [row[0] for row in database.administer(f"SELECT t::text FROM {table} t", url=own)]
        for table in ("audit_entry", "audit_seal")
    }


def put_back(known: dict[str, list[str]]) -> None:
    """Write the record as it was."""
    inserts = [
        f"INSERT INTO {table} SELECT ('{row.replace(chr(39), chr(39) * 2)}'::{table}).*"
        for table, lines in known.items()
        for row in lines
    ]
    as_superuser("DELETE FROM audit_seal", "DELETE FROM audit_entry", *inserts)
