"""What others may do with accounts: open, lock, entrust."""

from .activation import issue_codes, open_account
from .locks import lock, unlock
from .people import create_field_account, create_field_accounts, create_office_user, follow_phone
from .postings import end_posting, grant, hand_over

__all__ = [
    "create_field_account",
    "create_field_accounts",
    "create_office_user",
    "end_posting",
    "follow_phone",
    "grant",
    "hand_over",
    "issue_codes",
    "lock",
    "open_account",
    "unlock",
]
