"""The shape of what a city may set of a census, and of an office's contact line."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from census_staff.censuses.models import Census
from census_staff.places.models import Office

from .standards import READY, STANDARDS
from .words import Schooling

SETTINGS = (
    "card_standards",
    "pass_mark",
    "exam_questions",
    "exam_minutes",
    "exam_attempts",
    "staff_per_supervisor",
    "min_schooling",
    "min_age",
    "max_age",
    "run_cap_percent",
    "fieldwork_from",
    "fieldwork_until",
    "legal_basis",
    "legal_checked_on",
)
LABELS = {
    "pass_mark": _("Pass mark (of 100)"),
    "exam_questions": _("Questions in a paper"),
    "exam_minutes": _("Minutes for a paper"),
    "exam_attempts": _("Attempts before retraining"),
    "staff_per_supervisor": _("Enumerators per supervisor"),
    "min_schooling": _("Schooling at least"),
    "min_age": _("Age from (a hint, off when empty)"),
    "max_age": _("Age to (a hint, off when empty)"),
    "run_cap_percent": _("Cap of the scheduled disabling (% of a county)"),
    "fieldwork_from": _("Fieldwork from"),
    "fieldwork_until": _("Fieldwork until"),
    "legal_basis": _("Legal basis"),
    "legal_checked_on": _("Legal basis checked on"),
    "deadline_at": _("Deadline"),
    "execute_at": _("Execution of the bulk disabling"),
    "card_standards": _("What a card needs"),
    "phases": _("Phases"),
}


class CensusForm(forms.ModelForm):
    """The settings that the city decides alone."""

    card_standards = forms.MultipleChoiceField(
        label=LABELS["card_standards"],
        choices=[(code, standard.label) for code, standard in STANDARDS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Training, exam and pledge are always asked; more can be added."),
    )
    min_schooling = forms.ChoiceField(
        required=False, choices=[("", _("No minimum")), *Schooling.choices]
    )

    class Meta:
        model = Census
        fields = SETTINGS
        labels = LABELS
        widgets = {
            "legal_basis": forms.Textarea(attrs={"rows": 3}),
            "legal_checked_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "fieldwork_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "fieldwork_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["min_schooling"].label = LABELS["min_schooling"]
        bounds = {
            "pass_mark": (1, 100),
            "exam_questions": (10, 200),
            "exam_minutes": (5, 240),
            "exam_attempts": (1, 10),
            "staff_per_supervisor": (1, 50),
            "run_cap_percent": (1, 100),
        }
        for name, (least, most) in bounds.items():
            field: Any = self.fields[name]
            field.validators.extend(
                [
                    forms.IntegerField(min_value=least).validators[0],
                    forms.IntegerField(max_value=most).validators[0],
                ]
            )

    def clean_card_standards(self) -> list[str]:
        """Return the standards in their order, or say which must not be missing."""
        chosen = self.cleaned_data["card_standards"]
        if set(READY) - set(chosen):
            raise forms.ValidationError(
                _("Training, exam and pledge cannot be left out."), code="ready_missing"
            )
        return [code for code in STANDARDS if code in chosen]

    def clean(self) -> dict[str, Any]:
        """Return the settings, or say which contradict each other."""
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("fieldwork_from"), values.get("fieldwork_until")
        if first and last and last < first:
            self.add_error("fieldwork_until", _("Fieldwork must not end before it begins."))
        young, old = values.get("min_age"), values.get("max_age")
        if young and old and old < young:
            self.add_error("max_age", _("The upper age must not be below the lower one."))
        return values


class TimesForm(forms.Form):
    """The two times, wished by one person and approved by another."""

    deadline_at = forms.DateTimeField(
        label=LABELS["deadline_at"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Midnight is shown as 24:00 of the day before."),
    )
    execute_at = forms.DateTimeField(
        label=LABELS["execute_at"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)


class OfficeForm(forms.ModelForm):
    """The contact line of an office, as the public sees it on the verification page."""

    class Meta:
        model = Office
        fields = ("name", "short_name", "phone", "address", "hours")
        labels = {
            "name": _("Name"),
            "short_name": _("Short name"),
            "phone": _("Telephone"),
            "address": _("Address"),
            "hours": _("Office hours"),
        }


def standard_labels(census: Census) -> list[Any]:
    """Return the standards a card needs, in words."""
    return [STANDARDS[code].label for code in census.card_standards if code in STANDARDS]
