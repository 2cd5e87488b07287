"""What will become of a row: asked by the preview, and asked again when it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from census_staff.censuses.models import Census
from census_staff.lib import phones

from .models import RosterRow
from .roster_columns import RosterLine
from .roster_known import Desk, Facts, InFile, Known, desks_of, facts_about, key_of, supervisor_key
from .roster_words import remark
from .states import Service
from .words import EXPERIENCE_WORDS, SCHOOLING_RANK, Role

UNREVIEWED = (Service.PROPOSED, Service.UNDER_REVIEW, Service.RETURNED)
# What a roster may change at any time, and what the review has judged.
JOB = ("employer", "experience", "areas", "starts_on", "ends_on")
JUDGED = ("schooling", "hiring", "source")
Outcome = RosterRow.Outcome


@dataclass(slots=True)
class Verdict:
    """What becomes of a line, and why."""

    line: RosterLine
    outcome: str = Outcome.ERROR
    remarks: list[dict[str, Any]] = field(default_factory=list)
    # (field, old, new): asked of the review; (field, new): empty until now, simply filled.
    corrections: list[tuple[str, str, str]] = field(default_factory=list)
    fills: dict[str, str] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    office_id: int | None = None
    person_id: int | None = None
    staff_id: int | None = None
    service: str = ""
    supervisor_id: int | None = None
    supervisor_name: str = ""

    @property
    def is_sound(self) -> bool:
        """Return whether nothing holds the row back."""
        return not self.remarks or all(one.get("is_warning") for one in self.remarks)

    def refuse(self, name: str, code: str, **said: Any) -> None:
        """Note an error."""
        self.remarks.append(remark(name, code, **said))

    def warn(self, name: str, code: str) -> None:
        """Note what should be looked at; the row goes in."""
        self.remarks.append(remark(name, code, is_warning=True))


class Judge:
    """Judges the rows that one actor brings to one census."""

    def __init__(self, census: Census, actor: Any, *, today: date) -> None:
        self.census, self.today = census, today
        self.desks: dict[str, Desk] = desks_of(actor, census)
        self.paths = tuple(desk.path for desk in self.desks.values())
        names = {census.name, census.short_name, census.code}
        self.names = names | {
            word for line in EXPERIENCE_WORDS if names & set(line.split()) for word in line.split()
        }

    def judge(
        self,
        lines: Sequence[RosterLine],
        in_file: InFile | None = None,
        *,
        made: Mapping[bytes, Known] | None = None,
    ) -> list[Verdict]:
        """Return what becomes of each line; supervisors of a file are judged before their teams.

        `made` are the people whom this very transaction entered: nobody else knows them yet.
        """
        facts = facts_about(self.census, lines, made or {})
        return [self._one(line, facts, in_file) for line in lines]

    def _one(self, line: RosterLine, facts: Facts, in_file: InFile | None) -> Verdict:
        verdict = Verdict(line)
        desk = self._place(verdict)
        if in_file is not None:
            _require_once(verdict, in_file)
        known = facts.people.get(key_of("id", line.id_number)) if line.id_number else None
        _require_own_phone(verdict, known, facts)
        if desk is not None:
            self._supervise(verdict, desk, facts, in_file)
        self._hint(verdict, facts)
        present = facts.serving.get(known.pk) if known else None
        if present is not None:
            self._compare(verdict, present, desk)
        elif known and facts.refused.get(known.pk, "-").startswith(self.paths or ("+",)):
            verdict.refuse("id_number", "refused_before")
        if known is not None and verdict.is_sound:
            _correct(verdict, known, facts)
        if verdict.is_sound:
            verdict.person_id = known.pk if known else None
            verdict.outcome = _outcome(verdict)
        return verdict

    def _place(self, verdict: Verdict) -> Desk | None:
        line = verdict.line
        if line.census and line.census not in self.names:
            verdict.refuse("census", "census_wrong")
        desk = self.desks.get(line.office_code)
        if desk is None:
            if line.office_code:
                verdict.refuse("office_code", "office_out_of_scope")
            return None
        verdict.office_id = desk.pk
        return desk

    def _supervise(
        self, verdict: Verdict, desk: Desk, facts: Facts, in_file: InFile | None
    ) -> None:
        line = verdict.line
        key = supervisor_key(line) if line.role == Role.ENUMERATOR else None
        if key is None:
            return
        above = facts.above.get(key)
        if above is not None and self._may_lead(above.path, desk):
            verdict.supervisor_id, verdict.supervisor_name = above.pk, above.name
            return
        number = line.supervisor_id_number
        if in_file is None:
            verdict.refuse("supervisor", "supervisor_unknown")
        elif number in in_file.sound:
            verdict.supervisor_name = in_file.sound[number]
        else:
            _explain_supervisor(verdict, in_file)

    def _may_lead(self, path: str, desk: Desk) -> bool:
        """Return whether a supervisor of that office can be named: ours or above us, same county."""
        is_near = path.startswith(self.paths) or desk.path.startswith(path)
        return is_near and path.startswith(desk.county)

    def _hint(self, verdict: Verdict, facts: Facts) -> None:
        line, census = verdict.line, self.census
        least = SCHOOLING_RANK.get(census.min_schooling, 0)
        if line.schooling and SCHOOLING_RANK.get(line.schooling, 0) < least:
            verdict.warn("schooling", "schooling_low")
        if line.birth_on and (census.min_age or census.max_age):
            age = age_on(line.birth_on, self.today)
            if not (census.min_age or 0) <= age <= (census.max_age or 999):
                verdict.warn("id_number", "age_hint")
        if facts.areas is not None and any(code not in facts.areas for code in line.areas):
            verdict.warn("areas", "area_unknown")

    def _compare(self, verdict: Verdict, present: dict[str, Any], desk: Desk | None) -> None:
        """Set beside the record what the row says; elsewhere, say that and nothing more."""
        if not present["office__path"].startswith(self.paths or ("+",)):
            verdict.refuse("id_number", "serves_elsewhere")
            return
        if desk is not None and present["office__path"] != desk.path:
            verdict.refuse("office_code", "other_office", office=present["office__short_name"])
            return
        verdict.staff_id, verdict.service = present["pk"], present["service"]
        line = verdict.line
        is_open = present["service"] in UNREVIEWED
        for name in JOB:
            _take(verdict, present, name, getattr(line, name))
        for name in JUDGED:
            if is_open:
                _take(verdict, present, name, getattr(line, name))
            elif getattr(line, name) not in ("", present[name]):
                verdict.warn(name, "kept_after_review")
        if line.role and line.role != present["role"]:
            if is_open:
                verdict.changes["role"] = line.role
            else:
                verdict.refuse("role", "role_fixed")
        if is_open and line.reserve != present["wants_reserve"]:
            verdict.changes["wants_reserve"] = line.reserve
        # In a preview the supervisor may still be a row of the file: that is a change, too.
        if verdict.supervisor_name and verdict.supervisor_id != present["supervisor_id"]:
            verdict.changes["supervisor_id"] = verdict.supervisor_id


def age_on(birth_on: date, today: date) -> int:
    """Return the age in full years."""
    return today.year - birth_on.year - ((today.month, today.day) < (birth_on.month, birth_on.day))


def _require_once(verdict: Verdict, in_file: InFile) -> None:
    line = verdict.line
    others = [row for row in in_file.again_ids.get(line.id_number, ()) if row != line.row]
    if others:
        verdict.refuse("id_number", "twice_in_file", row=others[0])
        return
    others = [row for row in in_file.again_phones.get(line.phone, ()) if row != line.row]
    if others:
        verdict.refuse("phone", "phone_twice_in_file", row=others[0])


def _require_own_phone(verdict: Verdict, known: Known | None, facts: Facts) -> None:
    phone = verdict.line.phone
    owners = facts.phone_owners.get(key_of("phone", phone)) if phone else None
    if owners and owners - ({known.pk} if known else set()):
        verdict.refuse("phone", "phone_taken")


def _explain_supervisor(verdict: Verdict, in_file: InFile) -> None:
    line = verdict.line
    row = in_file.ids.get(line.supervisor_id_number) or in_file.phones.get(line.supervisor_phone)
    if row is None:
        verdict.refuse("supervisor", "supervisor_unknown")
    elif row in in_file.supervisors:
        verdict.refuse("supervisor", "supervisor_row_bad", row=row)
    else:
        verdict.refuse("supervisor", "supervisor_not_one", row=row)


def _take(verdict: Verdict, present: dict[str, Any], name: str, value: Any) -> None:
    """Note a changed field; an empty cell deletes nothing."""
    value = list(value) if isinstance(value, tuple) else value
    if value not in (None, "", []) and value != present[name]:
        verdict.changes[name] = value


def _correct(verdict: Verdict, known: Known, facts: Facts) -> None:
    """Set name and numbers beside those of the person: what differs is asked of the review."""
    line = verdict.line
    for name, old, new in (
        ("name", known.name, line.name),
        ("phone", known.phone or "", line.phone),
        ("backup_phone", known.backup_phone or "", line.backup_phone),
    ):
        if not new or new == old:
            continue
        waiting = facts.open_corrections.get((known.pk, name))
        if not old:
            verdict.fills[name] = new
        elif waiting is not None and waiting != new:
            verdict.refuse(name, "correction_open")
        elif waiting is None and (known.pk, name, new) in facts.refused_corrections:
            verdict.warn(name, "correction_refused")
        elif waiting is None:
            verdict.corrections.append((name, old, new))


def _outcome(verdict: Verdict) -> str:
    if verdict.staff_id is None:
        return Outcome.CREATE
    is_changed = verdict.changes or verdict.corrections or verdict.fills
    return Outcome.UPDATE if is_changed else Outcome.UNCHANGED


def shown_correction(name: str, old: str, new: str, *, is_ours: bool) -> dict[str, str]:
    """Return a correction as the preview shows it: masked, the old value only of our own people."""
    veil = phones.mask if name != "name" else str
    made = {"field": name, "code": "correction", "old": veil(old) if is_ours else ""}
    return made | {"new": veil(new)}


__all__ = ["UNREVIEWED", "Judge", "Verdict", "shown_correction"]
