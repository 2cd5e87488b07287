"""Every acknowledged tap is in the mark: any order, repeats, lost replies, old pages, races, lateness."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from exams.models import Answer, Attempt
from exams.services.grade import final_answers, submit
from exams.services.sit import Tap, open_page, save, start
from tests.exams.standing import answered, publish, record, tap

FEW = st.integers(1, 4)
PICKS = st.lists(st.sampled_from("ABCD"), max_size=3, unique=True).map(tuple)


class Sitting(RuleBasedStateMachine):
    """Two phones sit one attempt; the network repeats and reorders what they send."""

    staff = None

    @initialize()
    def begin(self):
        """Start from a fresh attempt of the same person."""
        who = self.staff
        for old in Attempt.objects.open_of(record(who)):
            submit(old, actor=who.person.user)
        self.attempt = start(record(who), actor=who.person.user, now=timezone.now())
        self.page = open_page(self.attempt)
        self.sequences = {self.page: 0}
        self.sent = []
        self.waiting = []
        self.truth = {}

    @rule()
    def open_another_page(self):
        """Somebody opens the exam again, here or on another phone."""
        self.page = open_page(self.attempt)
        self.sequences[self.page] = 0

    @rule(question=FEW, choice=PICKS, back=st.integers(0, 2))
    def touch(self, question, choice, back):
        """A touch on the newest page, or on one that was left open elsewhere."""
        page = max(1, self.page - back)
        self.sequences[page] += 1
        touched = Tap(uuid.uuid4(), question, page, self.sequences[page], choice)
        self.waiting.append(touched)
        known = self.truth.get(question)
        rank = (page, self.sequences[page])
        if known is None or rank > known[0]:
            self.truth[question] = (rank, tuple(sorted(choice)))

    @rule(random=st.randoms(use_true_random=False), loses=st.booleans())
    def send(self, random, loses):
        """Some of what waits goes out, in any order; the reply may be lost and all sent again."""
        random.shuffle(self.waiting)
        part = self.waiting[: random.randint(0, len(self.waiting))]
        kept = save(record(self.staff), self.attempt.pk, part).operations
        assert set(kept) == {one.op for one in part}
        self.sent += part
        if not loses:
            self.waiting = self.waiting[len(part) :]

    @rule(random=st.randoms(use_true_random=False))
    def repeat(self, random):
        """The network delivers something once more."""
        if self.sent:
            save(record(self.staff), self.attempt.pk, [random.choice(self.sent)])

    def teardown(self):
        """Hand in after the last flush: the mark rests on what was touched, and on nothing else."""
        save(record(self.staff), self.attempt.pk, self.waiting)
        final = final_answers(self.attempt)
        assert final == {question: choice for question, (_rank, choice) in self.truth.items()}
        assert submit(self.attempt, actor=self.staff.person.user).answered == len(self.truth)


@pytest.mark.django_db
def test_whatever_the_network_does_the_last_touch_of_the_newest_page_stands(world):
    publish(world, attempts=20)
    Sitting.staff = world.enabled()
    quick = settings(
        max_examples=12,
        stateful_step_count=14,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Sitting, settings=quick)


def in_thread(work):
    """Run `work` beside us, with a connection of its own."""

    def run():
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_races_the_handing_in_is_either_marked_or_refused(world):
    publish(world, attempts=20)
    staff = world.enabled()
    who, user = record(staff), staff.person.user
    for _round in range(6):
        attempt = start(who, actor=user, now=timezone.now())
        open_page(attempt)
        taps = answered(attempt, right=50)
        acknowledged = []
        gate = threading.Barrier(2)

        def send(attempt=attempt, taps=taps, acknowledged=acknowledged, gate=gate):
            gate.wait()
            for one in taps:
                kept = save(who, attempt.pk, [one])
                acknowledged += kept.operations
                if kept.refused:
                    break

        sender = in_thread(send)
        gate.wait()
        done = submit(Attempt.objects.get(pk=attempt.pk), actor=user)
        sender.join()
        assert done.answered == len(acknowledged) == Answer.objects.filter(attempt=attempt).count()
        assert done.score == 2 * len(acknowledged)


@pytest.mark.django_db(transaction=True)
def test_two_starts_at_once_make_one_attempt(world):
    publish(world)
    staff = world.enabled()
    who, user, refusals = record(staff), staff.person.user, []

    def begin():
        try:
            start(who, actor=user, now=timezone.now())
        except Exception as refused:
            refusals.append(getattr(refused, "code", refused))

    for thread in [in_thread(begin) for _ in range(3)]:
        thread.join()
    assert Attempt.objects.count() == 1
    assert refusals == ["attempt_open"] * 2


@pytest.mark.django_db(transaction=True)
def test_grace_takes_answers_after_the_end_and_nothing_comes_later(world):
    publish(world)
    staff = world.enabled()
    who, user = record(staff), staff.person.user
    in_grace = start(who, actor=user, now=timezone.now() - timedelta(minutes=60, seconds=10))
    page = open_page(in_grace)
    early = tap(1, "A", page=page)
    kept = save(who, in_grace.pk, [early])
    assert kept.operations == (early.op,) and kept.remaining < timedelta()
    submit(in_grace, actor=user)

    late = tap(2, "B", page=page)
    # The reply to the first was lost: it is named as kept, the other is refused with the reason.
    answer = save(who, in_grace.pk, [early, late])
    assert answer.operations == (early.op,)
    assert answer.refused.code == "attempt_closed"
    assert Answer.objects.count() == 1

    gone = start(who, actor=user, now=timezone.now() - timedelta(minutes=61))
    assert save(who, gone.pk, [tap(1, "A")]).refused.code == "attempt_closed"
    with connection.cursor() as cursor, pytest.raises(Exception, match="closed"):
        cursor.execute(
            "INSERT INTO exams_answer (attempt_id, op, question, page, sequence, choice, saved_at)"
            " VALUES (%s, gen_random_uuid(), 1, 1, 1, '[]', now())",
            [gone.pk],
        )
    assert submit(gone, actor=user).closed_by == "clock"
