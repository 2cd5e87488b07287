"""What an office types when it makes an exam."""

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from census_staff.censuses.models import Census
from census_staff.places.models import Office

from .bank import CATEGORY_NAMES, KIND_NAMES, Category, Kind
from .blueprint_table import ANY, lines_from

ROLES = (("enumerator", _("Enumerator")), ("supervisor", _("Supervisor")))
MOST_QUESTIONS, MOST_POINTS = 200, 100
MOMENT = "%Y-%m-%d %H:%M"


def _number(label: Any, low: int, high: int, **more: Any) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "num"})
    return forms.IntegerField(label=label, min_value=low, max_value=high, widget=widget, **more)


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(format=MOMENT, attrs={"class": "num"})
    formats = [MOMENT, "%Y-%m-%dT%H:%M"]
    return forms.DateTimeField(label=label, widget=widget, input_formats=formats, **more)


class ExamForm(forms.Form):
    """Title, numbers, window and blueprint of a draft."""

    title = forms.CharField(label=_("Title"), max_length=100)
    pass_mark = _number(_("Pass mark"), 1, 100)
    minutes = _number(_("Time (minutes)"), 1, 600)
    attempts = _number(_("Attempts for each person"), 1, 20)
    opens_at = _moment(_("Opens at"), help_text=_("Year-month-day hour:minute"))
    closes_at = _moment(
        _("Open until"),
        help_text=_("Explanations are shown after this. Leave time for those who sit late."),
    )

    def __init__(self, *arguments: Any, census: Census, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.census = census
        for category in Category:
            for kind in (*Kind, ANY):
                key = f"{category}_{kind}"
                # The summary of errors stands far from the cell: it names the row as well.
                row = f"{CATEGORY_NAMES[category]} {KIND_NAMES.get(kind, '')}".strip()
                self.fields[f"count_{key}"] = _number(
                    f"{row} {gettext('Questions')}", 0, MOST_QUESTIONS, required=False
                )
                self.fields[f"points_{key}"] = _number(
                    f"{row} {gettext('Points each')}", 0, MOST_POINTS, required=False
                )

    def settings(self) -> list[forms.BoundField]:
        """Return the fields beside the blueprint."""
        return [bound for bound in self if not bound.name.startswith(("count_", "points_"))]

    def clean_pass_mark(self) -> int:
        """Refuse a mark below the one that the census asks for."""
        mark: int = self.cleaned_data["pass_mark"]
        if mark < self.census.pass_mark:
            raise forms.ValidationError(
                _("The census asks for at least %(mark)s."),
                code="pass_mark",
                params={"mark": self.census.pass_mark},
            )
        return mark

    def clean(self) -> dict[str, Any]:
        """Return the values with the blueprint in one piece."""
        values = super().clean() or {}
        opens, closes = values.get("opens_at"), values.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("The window must end after it begins."))
        values["blueprint"] = lines_from(values)
        return values

    def content(self) -> dict[str, Any]:
        """Return what the services take."""
        names = ("title", "blueprint", "minutes", "pass_mark", "attempts", "opens_at", "closes_at")
        return {name: self.cleaned_data[name] for name in names}


class NewExamForm(ExamForm):
    """The same, with whose exam it is."""

    role = forms.ChoiceField(label=pgettext_lazy("exam", "Role"), choices=ROLES)
    office = forms.ModelChoiceField(
        label=pgettext_lazy("exam", "Office"), queryset=Office.objects.none()
    )

    field_order = ("title", "role", "office")

    def __init__(self, *arguments: Any, offices: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["office"].queryset = offices  # type: ignore[attr-defined]
        self.fields["office"].empty_label = None  # type: ignore[attr-defined]


class VoidForm(forms.Form):
    """Why an attempt no longer counts."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example a power cut, or that somebody else sat it."),
    )
