"""Activation: accounts and slips; codes are printed and forgotten."""

import re
from typing import Any

import pypdfium2
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from census_staff.accounts import services as accounts
from census_staff.accounts.models import ActivationCode, User
from census_staff.accounts.roles import Role
from census_staff.accounts.services import open_account
from census_staff.accounts.services.sign_in import sign_in
from census_staff.batches import services as batches
from census_staff.batches.models import Batch
from census_staff.batches.runner import run
from census_staff.lib.errors import Refused
from recruitment import activation, services
from recruitment.models import Staff
from tests.standing import World

CODE = re.compile(r"[A-Z0-9]{5}-[A-Z0-9]{5}")


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Any, settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path, "file_permissions_mode": 0o600},
        },
    }


def words_of(pdf: bytes) -> str:
    """Return the text of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def activated(world: World, *rows: Staff) -> Batch:
    """Return the finished activation of these people."""
    actor = world.user(Role.COUNTY_REVIEWER)
    batch = activation.prepare(
        Staff.objects.filter(pk__in=[one.pk for one in rows]),
        actor=actor,
        census_id=world.census.pk,
    )
    batches.start(batch, actor=actor)
    return run(batch.pk)


def test_activation_opens_access_makes_accounts_and_prints_slips(world: World) -> None:
    rows = [world.appointed(name=name) for name in ("李道芳", "江绍伟")]

    batch = activated(world, *rows)

    assert batch.state == "done"
    for staff in rows:
        staff.refresh_from_db()
        assert staff.access == "enabled"
        assert User.objects.get(person=staff.person).activated_at is None
    pdf = activation.open_slips(batch, world.township.pk, actor=world.user(Role.COUNTY_REVIEWER))
    text = words_of(pdf)
    assert "李道芳" in text
    assert len(set(CODE.findall(text))) == 2
    assert rows[0].person.phone not in text


def test_the_codes_are_nowhere_but_on_the_slips(world: World) -> None:
    batch = activated(world, world.appointed())
    stored = activation.slips_of(batch, world.township.pk)
    assert stored is not None

    with default_storage.open(stored["stored"]) as file:
        kept = file.read()
    pdf = activation.open_slips(batch, world.township.pk, actor=world.user(Role.COUNTY_REVIEWER))
    code = CODE.findall(words_of(pdf))[0]

    assert not kept.startswith(b"%PDF")
    assert code.replace("-", "").encode() not in kept
    assert code.replace("-", "") not in str(batch.report)
    assert ActivationCode.objects.get().code_digest


def test_who_is_not_reviewed_is_not_activated(world: World) -> None:
    staff = world.staff()

    with pytest.raises(Refused) as refused:
        activated(world, staff)

    assert refused.value.code == "nobody_waits"
    assert not User.objects.filter(person=staff.person).exists()


def test_who_left_between_preview_and_start_is_left_out(world: World) -> None:
    staff, actor = world.appointed(), world.user(Role.COUNTY_REVIEWER)
    batch = activation.prepare(
        Staff.objects.filter(pk=staff.pk), actor=actor, census_id=world.census.pk
    )
    from recruitment.services import leave

    leave(staff, actor=world.user(Role.COORDINATOR), reason="另有工作")
    batches.start(batch, actor=actor)

    assert run(batch.pk).items.get().reason == "not_reviewed"
    assert not ActivationCode.objects.exists()


def test_printing_anew_voids_the_earlier_codes(world: World) -> None:
    batch = activated(world, world.appointed())
    first = ActivationCode.objects.get()

    activation.reprint(batch, world.township.pk, actor=world.user(Role.COUNTY_REVIEWER))

    first.refresh_from_db()
    assert first.voided_at is not None
    assert ActivationCode.objects.filter(voided_at=None).count() == 1


def test_who_has_signed_in_gets_no_further_slip(world: World) -> None:
    staff = world.appointed()
    batch = activated(world, staff)
    User.objects.filter(person=staff.person).update(activated_at=timezone.now())

    with pytest.raises(Refused) as refused:
        activation.reprint(batch, world.township.pk, actor=world.user(Role.COUNTY_REVIEWER))

    assert refused.value.code == "nobody_unused"


def test_slips_are_deleted_on_their_date(world: World) -> None:
    batch = activated(world, world.appointed())
    today = timezone.localdate()

    assert activation.sweep_slips(today) == 0
    assert activation.sweep_slips(today + activation.KEPT + activation.timedelta(days=1)) == 1

    batch.refresh_from_db()
    with pytest.raises(Refused) as refused:
        activation.open_slips(batch, world.township.pk, actor=world.user(Role.COUNTY_REVIEWER))
    assert refused.value.code == "slips_gone"


def test_the_pages_lead_from_townships_to_slips(world: World) -> None:
    world.appointed(name="李道芳")
    client = Client()
    client.force_login(world.user(Role.COUNTY_REVIEWER))
    assert world.township.name in client.get(reverse("activation_home")).content.decode()

    made = client.post(reverse("activation_prepare"), {"office": [world.township.pk]})
    assert "李道芳" in client.get(made["Location"]).content.decode()
    batch = Batch.objects.get(kind="activate")
    batches.start(batch, actor=world.user(Role.COUNTY_REVIEWER))
    run(batch.pk)

    page = client.get(made["Location"]).content.decode()
    assert reverse("slips_open", args=[batch.pk, world.township.pk]) in page
    assert 'style="' not in page
    got = client.post(reverse("slips_open", args=[batch.pk, world.township.pk]))
    assert got.content.startswith(b"%PDF")
    assert got["Cache-Control"] == "no-store"


def test_slips_of_another_county_are_not_there(world: World) -> None:
    batch = activated(world, world.appointed())
    client = Client()
    client.force_login(world.user(Role.COUNTY_REVIEWER, world.other_county))

    answer = client.post(reverse("slips_open", args=[batch.pk, world.township.pk]))

    assert answer.status_code == 404


def test_one_person_gets_a_new_slip_on_their_page(world: World) -> None:
    staff = world.appointed()
    activated(world, staff)
    client = Client()
    client.force_login(world.user(Role.COUNTY_REVIEWER))

    answer = client.post(reverse("slip_print", args=[staff.pk]))

    assert len(CODE.findall(words_of(answer.content))) == 1
    assert settings.SITE_URL.split("//")[1].split(":")[0] in words_of(answer.content)


def slip_code(staff: Staff, actor: User) -> str:
    """Return the code of a new slip for this person."""
    found: str = CODE.findall(words_of(activation.slip_for(staff, actor=actor)))[0]
    return found


@pytest.mark.parametrize("access", ["enabled", "disabled"])
def test_who_forgot_the_password_gets_a_slip_that_voids_the_earlier_one(
    world: World, access: str
) -> None:
    staff, actor = world.enabled(), world.user(Role.COUNTY_REVIEWER)
    if access == "disabled":
        boss = world.user(Role.COORDINATOR)
        services.disable(staff, actor=boss, reason="manual", sentence="手机丢失")
        staff.refresh_from_db()
    user = User.objects.get(person=staff.person)
    first = slip_code(staff, actor)
    second = slip_code(staff, actor)
    # Until the new code is used the password they may yet remember opens the door.
    assert sign_in(user.login, "census2026", network="x")[0] == user
    with pytest.raises(Refused):
        open_account(user.login, first)
    assert open_account(user.login, second) == user
    user.refresh_from_db()
    assert not user.has_usable_password() and user.first_step() == "confirm_name"


def test_the_page_of_an_activated_person_offers_the_slip(world: World, client: Client) -> None:
    staff = world.enabled()
    client.force_login(world.user(Role.COUNTY_REVIEWER))
    where = reverse("slip_print", args=[staff.pk])
    assert where in client.get(reverse("staff_page", args=[staff.pk])).content.decode()
    assert client.post(where)["Content-Type"] == "application/pdf"
    client.force_login(world.user(Role.TOWNSHIP_CLERK))
    assert where not in client.get(reverse("staff_page", args=[staff.pk])).content.decode()
    assert client.post(where).status_code == 403


def test_a_county_prints_no_slip_for_an_office_account_or_a_locked_one(world: World) -> None:
    actor = world.user(Role.COUNTY_REVIEWER)
    both, locked = world.enabled(), world.enabled()
    user = User.objects.get(person=both.person)
    accounts.grant(
        user, role=Role.CITY_STEWARD, office=world.city, census=None,
        actor=world.user(Role.SECURITY_ADMIN, world.city),
    )  # fmt: skip
    User.objects.filter(person=locked.person).update(locked_at=timezone.now())
    for staff, code in ((both, "office_account"), (locked, "account_locked")):
        with pytest.raises(Refused) as refused:
            activation.slip_for(Staff.objects.get(pk=staff.pk), actor=actor)
        assert refused.value.code == code
    with pytest.raises(Refused) as never:
        activation.slip_for(world.appointed(), actor=actor)
    assert never.value.code == "not_activated"
