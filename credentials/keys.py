"""The key of the tokens, as bytes."""

import base64
from functools import cache


@cache
def token_key(text: str) -> bytes:
    """Return the key that the setting spells in base64."""
    return base64.b64decode(text)
