"""The chain over the record finds what a superuser altered, removed or put in another order."""

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, transaction
from django.db.models import Q

from census_staff.audit import sealer
from census_staff.audit.models import Entry, Seal
from tests.standing import World


def test_an_entry_of_a_running_transaction_waits_for_its_seal(world: World) -> None:
    world.enabled()

    assert sealer.seal() == 0
    assert Entry.objects.exists()


@pytest.mark.parametrize("deed", ["UPDATE", "DELETE"])
def test_the_application_cannot_change_or_remove_an_entry(world: World, deed: str) -> None:
    world.enabled()
    rows = Entry.objects.all()

    with pytest.raises(Error) as caught, transaction.atomic():
        rows.update(new="left") if deed == "UPDATE" else rows._raw_delete("default")

    assert caught.value.__cause__.pgcode == "42501"


def test_an_unbroken_chain_holds(world: World, sealed: None) -> None:
    assert Seal.objects.count() == Entry.objects.count() > 3
    assert sealer.broken_at() is None
    call_command("audit", "verify")


def test_an_altered_entry_is_named(
    world: World, sealed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sealer.link

    def as_if_altered(before: bytes, number: int, row: dict[str, object]) -> bytes:
        return real(before, number, {**row, "new": "left"} if number == 2 else row)

    monkeypatch.setattr(sealer, "link", as_if_altered)

    assert sealer.broken_at() == (2, "altered")
    with pytest.raises(CommandError, match="number 2 was altered"):
        call_command("audit", "verify")


@pytest.fixture
def sealed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a world whose entries are sealed, though its transaction never commits."""
    world.enabled()
    chain = bytes(32)
    rows = Entry.objects.order_by("txid", "pk").values(*sealer.FIELDS)
    for number, row in enumerate(rows, start=1):
        chain = sealer.link(chain, number, row)
        Seal.objects.create(number=number, entry_id=row["id"], hash=chain)


def test_only_what_lies_behind_the_last_seal_is_looked_at(world: World, sealed: None) -> None:
    last = Seal.objects.select_related("entry").latest("number")
    ahead = last.entry.txid + 1

    assert not Entry.objects.filter(sealer._behind(last, ahead), pk__lte=last.entry_id).exists()
    # A restored database counts its transactions anew: then everything is asked.
    assert sealer._behind(last, last.entry.txid) == sealer._behind(None, ahead) == Q()
