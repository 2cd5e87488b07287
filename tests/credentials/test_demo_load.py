"""The demonstration loads whole and true: every stage is there, and every rule holds in it."""

from pathlib import Path
from typing import Any

from census_staff.accounts.models import User
from census_staff.audit.models import Entry
from census_staff.batches.models import Batch
from census_staff.lib.idcard import parse
from census_staff.people.models import Person
from credentials.demo.load import load
from credentials.models import Card
from recruitment.models import AccessOrder, Staff


def test_a_small_demonstration_has_every_stage(db: None, tmp_path: Path, settings: Any) -> None:
    settings.PRIVATE_DIR = tmp_path / "private"

    desks = load(tmp_path, size=420)

    live = Staff.objects.filter(census__code="04")
    assert set(live.values_list("service", flat=True)) >= {
        "under_review", "returned", "refused", "reserve", "appointed", "on_duty", "left",
    }  # fmt: skip
    assert set(live.values_list("access", flat=True)) == {
        "not_activated", "enabled", "reminded", "disabled",
    }  # fmt: skip
    assert set(Card.objects.values_list("state", flat=True)) >= {
        "printed", "handed_over", "lost", "stolen", "recalled", "cancelled", "confiscated",
    }  # fmt: skip
    past = Batch.objects.get(kind="disable", census__code="05")
    assert past.state == "done"
    assert AccessOrder.objects.filter(batch_id=past.pk).count() == past.report["totals"]["done"] > 0
    assert Batch.objects.get(kind="disable", census__code="04").state == "frozen"
    assert (
        not Staff.objects.filter(service="on_duty")
        .exclude(cards__state__in=("handed_over", "damaged"))
        .exists()
    )
    assert all(parse(p.id_number).birth_on.year == 1900 for p in Person.objects.all()[:50])
    assert Entry.objects.filter(actor="").count() == 0
    accounts = tmp_path / "demonstration-accounts.txt"
    assert accounts.stat().st_mode & 0o777 == 0o600
    assert len(desks.printed) >= 14
    _word, login, secret = desks.printed[0]
    assert User.objects.get(login=login).check_password(secret)
