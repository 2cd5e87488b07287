"""The token in a card's QR code: 130 random bits and a 30-bit keyed tag, 32 base32 characters.

The tag lets a made-up token be dropped before anything is looked up. The length is the version.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

LENGTH = 32
RANDOM_BITS = 130
TAG_BITS = 30
SHORTEST_KEY = 32
ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
PURPOSE = b"card token, version of 32 characters\0"


def new(key: bytes) -> str:
    """Return a fresh token that only the holder of the key can have made."""
    return _spelled(secrets.randbits(RANDOM_BITS), key)


def normalise(text: str) -> str | None:
    """Return the token in upper case, or nothing where the text cannot be one."""
    # The length first: a megabyte of path is not worth a pass over its letters.
    if len(text) != LENGTH or not text.isascii():
        return None
    upper = text.upper()
    return upper if ALPHABET.issuperset(upper) else None


def is_genuine(text: str, key: bytes) -> bool:
    """Say whether this installation made the token; costs no look-up and needs no database."""
    token = normalise(text)
    if token is None:
        return False
    drawn = int.from_bytes(base64.b32decode(token), "big") >> TAG_BITS
    return hmac.compare_digest(token, _spelled(drawn, key))


def _spelled(drawn: int, key: bytes) -> str:
    if len(key) < SHORTEST_KEY:
        raise ValueError("the token key must have at least 32 bytes")
    digest = hmac.digest(key, PURPOSE + drawn.to_bytes(17, "big"), hashlib.sha256)
    tag = int.from_bytes(digest[:4], "big") >> (32 - TAG_BITS)
    return base64.b32encode((drawn << TAG_BITS | tag).to_bytes(20, "big")).decode("ascii")
