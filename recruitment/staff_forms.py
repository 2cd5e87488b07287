"""The shape of what an office types about a person: records, steps, corrections, exemptions."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from census_staff.censuses.models import Census
from census_staff.lib import wording
from census_staff.lib.errors import Refused
from census_staff.people.models import Correction
from census_staff.places.models import Office
from census_staff.workflow import Step

from . import records
from .models import AccessOrder, Staff
from .roster_columns import RosterLine
from .standards import STANDARDS
from .timeline import ORDER_REASONS
from .words import Hiring, IdKind, Role, Schooling, Source

HIDDEN = ("id_number", "phone", "backup_phone")


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _short(choices: Any) -> list[tuple[str, Any]]:
    return [("", "–"), *choices.choices]


class RecordForm(forms.Form):
    """One person's record; the values are judged by the readers of the roster."""

    office = forms.ModelChoiceField(Office.objects.none(), label=_("Census office"))
    role = forms.ChoiceField(choices=Role.choices, label=_("Kind of staff"))
    name = forms.CharField(max_length=80, label=_("Full name"))
    id_kind = forms.ChoiceField(choices=IdKind.choices, label=_("Kind of document"))
    id_number = forms.CharField(max_length=40, label=_("ID number"))
    phone = forms.CharField(max_length=30, label=_("Mobile number"))
    backup_phone = forms.CharField(max_length=30, required=False, label=_("Second telephone"))
    schooling = forms.ChoiceField(choices=_short(Schooling), label=_("Schooling"))
    hiring = forms.ChoiceField(choices=_short(Hiring), label=_("How chosen"))
    source = forms.ChoiceField(choices=_short(Source), label=_("Comes from"))
    employer = forms.CharField(max_length=120, label=_("Employer and position"))
    experience = forms.CharField(
        max_length=300,
        required=False,
        label=_("Earlier censuses"),
        help_text=_("Short names, separated by semicolons, as in 七人普;四经普."),
    )
    areas = forms.CharField(
        required=False,
        label=pgettext_lazy("field", "Areas"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("12-digit codes, separated by semicolons or on lines of their own."),
    )
    supervisor = forms.ModelChoiceField(
        Staff.objects.none(),
        required=False,
        empty_label="–",
        label=_("Own supervisor"),
        help_text=_("Needed for enumerators."),
    )
    reserve = forms.BooleanField(required=False, label=_("Wishes to be kept in reserve"))
    starts_on = forms.DateField(required=False, label=_("First day"), widget=_day_input())
    ends_on = forms.DateField(required=False, label=_("Last day planned"), widget=_day_input())

    def __init__(
        self,
        *arguments: Any,
        offices: Any,
        supervisors: Any,
        census: Census,
        staff: Staff | None = None,
        **more: Any,
    ) -> None:
        super().__init__(*arguments, **more)
        self.census, self.staff = census, staff
        self.line: RosterLine | None = None
        office, above = self.fields["office"], self.fields["supervisor"]
        office.queryset, above.queryset = offices, supervisors  # type: ignore[attr-defined]
        office.label_from_instance = lambda one: one.name  # type: ignore[attr-defined]
        above.label_from_instance = _supervisor_words  # type: ignore[attr-defined]
        if staff is not None:
            del self.fields["office"]
            self._keep_hidden(staff)

    def _keep_hidden(self, staff: Staff) -> None:
        """Numbers already known stay hidden: an empty field keeps them."""
        for key in HIDDEN:
            value = getattr(staff.person, key) or ""
            mask = wording.masked_id if key == "id_number" else wording.masked_phone
            self.fields[key].required = False
            if value:
                self.fields[key].help_text = _("Now %(masked)s. Leave empty to keep it.") % {
                    "masked": mask(value)
                }
        if staff.service not in records.UNREVIEWED:
            # Who the person is was reviewed: another person is another record.
            for key in ("id_number", "id_kind", "role"):
                del self.fields[key]

    def clean(self) -> dict[str, Any]:
        """Read the values as a row of a roster is read, and say what is wrong beside each field."""
        given: dict[str, Any] = super().clean() or {}
        office = self.staff.office if self.staff else given.get("office")
        if office is None or self.errors:
            return given
        try:
            parsed = records.read(self._cells(given), office)
        except Refused as refused:
            self.add_error(refused.field if refused.field in self.fields else None, str(refused))
            return given
        for error in parsed.errors:
            if not error.is_warning:
                where = error.field if error.field in self.fields else None
                self.add_error(where, f"{error.sentence} {error.fix}")
        self.line = parsed.line
        return given

    def _cells(self, given: dict[str, Any]) -> dict[str, str]:
        cells = {key: str(value) for key, value in given.items() if value not in (None, "")}
        cells.pop("office", None)
        cells["reserve"] = "是" if given.get("reserve") else "否"
        cells["areas"] = ";".join(str(given.get("areas", "")).split())
        for key in ("starts_on", "ends_on"):
            cells[key] = given[key].isoformat() if given.get(key) else ""
        above: Staff | None = given.get("supervisor")
        cells["supervisor"] = above.person.id_number if above else ""
        if self.staff is not None:
            for key in (*HIDDEN, "id_kind"):
                if not cells.get(key):
                    cells[key] = getattr(self.staff.person, key) or ""
            cells.setdefault("role", self.staff.role)
        return cells


def _supervisor_words(staff: Staff) -> str:
    return f"{staff.person.name} · {wording.masked_phone(staff.person.phone or '')}"


def initial_of(staff: Staff) -> dict[str, Any]:
    """Return a record as the form shows it; numbers stay out."""
    own = {key: getattr(staff, key) for key in ("role", *records.OWN_FIELDS)}
    return own | {
        "name": staff.person.name,
        "id_kind": staff.person.id_kind,
        "experience": ";".join(staff.experience),
        "areas": "\n".join(staff.areas),
        "supervisor": staff.supervisor_id,
        "reserve": staff.wants_reserve,
    }


class StepForm(forms.Form):
    """What a step asks for: a sentence always when it needs a reason; more for access."""

    reason = forms.ChoiceField(choices=(), label=_("Reason"))
    sentence = forms.CharField(
        max_length=300, label=_("In words"), widget=forms.Textarea(attrs={"rows": 3})
    )
    standards = forms.MultipleChoiceField(
        choices=[(code, each.label) for code, each in STANDARDS.items()],
        required=False,
        label=_("What must be met"),
        widget=forms.CheckboxSelectMultiple,
    )
    until = forms.DateField(label=_("To be mended until"), widget=_day_input())
    is_urgent = forms.BooleanField(
        required=False, label=_("Urgent: it cannot wait for a reminder to help.")
    )

    NEEDS = {
        "remind": ("reason", "sentence", "standards", "until"),
        "disable": ("reason", "sentence", "standards", "is_urgent"),
    }

    def __init__(self, *arguments: Any, step: Step, **more: Any) -> None:
        super().__init__(*arguments, **more)
        wanted = self.NEEDS.get(step.name, ("sentence",) if step.needs_reason else ())
        for key in list(self.fields):
            if key not in wanted:
                del self.fields[key]
        if "reason" in self.fields:
            by_hand = [r for r in AccessOrder.Reason.values if r not in ("run", "left")]
            self.fields["reason"].choices = [  # type: ignore[attr-defined]
                (code, ORDER_REASONS[code]) for code in by_hand
            ]
        if "until" in self.fields:
            self.initial.setdefault("until", timezone.localdate() + timedelta(days=7))

    def clean_until(self) -> Any:
        """Return the day, which must not lie in the past."""
        return _not_past(self.cleaned_data["until"])


def _not_past(day: Any) -> Any:
    if day < timezone.localdate():
        raise forms.ValidationError(_("The last day lies in the past."))
    return day


class ExemptionForm(forms.Form):
    """From what, why, and until when."""

    standards = forms.MultipleChoiceField(
        choices=[(code, each.label) for code, each in STANDARDS.items()],
        label=_("Standards"),
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        max_length=300, label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3})
    )
    until = forms.DateField(label=_("Until and including"), widget=_day_input())

    def clean_until(self) -> Any:
        """Return the day, which must not lie in the past."""
        return _not_past(self.cleaned_data["until"])


class CorrectionForm(forms.Form):
    """The right value of a field, and how one knows."""

    value = forms.CharField(max_length=80, label=_("Right value"))
    reason = forms.CharField(max_length=300, label=_("Reason"))

    def __init__(self, *arguments: Any, field: str, **more: Any) -> None:
        super().__init__(*arguments, **more)
        if field == Correction.Field.BACKUP_PHONE:
            self.fields["value"].required = False


class RevealForm(forms.Form):
    """Why somebody needs to see a masked value."""

    reason = forms.CharField(
        min_length=2,
        max_length=200,
        label=_("Reason"),
        help_text=_("Who looked at whose data, when and why, is kept and audited."),
    )


class PhotoForm(forms.Form):
    """A portrait."""

    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG or PNG, upright, at least 240 by 336 pixels, on a plain ground."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"}),
    )
