from recruitment.evidence import Pledge, PledgeText, PledgeVoid
from recruitment.orders import AccessOrder, Appeal, Exemption

from .roster import RosterFile, RosterRow
from .staff import ReviewNote, Staff
from .tally import Tally, TallyMark, TallyTime

__all__ = [
    "AccessOrder",
    "Appeal",
    "Exemption",
    "Pledge",
    "PledgeText",
    "PledgeVoid",
    "ReviewNote",
    "RosterFile",
    "RosterRow",
    "Staff",
    "Tally",
    "TallyMark",
    "TallyTime",
]
