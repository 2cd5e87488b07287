"""The real places of Lu'an, the tree of offices, and what moving an office leaves alone."""

from pathlib import Path

import pytest
from django.core.management import call_command

from census_staff.lib.errors import Refused
from census_staff.places.models import Office, Region
from census_staff.places.regions_csv import LU_AN_2023
from census_staff.places.services import load_regions, move_office, plant_offices


def test_loading_lu_an_twice_leaves_it_as_it_was(db: None) -> None:
    first = load_regions(LU_AN_2023, edition=2023)
    again = load_regions(LU_AN_2023, edition=2023)

    assert first == again == Region.objects.count()
    counts = {level: Region.objects.filter(level=level).count() for level in ("county", "township")}
    assert counts == {"county": 7, "township": 146}
    assert Region.objects.filter(level="village").count() == 1970
    assert Region.objects.get(code="341524112000").name == "流波䃥镇"


def test_another_prefecture_loads_beside_it(db: None, tmp_path: Path) -> None:
    table = tmp_path / "huangshan.csv"
    table.write_text(
        "code,level,name,parent_code\n340000000000,province,安徽省,\n"
        "341000000000,city,黄山市,340000000000\n341002000000,county,屯溪区,341000000000\n",
        encoding="utf-8",
    )
    load_regions(LU_AN_2023, edition=2023)

    call_command("load_places", "--file", str(table), "--edition", "2024")

    assert Region.objects.filter(edition=2024).count() == 3
    assert Office.objects.get(code="341002").path == "34.3410.341002."


def test_planting_again_keeps_what_people_wrote(db: None) -> None:
    plant_offices(LU_AN_2023)
    Office.objects.filter(code="341524").update(phone="0564-735 0000")

    added = plant_offices(LU_AN_2023)

    assert added == 0
    assert Office.objects.get(code="341524").phone == "0564-735 0000"
    assert Office.objects.count() == 1 + 7 + 146


def test_moving_an_office_takes_its_subtree_and_no_number_changes(db: None) -> None:
    plant_offices(LU_AN_2023)
    zone = Office.objects.get(code="341502400")
    before = zone.county_code

    move_office(zone, under=Office.objects.get(code="341503"))

    zone.refresh_from_db()
    assert zone.path == "34.3415.341503.341502400."
    assert zone.county_code == before == "341502"


def test_an_office_is_not_placed_below_itself(db: None) -> None:
    plant_offices(LU_AN_2023)
    city = Office.objects.get(code="3415")

    with pytest.raises(Refused) as refused:
        move_office(city, under=Office.objects.get(code="341502"))

    assert refused.value.code == "office_below_itself"
