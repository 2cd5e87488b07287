"""The shape of what offices and holders type about cards."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recruitment.words import Role

from .states import Breach, Harm

SIZES = (("badge", _("Upright badge, 90 × 130 mm")), ("id1", _("Small card, 85.6 × 54 mm")))
FIELDS: dict[str, forms.Field] = {
    "sentence": forms.CharField(
        label=_("When and where (may stay empty)"), max_length=300, required=False
    ),
    "exception": forms.CharField(
        label=_("Why the card did not come back"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": "3"}),
    ),
    "article": forms.CharField(label=_("Article of the rules"), max_length=60),
    "act": forms.ChoiceField(
        label=_("Breach of the rules"), choices=Breach.choices, widget=forms.RadioSelect
    ),
    "evidence": forms.CharField(
        label=_("What proves it"),
        help_text=_("Kept encrypted; read by issuers of the county and above."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": "4"}),
    ),
}


class DeedForm(forms.Form):
    """What one step asks for, and nothing else."""

    def __init__(self, *arguments: Any, asks: tuple[str, ...], **more: Any) -> None:
        super().__init__(*arguments, **more)
        for name in asks:
            self.fields[name] = FIELDS[name]


class RefusalForm(forms.Form):
    """Why an application is refused."""

    sentence = forms.CharField(label=_("Why it is refused"), max_length=300)


class BatchForm(forms.Form):
    """For whom cards are made, and in which size."""

    office = forms.ChoiceField(label=_("For whom"), required=False)
    role = forms.ChoiceField(
        label=_("Kind of staff"), required=False, choices=[("", _("All")), *Role.choices]
    )
    size = forms.ChoiceField(label=_("Size of the card"), required=False, choices=SIZES)

    def __init__(self, *arguments: Any, offices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["office"].choices = offices  # type: ignore[attr-defined]


class LossForm(forms.Form):
    """What the holder says happened to the card."""

    kind = forms.ChoiceField(choices=Harm.choices, widget=forms.RadioSelect, initial=Harm.LOST)
    sentence = forms.CharField(
        label=_("When and where (may stay empty)"), max_length=300, required=False
    )
