"""How each outcome is said to the public: tone, icon, sentence, and what to do."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .states import Showing


class Said(NamedTuple):
    """One outcome in words."""

    tone: str
    icon: str
    sentence: str | Promise
    heading: str | Promise
    act: str | Promise


SAID: dict[str, Said] = {
    Showing.VALID: Said(
        "ok",
        "ok",
        _("This card is valid now."),
        _("Please look twice"),
        _("Is the person before you the one in the photo? Are name and number the same as below? If all match, you may answer the census with confidence."),
    ),
    Showing.NOT_YET: Said(
        "warn",
        "clock",
        _("The card is genuine, but its holder may not call at homes yet."),
        _("The holder's duty has not begun"),
        _("Whoever asks to register your household with this card before then: please do not take part, and call to check."),
    ),
    Showing.EXPIRED: Said(
        "off",
        "calendar",
        _("This card has run out."),
        _("It is no longer good for visits"),
        _("If somebody still calls with it, please do not take part, and call to check."),
    ),
    Showing.SUSPENDED: Said(
        "warn",
        "pause",
        _("The holder has stopped census work for now."),
        _("Please do not let the visit take place"),
        _("No census work is done while a card is suspended. When it is restored, a scan says “Valid” again."),
    ),
    Showing.LOST: Said(
        "bad",
        "lost",
        _("The holder reported this card lost or stolen."),
        _("The person before you may not be the holder"),
        _("Please do not open the door or give any information. Note time and place, and call at once."),
    ),
    Showing.REPLACED: Said(
        "off",
        "swap",
        _("This is an old card; a new one was issued."),
        _("Ask for the new card and scan that one"),
        _("The old card is not to be used. If there is no new one, please call to check."),
    ),
    Showing.RECALLED: Said(
        "off",
        "undo",
        _("This card was handed back to the issuing office."),
        _("It is no longer good for visits"),
        _("If somebody still calls with it, please do not take part, and call to check."),
    ),
    Showing.CANCELLED: Said(
        "off",
        "minus",
        _("The holder no longer works for the census."),
        _("It is no longer good for visits"),
        _("If somebody still calls with it, please do not take part, and call to check."),
    ),
    Showing.CONFISCATED: Said(
        "bad",
        "hand",
        _("This card was taken away for a breach of the rules."),
        _("The holder may not work for the census"),
        _("Please do not take part, and call us with the time and the place."),
    ),
    Showing.UNKNOWN: Said(
        "bad",
        "shield",
        _("Beware of a forgery: there is no such card in the system."),
        _("Please do not take part; call first"),
        _("The code may also be worn. Look once more with number and name. If that finds nothing either, report it at once."),
    ),
    Showing.UNREADABLE: Said(
        "off",
        "qr",
        _("This is not a complete card code."),
        _("Please scan once more, the whole code"),
        _("The code may be worn or cut off. You can also look with the number and the name on the card."),
    ),
}  # fmt: skip

# Whoever typed has no code to scan again, but may have mistyped.
TYPED_UNKNOWN = SAID[Showing.UNKNOWN]._replace(
    sentence=_("Beware of a forgery: no card has this number and this name together."),
    act=_(
        "Compare number and name with the card once more, letter for letter. If nothing is found again, note time and place, and call."
    ),
)

NEVER = (
    _("Charge money, or sell anything"),
    _("Ask for a text message code or a password"),
    _("Ask for a bank card number or a transfer"),
    _("Have you install software from an unclear source"),
    _("Take away identity cards or household registers"),
)
