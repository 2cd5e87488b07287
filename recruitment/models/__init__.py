from recruitment.evidence import Pledge, PledgeText, PledgeVoid
from recruitment.orders import AccessOrder, Exemption

from .roster import RosterFile, RosterRow
from .staff import ReviewNote, Staff

__all__ = [
    "AccessOrder",
    "Exemption",
    "Pledge",
    "PledgeText",
    "PledgeVoid",
    "ReviewNote",
    "RosterFile",
    "RosterRow",
    "Staff",
]
