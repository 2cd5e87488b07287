"""However many stand at the door, those inside are served; who is turned away loses nothing."""

import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import argon2
import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.test import Client

from census_staff.accounts import hashers
from census_staff.accounts.hashers import AT_ONCE, NICENESS, hashing
from census_staff.accounts.models import SignInFailure
from census_staff.accounts.roles import Role
from census_staff.accounts.services.sign_in import MOST_AT_ONCE, room
from tests.processes import CHECKOUT, wait_until
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
    busy = [hashing.free.get() for _one in range(AT_ONCE)]
    waiting = threading.Thread(target=make_password, args=["Correct-Horse-9"])
    waiting.start()
    waiting.join(0.3)
    was_waiting = waiting.is_alive()
    for hand in busy:
        hashing.free.put(hand)
    waiting.join(20)
    assert was_waiting and not waiting.is_alive()


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux shares between sessions.")
def test_those_inside_come_before_those_who_hash() -> None:
    def niceness(pid: int) -> int:
        return os.getpriority(os.PRIO_PROCESS, pid)

    hashing.begin()
    for hand in hashing.all:
        assert hand.process
        pid = hand.process.pid
        assert niceness(pid) == max(niceness(0), NICENESS) > niceness(0)
        assert os.getsid(pid) == pid != os.getsid(0)


def test_a_forked_process_hashes_with_hands_of_its_own() -> None:
    kept = make_password("Correct-Horse-9")
    theirs = {hand.process.pid for hand in hashing.all if hand.process}
    pid = os.fork()
    if pid == 0:
        is_right = check_password("Correct-Horse-9", kept)
        ours = {hand.process.pid for hand in hashing.all if hand.process}
        os._exit(0 if is_right and ours and not ours & theirs else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert check_password("Correct-Horse-9", kept)
    assert {hand.process.pid for hand in hashing.all if hand.process} == theirs


def test_a_hand_that_dies_or_hangs_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashers, "LONGEST", 0.4)
    kept = make_password("Correct-Horse-9")
    for sign in (signal.SIGKILL, signal.SIGSTOP):
        hashing.begin()
        before = [hand.process.pid for hand in hashing.all if hand.process]
        for pid in before:
            os.kill(pid, sign)
        for _one in before:
            assert check_password("Correct-Horse-9", kept)
            assert not check_password("correct-horse-9", kept)
        assert not any(Path(f"/proc/{pid}").exists() for pid in before)


def test_a_hand_ends_with_whoever_it_hashes_for() -> None:
    said = (
        "import os, sys; from census_staff.accounts.hashers import hashing; hashing.begin();"
        " print(hashing.all[0].process.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", said], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        pid = int(holder.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        holder.kill()
    wait_until(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    """True where the process lives (not where it only waits to be buried)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_hash_is_what_any_other_argon2id_makes_of_it() -> None:
    kept = make_password("门前的人 Correct-Horse-9", salt="sixteen-signs-or")

    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    other = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
    assert other.verify(kept.removeprefix("argon2"), "门前的人 Correct-Horse-9")
    assert check_password("Correct-Horse-9", f"argon2{other.hash('Correct-Horse-9')}")
    for damaged in ("argon2$argon2id$v=19$m=19456", "argon2$", kept[:-4] + "!!!!"):
        assert not hashers.Argon2idHasher().verify("Correct-Horse-9", damaged)


@pytest.mark.parametrize("where", ["census_staff/embedded/running.py", "docker-compose.yml"])
def test_half_of_the_websites_threads_are_kept_for_those_inside(where: str) -> None:
    found = re.search(r'--blocking-threads(?:", "|=)(\d+)', (CHECKOUT / where).read_text())
    assert found and int(found[1]) == 2 * MOST_AT_ONCE
