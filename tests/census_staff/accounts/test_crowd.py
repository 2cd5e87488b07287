"""However many stand at the door, those inside are served; who is turned away loses nothing."""

import threading
from contextlib import ExitStack

from django.contrib.auth.hashers import make_password
from django.test import Client

from census_staff.accounts.hashers import AT_ONCE
from census_staff.accounts.models import SignInFailure
from census_staff.accounts.roles import Role
from census_staff.accounts.services.sign_in import MOST_AT_ONCE, room
from tests.standing import World


def test_who_finds_no_place_at_the_door_is_told_so_and_no_try_is_counted(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    given = {"name": clerk.login, "password": "Correct-Horse-9"}
    with ExitStack() as others:
        for _one in range(MOST_AT_ONCE):
            others.enter_context(room())
        refused = Client().post("/sign-in/", given)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        assert "现在登录的人较多" in refused.content.decode()
        assert not SignInFailure.objects.exists()
    assert Client().post("/sign-in/", given).status_code == 302


def test_a_place_is_free_again_whatever_came_of_the_try(world: World) -> None:
    clerk = world.user(Role.TOWNSHIP_CLERK)
    for number in range(MOST_AT_ONCE + 1):
        given = {"name": f"nobody-{number}", "password": "wrong"}
        assert Client().post("/sign-in/", given).status_code == 200
    given = {"name": clerk.login, "password": "Correct-Horse-9"}
    assert Client().post("/sign-in/", given).status_code == 302


def test_who_hashes_waits_for_a_processor_that_is_not_kept_for_those_inside() -> None:
    taken = 0
    while AT_ONCE.acquire(blocking=False):
        taken += 1
    hashing = threading.Thread(target=make_password, args=["Correct-Horse-9"])
    hashing.start()
    hashing.join(0.3)
    was_waiting = hashing.is_alive()
    for _one in range(taken):
        AT_ONCE.release()
    hashing.join(20)
    assert was_waiting and not hashing.is_alive()
