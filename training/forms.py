"""The shape of what is said about a unit, and of what an office writes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .courses import Question


class ProgressForm(forms.Form):
    """One report of studying; `op` says which of the other fields count."""

    op = forms.ChoiceField(choices=[(op, op) for op in ("end", "page", "open", "beat", "answer")])
    page = forms.IntegerField(required=False, min_value=1)
    next = forms.IntegerField(required=False, min_value=1)
    view = forms.CharField(required=False, max_length=40)
    start = forms.FloatField(required=False, min_value=0)
    end = forms.FloatField(required=False, min_value=0)
    choice = forms.IntegerField(required=False, min_value=0)


class CourseForm(forms.Form):
    """A new course of the office's own."""

    title = forms.CharField(label=_("Title of the course"), max_length=100)
    summary = forms.CharField(
        label=_("What it is about"), max_length=300, required=False, widget=forms.Textarea
    )


class UnitForm(forms.Form):
    """A page or a document with its one question."""

    title = forms.CharField(label=_("Title of the unit"), max_length=100)
    minutes = forms.IntegerField(label=_("Minutes it takes"), min_value=1, max_value=120, initial=3)
    text = forms.CharField(
        label=_("Text of a page"),
        help_text=_(
            "Blank lines part paragraphs; lines that begin with “- ” become a list,"
            " “## ” a heading. Leave it empty when you put in a document."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": "8"}),
    )
    file = forms.FileField(
        label=_("Or a PDF document"), help_text=_("At most 20 MB and 200 pages."), required=False
    )
    stem = forms.CharField(label=_("Check question"), max_length=300)
    options = forms.CharField(
        label=_("Options"),
        help_text=_("One a line; begin the right one with *."),
        widget=forms.Textarea,
    )
    explanation = forms.CharField(
        label=_("Why it is so"), max_length=500, widget=forms.Textarea(attrs={"rows": "2"})
    )

    def clean_options(self) -> list[str]:
        """Return the options, the right one still marked."""
        lines = [line.strip() for line in self.cleaned_data["options"].splitlines()]
        lines = [line for line in lines if line.strip("* ")]
        if not 2 <= len(lines) <= 6 or len({line.strip("* ") for line in lines}) != len(lines):
            raise forms.ValidationError(_("A question has two to six different options."))
        if sum(line.startswith("*") for line in lines) != 1:
            raise forms.ValidationError(_("Begin exactly one option, the right one, with *."))
        return lines

    def clean(self) -> None:
        """Refuse a unit that is both a page and a document, or neither."""
        if bool(self.cleaned_data.get("text")) == bool(self.cleaned_data.get("file")):
            self.add_error("text", _("Write a text or choose a document, one of the two."))

    def question(self) -> Question:
        """Return the question of a valid form."""
        said = self.cleaned_data
        options = said["options"]
        right = next(n for n, line in enumerate(options) if line.startswith("*"))
        return Question(
            said["stem"], [line.lstrip("* ") for line in options], right, said["explanation"]
        )
