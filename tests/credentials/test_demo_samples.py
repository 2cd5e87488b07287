import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from census_staff.accounts.roles import Role
from census_staff.places.models import Region
from credentials.demo.people import people
from credentials.demo.workbooks import LINES, write_samples
from recruitment.models import RosterFile
from tests.standing import World


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    for number in range(201, 206):
        Region.objects.get_or_create(
            edition=world.census.region_edition,
            code=f"341524112{number}",
            defaults={
                "name": f"第{number}村",
                "parent_code": "341524112000",
                "level": "village",
            },
        )
    client.force_login(world.user(Role.TOWNSHIP_CLERK))
    return client


def upload(client: Client, kind: str) -> RosterFile:
    workbook = b"".join(client.get(f"/roster/sample/{kind}.xlsx").streaming_content)
    client.post("/roster/upload/", {"file": SimpleUploadedFile("演示名册.xlsx", workbook)})
    file: RosterFile = RosterFile.objects.latest("pk")
    return file


def test_without_a_demonstration_no_samples_are_offered(clerk: Client) -> None:
    assert "/roster/sample/" not in clerk.get("/roster/").content.decode()
    assert clerk.get("/roster/sample/clean.xlsx").status_code == 404
    assert clerk.get("/roster/sample/..%2Fkeys.xlsx").status_code == 404


def test_the_samples_are_offered_and_one_is_clean_and_the_other_dirty(
    world: World, clerk: Client
) -> None:
    write_samples(world.census, people(LINES))

    home = clerk.get("/roster/").content.decode()
    clean, dirty = upload(clerk, "clean"), upload(clerk, "dirty")

    assert "/roster/sample/clean.xlsx" in home and "/roster/sample/dirty.xlsx" in home
    assert clean.counts["create"] == clean.counts["rows"] == 30
    assert clean.counts["error"] == 0
    assert dirty.counts["error"] >= 5
