"""The shape of what people send to a run."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .compliance.questions import DEFAULT_STANDARDS
from .run_words import UNMET


class RunForm(forms.Form):
    """A new run: its rule and its title."""

    standards = forms.MultipleChoiceField(
        label=_("Who is disabled"),
        help_text=_("Whoever fails one of the standards chosen. The notice names only the first."),
        widget=forms.CheckboxSelectMultiple,
        initial=list(DEFAULT_STANDARDS),
    )
    title = forms.CharField(
        label=_("Number or title of the list"),
        help_text=_("Optional, for example the number of the notice it rests on."),
        max_length=120,
        required=False,
    )

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        field: Any = self.fields["standards"]
        field.choices = list(UNMET.items())


class ApproveForm(forms.Form):
    """The number of people, typed by whoever approves."""

    typed = forms.IntegerField(
        label=_("Type how many people will be disabled, as a sign that you checked"), min_value=0
    )


class SentenceForm(forms.Form):
    """Why a list is sent back, or a run undone."""

    sentence = forms.CharField(
        label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
