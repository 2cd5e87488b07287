"""What the public may type."""

from django import forms
from django.utils.translation import gettext_lazy as _

from . import numbers


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

    def clean_number(self) -> str:
        """Return the number; a slip of the finger is no forgery, and the digits alone tell it."""
        number: str = self.cleaned_data["number"]
        if not numbers.is_number(number):
            raise forms.ValidationError(
                _(
                    "These are not the 16 digits of a card number. Compare them with the card and type them again. If that is how the card prints them, do not take part, and call to check."
                )
            )
        return number
