"""What the accounts write in the trail, in words."""

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

EVENTS: dict[str, str | Promise] = {
    "account_made": pgettext_lazy("trail", "Account made"),
    "account_opened": pgettext_lazy("trail", "Account opened with a code"),
    "activation_refused": pgettext_lazy("trail", "Activation refused"),
    "code_issued": pgettext_lazy("trail", "Activation code printed"),
    "codes_issued": pgettext_lazy("trail", "Activation codes printed"),
    "name_confirmed": pgettext_lazy("trail", "Real name confirmed"),
    "name_refused": pgettext_lazy("trail", "Real name refused"),
    "notice_read": pgettext_lazy("trail", "Collection notice read"),
    "password_set": pgettext_lazy("trail", "Password set"),
    "phone_moved": pgettext_lazy("trail", "Sign-in phone number changed"),
    "posting_ended": pgettext_lazy("trail", "Posting ended"),
    "posting_granted": pgettext_lazy("trail", "Posting granted"),
    "recovery_codes_made": pgettext_lazy("trail", "Recovery codes made"),
    "second_factor_off": pgettext_lazy("trail", "Two-step sign-in turned off"),
    "second_factor_on": pgettext_lazy("trail", "Two-step sign-in turned on"),
    "second_factor_refused": pgettext_lazy("trail", "Second step refused"),
    "second_factor_reset": pgettext_lazy("trail", "Two-step sign-in reset"),
    "second_factor_rules": pgettext_lazy("trail", "Rules of two-step sign-in changed"),
    "sign_in": pgettext_lazy("trail", "Signed in"),
    "sign_in_refused": pgettext_lazy("trail", "Sign-in refused"),
    "token_made": pgettext_lazy("trail", "Token made"),
    "token_revoked": pgettext_lazy("trail", "Token revoked"),
    "user_locked": pgettext_lazy("trail", "Account locked"),
    "user_unlocked": pgettext_lazy("trail", "Account unlocked"),
}
