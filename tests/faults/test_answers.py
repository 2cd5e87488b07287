"""Every acknowledged answer is in the mark: real HTTP, a network that repeats, reorders and breaks."""

import json
import random
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.utils import timezone

from exams.models import Answer, Attempt
from exams.services.grade import by_name
from exams.services.sit import start
from recruitment.models import Staff
from tests.exams.standing import key, publish, record
from tests.faults.browsers import CSRF, Phone
from tests.processes import wait_until, website
from tests.standing import World

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def site(django_db_setup: None) -> Iterator[str]:
    """Give the address of a web server that all these tests share."""
    with website() as address:
        yield address


def seated(site: str, world: World) -> tuple[Staff, Phone]:
    """Return somebody who sits the exam, and their phone."""
    staff = world.enabled()
    phone = Phone(site, staff.person.user)
    phone.begin()
    return staff, phone


def paper(phone: Phone) -> dict[int, tuple[str, ...]]:
    """Return the right letters of each question."""
    return key(Attempt.objects.get(pk=phone.attempt))


def kept(phone: Phone) -> set[str]:
    """Return the touches that lie in the database."""
    ops = Answer.objects.filter(attempt=phone.attempt).values_list("op", flat=True)
    return {str(op) for op in ops}


def test_answers_that_arrive_twice_and_in_any_order_are_marked_as_they_were_touched(site):
    world = World()
    publish(world)
    _staff, phone = seated(site, world)
    right = paper(phone)
    # Each question is first answered wrongly, then rightly, then some are cleared again.
    taps = [phone.touch(number, "F") for number in right]
    taps += [phone.touch(number, letters) for number, letters in right.items()]
    taps += [phone.touch(number, "") for number in range(1, 6)]
    sent = taps * 2
    random.Random(11).shuffle(sent)
    with ThreadPoolExecutor(4) as lines:
        parts = [sent[at : at + 7] for at in range(0, len(sent), 7)]
        assert {answer.status for answer in lines.map(lambda part: phone.send(*part), parts)} == {
            200
        }

    result = phone.hand_in().told

    assert phone.acknowledged == {tap["op"] for tap in taps} == kept(phone)
    assert Answer.objects.filter(attempt=phone.attempt).count() == len(taps)
    assert (result["score"], result["answered"]) == (2 * (len(right) - 5), len(right))


def test_of_two_tabs_the_one_that_was_opened_last_decides_and_the_other_is_told(site):
    world = World()
    publish(world)
    staff, old = seated(site, world)
    right = paper(old)
    new = Phone(site, staff.person.user)
    new.attempt = old.attempt
    assert old.send(old.touch(1, "F"), old.touch(2, right[2])).told["page"] == old.page
    assert new.open()["answers"] == {"1": ["F"], "2": list(right[2])}
    new.send(new.touch(1, right[1]))

    # The old tab goes on, later and with higher numbers of its own.
    late = [old.touch(1, "F") for _turn in range(5)]
    assert old.send(*late, old.touch(3, right[3])).told["page"] == new.page > old.page
    result = new.hand_in().told

    assert {tap["op"] for tap in late} <= kept(old)
    assert (result["answered"], result["score"]) == (3, 6)


def test_a_save_that_races_the_handing_in_is_marked_or_refused_and_never_lost(site):
    world = World()
    publish(world, attempts=20)
    staff = world.enabled()
    refused = 0
    for _round in range(4):
        phone = Phone(site, staff.person.user)
        phone.begin()
        right = paper(phone)
        taps = [phone.touch(number, letters) for number, letters in right.items()]
        gate = threading.Barrier(3)

        under_way = threading.Event()

        def send(some, phone=phone, gate=gate, under_way=under_way):
            gate.wait()
            found = []
            for tap in some:
                found.append(phone.send(tap).status)
                if len(found) == 5:
                    under_way.set()
            return found

        with ThreadPoolExecutor(2) as lines:
            senders = [lines.submit(send, taps[:25]), lines.submit(send, taps[25:])]
            gate.wait()
            under_way.wait(20)
            result = phone.hand_in().told
            statuses = senders[0].result() + senders[1].result()
        refused += statuses.count(409)
        assert set(statuses) <= {200, 409}
        assert phone.acknowledged == kept(phone)
        assert statuses.count(200) == len(phone.acknowledged) == result["answered"]
        assert result["score"] == 2 * len(phone.acknowledged)
    assert refused, "No save came after the handing in: nothing raced."


def test_answers_are_taken_within_the_grace_and_refused_with_a_sentence_after_it(site):
    world = World()
    exam = publish(world)
    staff = world.enabled()
    # Three seconds of the grace are left.
    gone = timedelta(minutes=exam.minutes, seconds=27)
    attempt = start(record(staff), actor=staff.person.user, now=timezone.now() - gone)
    phone = Phone(site, staff.person.user)
    phone.attempt = attempt.pk
    phone.open()
    right = paper(phone)
    early = phone.touch(1, right[1])
    taken = phone.send(early)
    assert taken.status == 200 and taken.told["saved"] == [early["op"]]

    wait_until(lambda: Attempt.objects.get(pk=attempt.pk).late_until < timezone.now())
    late = phone.touch(2, right[2])
    answer = phone.send(early, late)

    # The first was acknowledged and stays so; the second is refused in words.
    assert (answer.status, answer.told["code"]) == (409, "attempt_closed")
    assert answer.told["saved"] == [early["op"]] and answer.told["sentence"]
    result = phone.hand_in().told
    assert (result["closed_by"], result["answered"], result["score"]) == ("clock", 1, 2)
    assert kept(phone) == phone.acknowledged == {early["op"]}


@pytest.mark.parametrize("wrong_by", [-DAY, DAY])
def test_a_phone_whose_clock_is_a_day_wrong_changes_nothing(site, wrong_by):
    world = World()
    exam = publish(world, attempts=20)
    staff, phone = seated(site, world)
    right = paper(phone)

    def at(more: timedelta) -> str:
        return (timezone.now() + wrong_by + more).isoformat()

    # By the phone's own clock the wrong answer came last; by what was touched it came first.
    taps = [
        phone.touch(1, "F", client_at=at(timedelta(hours=2))),
        phone.touch(1, right[1], client_at=at(timedelta(0))),
    ]
    answer = phone.send(*reversed(taps))
    assert answer.status == 200 and answer.told["remaining_ms"] > (exam.minutes - 1) * 60_000
    assert phone.hand_in().told["score"] == 2
    saved = Answer.objects.filter(attempt=phone.attempt).values_list("saved_at", flat=True)
    assert all(abs(moment - timezone.now()) < timedelta(minutes=1) for moment in saved)

    # Whatever the phone says the time is, what comes after the grace comes after the grace.
    gone = timedelta(minutes=exam.minutes + 1)
    over = start(record(staff), actor=staff.person.user, now=timezone.now() - gone)
    phone.attempt, phone.page = over.pk, 1
    assert phone.send(phone.touch(1, "A", client_at=at(timedelta(0)))).status == 409


def raw(phone: Phone, taps: list[dict[str, object]]) -> bytes:
    """Return the bytes of a save."""
    body = json.dumps({"attempt": phone.attempt, "answers": taps}).encode()
    lines = [
        f"POST {phone.door}answers/ HTTP/1.1", f"Host: {phone.place}", f"Cookie: {phone.cookies}",
        f"X-CSRFToken: {CSRF}", f"Origin: http://{phone.place}", "Accept: application/json",
        "Content-Type: application/json", f"Content-Length: {len(body)}",
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode() + body


def die_after(phone: Phone, data: bytes) -> None:
    """Send these bytes and be gone, as a phone whose battery is empty."""
    host, port = phone.place.split(":")
    line = socket.create_connection((host, int(port)))
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    line.sendall(data)
    line.close()


def test_a_phone_that_dies_while_it_sends_loses_nothing_that_it_sends_again(site):
    world = World()
    publish(world)
    _staff, phone = seated(site, world)
    right = paper(phone)
    chance = random.Random(5)
    waiting = []
    for number in range(1, 21):
        tap = phone.touch(number, right[number])
        waiting.append(tap)
        data = raw(phone, [tap])
        # In the middle of the request, or with all of it sent and the answer never read.
        die_after(phone, data[: chance.randrange(20, len(data))] if number % 2 else data)
    halves = {tap["op"] for tap in waiting[::2]}
    assert not halves & kept(phone)

    # Switched on again, the phone sends all that nobody acknowledged.
    assert phone.send(*waiting).status == 200
    result = phone.hand_in().told

    assert phone.acknowledged == {tap["op"] for tap in waiting} == kept(phone)
    assert Answer.objects.filter(attempt=phone.attempt).count() == 20
    assert (result["answered"], result["score"]) == (20, 40)
    assert len(by_name(Attempt.objects.get(pk=phone.attempt))) == 20
