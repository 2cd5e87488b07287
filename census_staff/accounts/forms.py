"""What the pages of the accounts take in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from census_staff.censuses.models import Census
from census_staff.places.models import Office

from .models import Posting, User
from .roles import Role
from .services.tokens import LONGEST_DAYS


def _password(label: Any, use: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": use}),
    )


class SignInForm(forms.Form):
    name = forms.CharField(
        label=_("Phone number or account name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = _password(_("Password"), "current-password")
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class ActivateForm(forms.Form):
    name = forms.CharField(
        label=_("Phone number or account name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    code = forms.CharField(
        label=_("Activation code"),
        help_text=_("Ten letters and digits on your slip; capital or small does not matter."),
        max_length=30,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )


class SecondStepForm(forms.Form):
    code = forms.CharField(
        label=_("One-time code"),
        help_text=_("Six digits from your phone, or one of your recovery codes."),
        max_length=30,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


class RequiredRolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=_("Roles that need two-step sign-in"),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class NoticeForm(forms.Form):
    version = forms.CharField(widget=forms.HiddenInput, max_length=20)
    has_read = forms.BooleanField(label=_("I have read this notice."))


class NameForm(forms.Form):
    full_name = forms.CharField(
        label=_("Full name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    id_tail = forms.CharField(
        label=_("Last six characters of your ID number"),
        help_text=_("An X at the end counts as a character."),
        min_length=6,
        max_length=6,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, *args: Any, needs_id: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_id:
            del self.fields["id_tail"]


class NewPasswordForm(forms.Form):
    password = _password(_("New password"), "new-password")
    again = _password(_("The same once more"), "new-password")

    def clean(self) -> dict[str, Any]:
        """Return both, when they are the same."""
        given = super().clean() or {}
        if {"password", "again"} <= given.keys() and given["password"] != given["again"]:
            self.add_error("again", _("The two passwords differ. Type the new one again."))
        return given


class ChangePasswordForm(NewPasswordForm):
    # Where the wrong tries of the present password are counted.
    network = "unknown"
    old = _password(_("Present password"), "current-password")
    field_order = ("old", "password", "again")


class TokenForm(forms.Form):
    label = forms.CharField(label=_("What the token is for"), max_length=60)
    binding = forms.ChoiceField(label=_("What it may reach"))
    days = forms.IntegerField(
        label=_("Days until it ends"), min_value=1, max_value=LONGEST_DAYS, initial=30
    )

    def __init__(self, *args: Any, bindings: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["binding"].choices = bindings  # type: ignore[attr-defined]


class OfficeChoice(forms.ModelChoiceField):
    def label_from_instance(self, office: Any) -> str:
        """Return the office with the one above it: names of towns repeat."""
        above = f"{office.parent.short_name} " if office.parent_id else ""
        return f"{above}{office.name}"


class PostingForm(forms.Form):
    """Which role, where, in which census; the account is named by the page or by `login`."""

    login = forms.CharField(
        label=_("Account name"),
        help_text=_("Of an account that exists."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "none"}),
    )
    role = forms.ChoiceField(
        label=pgettext_lazy("posting", "Role"), choices=[("", _("Choose a role")), *Role.choices]
    )
    office = OfficeChoice(
        label=pgettext_lazy("column", "Office"),
        queryset=Office.objects.none(),
        empty_label=_("Choose an office"),
    )
    census = forms.ModelChoiceField(
        label=_("Census"),
        queryset=Census.objects.order_by("-deadline_at"),
        required=False,
        empty_label=_("Every census"),
        help_text=_("A coordinator belongs to one census."),
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        paths = [path for path, _census in actor.reach("posting.manage")]
        offices = Office.objects.none()
        for path in paths:
            offices = offices | Office.objects.below(path)
        field = self.fields["office"]
        field.queryset = offices.select_related("parent").order_by("path")  # type: ignore[attr-defined]


class NewUserForm(PostingForm):
    login = forms.CharField(
        label=_("New account name"),
        help_text=_("3 to 40 small letters, digits, dots or hyphens; begins with a letter."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "none"}),
    )
    display_name = forms.CharField(label=_("Full name"), max_length=50)
    field_order = ("login", "display_name", "role", "office", "census")


class SuccessorForm(forms.Form):
    login = forms.CharField(
        label=_("Account name of the successor"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "none"}),
    )


class FindForm(forms.Form):
    name = forms.CharField(label=_("Phone number or account name"), max_length=40)


class LockForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("For example: phone lost. No ID numbers or phone numbers."),
        max_length=200,
    )


def bindings_of(user: User, censuses: list[Census]) -> list[tuple[str, str]]:
    """Return what a token of this user can be bound to."""
    held: Any = Posting.objects.filter(user=user, ended_at=None).select_related("office", "census")
    found = [
        (f"posting:{one.pk}", f"{one.get_role_display()} · {one.office.short_name}") for one in held
    ]
    return found + [(f"census:{one.pk}", one.name) for one in censuses]
