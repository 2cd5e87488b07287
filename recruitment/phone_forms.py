"""The shape of what a person sends from the phone."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CorrectionForm(forms.Form):
    """A wish to change one's own name or telephone number."""

    field = forms.ChoiceField(
        label=_("What is wrong"),
        choices=[("name", _("Name")), ("phone", _("Mobile number"))],
        widget=forms.RadioSelect,
    )
    value = forms.CharField(label=_("What it should be"), max_length=50)
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)


class PhotoForm(forms.Form):
    """One's own portrait."""

    photo = forms.FileField(
        label=_("Photo of your face"),
        help_text=_("Upright, plain background, at least 240 by 336 pixels. JPEG or PNG."),
    )


class AppealForm(forms.Form):
    """What happened, in the person's own words."""

    text = forms.CharField(
        label=_("Tell what happened"),
        help_text=_("For example that you sat the exam in a room, or were in hospital."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": "5"}),
    )


class PledgeForm(forms.Form):
    """A signature: the hash of the text that was shown, and a drawing or a typed name."""

    sha256 = forms.CharField(max_length=64)
    drawing = forms.CharField(required=False, max_length=90_000)
    typed_name = forms.CharField(required=False, max_length=50)
    agreed = forms.BooleanField()


class PledgeTextForm(forms.Form):
    """A new version of the pledge."""

    role = forms.ChoiceField(
        label=_("For"),
        choices=[("supervisor", _("Supervisor")), ("enumerator", _("Enumerator"))],
        widget=forms.RadioSelect,
    )
    title = forms.CharField(label=_("Title"), max_length=100)
    body = forms.CharField(
        label=_("Text"),
        help_text=_("Blank lines part paragraphs; lines that begin with “1. ” become a list."),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": "18"}),
    )
    ask_again = forms.BooleanField(
        label=_("Everybody signs again"),
        help_text=_("Earlier signatures stay on file but no longer count."),
        required=False,
    )


class AnswerForm(forms.Form):
    """The office's answer to an appeal."""

    answer = forms.CharField(
        label=_("Answer"), max_length=1000, widget=forms.Textarea(attrs={"rows": "5"})
    )


class VoidForm(forms.Form):
    """Why a completed training no longer counts."""

    reason = forms.CharField(label=_("Why it no longer counts"), max_length=300)
