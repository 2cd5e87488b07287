"""Each broken design played once, upon the harness's own world and with its own questions."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections

from tests.faults.controls import scene
from tests.faults.harness import ground
from tests.faults.harness.campaigns import Campaign, Outcome, calm_mark
from tests.faults.harness.examinees import Examinee
from tests.faults.harness.long import Session
from tests.faults.harness.processes import Crew, kill_group


class Scene(Campaign):
    """A campaign whose kills are not by chance: one, where the design is broken."""

    # Whether chunks are the product's own from the start.
    is_calm = True
    # A guard of the database that stops this fault too, and would hide that the design is broken.
    switched_off = ""

    def carry_out(self, kills: int) -> Outcome:
        """Make the world anew, give the order, play the scene, and ask everything."""
        scene.forget()
        self.prepare()
        if self.is_calm:
            calm_mark().touch()
        self.order(self.name)
        self.play()
        self.calm()
        self.ask_everything()
        return self.outcome

    def order(self, what: str) -> None:
        """Give the order; the chunks stay as large as they are."""
        before = calm_mark().exists()
        # A worker would refuse to start where a guard is missing already.
        for name in self.crew.started:
            self.crew.wait_until_ready(name)
        if self.switched_off:
            connections.close_all()
            with connections["owner"].cursor() as cursor:
                cursor.execute(f"ALTER TABLE {self.switched_off}")
            connections["owner"].close()
        super().order(what)
        if before:
            calm_mark().touch()

    def play(self) -> None:
        """Do what brings the fault to light."""

    def hands(self) -> list[int]:
        """Return the hands of the worker."""
        main = self.crew.children["worker-1"].process
        assert main
        found = Path(f"/proc/{main.pid}/task/{main.pid}/children").read_text().split()
        return [int(one) for one in found]

    def kill_hands(self) -> None:
        """Kill whoever does the work, not who hands it out."""
        for hand in self.hands():
            os.kill(hand, signal.SIGKILL)


class SomebodyPasses(Scene):
    """While the worker has asked and not locked, somebody hands in."""

    def play(self) -> None:
        from django.utils import timezone

        from exams.services.grade import submit
        from exams.services.sit import open_page, save, start
        from recruitment.models import Staff
        from tests.exams.standing import answered, record

        assert scene.wait_for("asked")
        staff = Staff.objects.select_related("person__user", "census").get(
            pk=self.known.sitters[0][0]
        )
        user = staff.person.user
        attempt = start(record(staff), actor=user, now=timezone.now())
        open_page(attempt)
        taps = answered(attempt, right=45)
        save(record(staff), attempt.pk, taps)
        told = submit(attempt, actor=user)
        at = timezone.now()
        self.told.answers += [
            (attempt.pk, str(tap.op), tap.question, tap.page, tap.sequence,
             f"[{', '.join(f'{chr(34)}{one}{chr(34)}' for one in tap.choice)}]", at)
            for tap in taps
        ]  # fmt: skip
        self.told.results.append((attempt.pk, staff.pk, told.score, at))
        scene.say("passed")


class TwoAtOnce(Scene):
    """The bell rings twice, and two hands take the same items."""

    is_calm = False
    switched_off = "batches_batchitem DISABLE TRIGGER batches_batchitem_ended"

    def play(self) -> None:
        from census_staff.batches.tasks import wake

        wake.delay(self.facts["batch"])
        assert scene.wait_for("taken-", 2)


class ServerDies(Scene):
    """The server dies a moment after it acknowledged."""

    def play(self) -> None:
        phone = Examinee(
            self.known.sitters[0], lambda: [self.crew.ports["web-1"]], self.told,
            pace=0.0, begin_after=0.0,
        )  # fmt: skip
        attempt = phone._start()
        page = phone._ask("page/", {"attempt": attempt})["page"]
        tap = {"op": "00000000-0000-4000-8000-000000000001", "question": 1, "page": page,
               "sequence": 1, "choice": ["A"]}  # fmt: skip
        phone._save(attempt, [tap])
        assert self.told.answers
        kill_group(self.crew.children["web-1"])


class HandDies(Scene):
    """The hand dies in the middle of a chunk."""

    is_calm = False

    def play(self) -> None:
        assert self.killer.aim("hand", scene.PATIENCE)
        self.kill_hands()


class HandDiesAfterCommit(Scene):
    """The hand dies between the commit and the audit row."""

    is_calm = False

    switched_off = "recruitment_staff DISABLE TRIGGER recruitment_staff_moved"

    def play(self) -> None:
        assert scene.wait_for("committed")
        self.kill_hands()


@dataclass(frozen=True)
class Control:
    """How a broken design is played."""

    scene: Callable[..., Scene]
    processes: tuple[str, ...] = ("worker-1",)
    campaign: str = "run"
    # How long the work is waited for that has been lost.
    patience: float = 20.0


CONTROLS = {
    "trust_the_preview": Control(Scene),
    "ask_before_the_lock": Control(SomebodyPasses),
    "no_lock_on_the_batch": Control(TwoAtOnce),
    "acknowledge_before_the_commit": Control(ServerDies, ("web-1",), "exam"),
    "acknowledged_early": Control(HandDies, patience=2.5),
    "audit_outside": Control(HandDiesAfterCommit, ("worker-1", "beat")),
}


def play(session: Session, name: str) -> dict[str, list[Any]]:
    """Return what the harness finds wrong with a broken design."""
    control, module = CONTROLS[name], f"tests.faults.controls.{name}"
    is_web = control.campaign == "exam"
    crew = (
        Crew(session.servers, web=f"{module}:application")
        if is_web
        else Crew(session.servers, app=module)
    )
    # A server looks at its database before it serves.
    ground.fresh_world()
    with crew.running(*control.processes):
        played = control.scene(
            control.campaign, crew, session.world, session.chance, patience=control.patience
        )
        return played.carry_out(0).wrong
