"""The shape of uploads."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _


class RosterForm(forms.Form):
    """A workbook."""

    file = forms.FileField(
        label=_("Roster workbook (.xlsx)"),
        max_length=400,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text=_(
            "At most 20 MB and 50,000 rows. Nothing is written before you have checked it."
        ),
    )


class PhotosForm(forms.Form):
    """A zip of portraits."""

    photos = forms.FileField(
        label=_("Photos (.zip)"),
        max_length=400,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".zip"}),
        help_text=_("JPEG or PNG files named by ID number, at most 300 MB."),
    )


class CommitForm(forms.Form):
    """What becomes of the good rows while others have errors."""

    mode = forms.ChoiceField(choices=[("good", ""), ("whole", "")])


def upload_of(form: forms.Form, name: str) -> UploadedFile:
    """Return the uploaded file of a valid form."""
    found: UploadedFile = form.cleaned_data[name]
    return found
