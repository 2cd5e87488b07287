import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from PIL import Image

from census_staff.accounts.roles import Role
from census_staff.people.models import Photo
from recruitment import files, photo_import, roster
from recruitment.models import RosterFile, RosterRow
from recruitment.roster_columns import roster_workbook
from tests.recruitment.rosters import line, refused, upload
from tests.standing import World


def lying() -> set[Path]:
    home = Path(settings.PRIVATE_DIR) / "uploads"
    return set(home.iterdir()) if home.exists() else set()


def portrait(size: tuple[int, int] = (300, 420)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "grey").save(out, "JPEG")
    return out.getvalue()


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, data in members.items():
            package.writestr(name, data)
    return out.getvalue()


def take(world: World, data: bytes) -> RosterFile:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    file = photo_import.take_in(
        [data], name="照片.zip", census=world.census, office=world.township, actor=clerk
    )
    photo_import.read(file.pk)
    file.refresh_from_db()
    return file


def test_an_upload_lies_encrypted_and_comes_back_whole() -> None:
    data = bytes(range(256)) * 9000

    stored = files.store([data[:5], data[5:]])

    [path] = [one for one in lying() if one.name == stored.name]
    assert path.stat().st_mode & 0o777 == 0o600
    assert data[:64] not in path.read_bytes()
    assert b"".join(files.contents(stored.name)) == data
    files.remove(stored.name)


def test_exchanged_pieces_of_a_stored_file_are_noticed() -> None:
    stored = files.store([b"a" * files.FRAME, b"b" * files.FRAME])
    path = Path(settings.PRIVATE_DIR) / "uploads" / stored.name
    whole = path.read_bytes()
    path.write_bytes(whole[len(whole) // 2 :] + whole[: len(whole) // 2])

    with pytest.raises(ValueError, match="altered"):
        list(files.contents(stored.name))
    path.unlink()


def test_a_refused_upload_leaves_nothing_behind(world: World) -> None:
    before = lying()

    with refused("workbook_not_a_workbook"):
        roster.take_in(
            [b"%PDF"],
            name="a.xlsx",
            census=world.census,
            office=world.township,
            actor=world.user(Role.TOWNSHIP_CLERK),
        )

    assert lying() == before and not RosterFile.objects.exists()


def test_on_its_date_a_file_goes_with_all_it_said(world: World) -> None:
    file = upload(world, [line()], world.user(Role.TOWNSHIP_CLERK))
    assert files.sweep() == 0

    swept = files.sweep(timezone.localdate() + timedelta(days=30))

    file.refresh_from_db()
    assert swept == 1 and file.stored == ""
    assert not RosterRow.objects.exclude(line=None).exists()
    assert file.counts["create"] == 1


def test_a_file_that_kills_its_readers_is_given_up(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    file = roster.take_in(
        [roster_workbook([line()])],
        name="a.xlsx",
        census=world.census,
        office=world.township,
        actor=clerk,
    )
    RosterFile.objects.filter(pk=file.pk).update(counts={"tries": 3})

    roster.read(file.pk)

    file.refresh_from_db()
    assert file.reading == "unreadable" and file.refusal


def test_a_workbook_without_people_or_columns_is_refused_in_words(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)

    assert upload(world, [], clerk).counts["refusal"] == "roster_empty"


def test_the_worker_makes_the_marked_workbook_of_a_large_file(world: World) -> None:
    file = upload(world, [line(office_code="341599")], world.user(Role.TOWNSHIP_CLERK))

    roster.want_marked(file)
    roster.read_waiting()

    file.refresh_from_db()
    made = b"".join(files.contents(file.counts["marked"]["stored"]))
    assert zipfile.is_zipfile(io.BytesIO(made))


def test_photos_find_their_people_and_the_rest_is_reported(world: World) -> None:
    mine, theirs = world.staff(), world.staff(office=world.other_township)
    small = world.staff()

    file = take(
        world,
        zipped(
            **{
                f"{mine.person.id_number}.jpg": portrait(),
                f"县/{theirs.person.id_number}.jpg": portrait(),
                f"{small.person.id_number}.jpg": portrait((50, 70)),
                "341524190001010013x.jpg": portrait(),
                "王五.jpg": portrait(),
                "坏的.jpg": b"no photo",
            }
        ),
    )

    assert file.reading == "read" and file.counts["create"] == 1
    assert [photo.person_id for photo in Photo.objects.all()] == [mine.person_id]
    found = [row.errors[0]["code"] for row in RosterRow.objects.filter(outcome="error")]
    assert sorted(found) == ["photo_too_small"] + ["photo_unmatched"] * 4


def test_the_same_photos_again_change_nothing(world: World) -> None:
    staff = world.staff()
    data = zipped(**{f"{staff.person.id_number}.jpg": portrait()})
    take(world, data)

    again = take(world, data)

    assert again.counts["unchanged"] == 1 and Photo.objects.count() == 1


def test_a_reader_that_was_killed_is_followed_by_one_that_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [world.staff() for _ in range(4)]
    monkeypatch.setattr(photo_import, "CHUNK", 1)
    keep, calls = photo_import._take, []

    def take_two(*arguments: object) -> bool:
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return keep(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(photo_import, "_take", take_two)
    data = zipped(**{f"{one.person.id_number}.jpg": portrait() for one in people})
    with pytest.raises(KeyboardInterrupt):
        take(world, data)
    monkeypatch.setattr(photo_import, "_take", keep)
    photo_import.read_waiting()

    assert RosterFile.objects.get().counts["create"] == 4
    assert Photo.objects.count() == 4


def test_what_is_no_zip_is_refused(world: World) -> None:
    with refused("photo_zip_damaged"):
        take(world, b"PK no zip")
