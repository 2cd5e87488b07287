"""However many stand at the door, those inside are served; who is turned away loses nothing."""

import os
import re
import sys
import threading
from contextlib import ExitStack

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.test import Client

from census_staff.accounts.hashers import AT_ONCE, NICENESS, hashing
from census_staff.accounts.models import SignInFailure
from census_staff.accounts.roles import Role
from census_staff.accounts.services.sign_in import MOST_AT_ONCE, room
from tests.processes import CHECKOUT
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
    release = threading.Event()
    busy = [hashing.hands.submit(release.wait, 20) for _one in range(AT_ONCE)]
    waiting = threading.Thread(target=make_password, args=["Correct-Horse-9"])
    waiting.start()
    waiting.join(0.3)
    was_waiting = waiting.is_alive()
    release.set()
    waiting.join(20)
    assert all(each.result() for each in busy)
    assert was_waiting and not waiting.is_alive()


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux keeps a priority for each thread.")
def test_those_inside_come_before_those_who_hash() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert hashing.hands.submit(niceness).result() == max(niceness(), NICENESS)
    assert niceness() < NICENESS


def test_a_forked_process_hashes_with_threads_of_its_own() -> None:
    kept = make_password("Correct-Horse-9")
    pid = os.fork()
    if pid == 0:
        os._exit(0 if check_password("Correct-Horse-9", kept) else 1)
    assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.parametrize("where", ["census_staff/embedded/running.py", "docker-compose.yml"])
def test_half_of_the_websites_threads_are_kept_for_those_inside(where: str) -> None:
    found = re.search(r'--blocking-threads(?:", "|=)(\d+)', (CHECKOUT / where).read_text())
    assert found and int(found[1]) == 2 * MOST_AT_ONCE
