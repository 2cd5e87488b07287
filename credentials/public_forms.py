"""What the public may type."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LookupForm(forms.Form):
    """A card's number and its holder's full name, both needed."""

    number = forms.CharField(
        label=_("Card number (16 digits on the front)"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    full_name = forms.CharField(
        label=_("Full name on the card"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
