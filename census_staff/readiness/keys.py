"""The secrets: each is there, was drawn by chance, and serves one purpose only."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

SHORTEST_TEXT = 50
KEY_BYTES = 32
# Thirty-two bytes of chance hold about thirty different ones; a typed or repeated text far fewer.
FEWEST_DIFFERENT = 16
EXAMPLES = ("none", "changeme", "change-me", "django-insecure", "example", "secret", "password")
HOW_TEXT = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
HOW_KEY = (
    "Make one: python3 -c"
    " 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())'"
)


def check_second_step(app_configs: Any = None, **_more: Any) -> list[CheckMessage]:
    """Return a warning where a site in earnest lets office accounts in with a password alone."""
    if settings.SECOND_FACTOR_FOR_ALL or not settings.SITE_IS_SECURE:
        return []
    said = "Office accounts may sign in with a password alone: CENSUS_SECOND_FACTOR is 0."
    hint = "Set it to 1, or let the security administrator require it of every role."
    return [Warning(said, hint=hint, id="census.W005")]


def check_keys(app_configs: Any = None, **_more: Any) -> list[CheckMessage]:
    """Return what is wrong with the secrets; the secrets themselves are never shown."""
    return list(_text_faults("CENSUS_SECRET_KEY", settings.SECRET_KEY)) + list(_key_faults())


def _text_faults(name: str, text: str) -> Iterator[CheckMessage]:
    if len(text) < SHORTEST_TEXT or len(set(text)) < FEWEST_DIFFERENT or _is_example(text):
        said = f"{name} is too weak: at least {SHORTEST_TEXT} characters of chance are needed."
        yield Error(said, hint=HOW_TEXT, id="census.E001")


def _key_faults() -> Iterator[CheckMessage]:
    named = [("CENSUS_DIGEST_KEY", settings.DIGEST_KEY), ("CENSUS_TOKEN_KEY", settings.TOKEN_KEY)]
    ids = []
    for part in settings.FIELD_KEYS.split(","):
        key_id, _colon, text = part.strip().partition(":")
        ids.append(key_id)
        named.append(("CENSUS_FIELD_KEYS", text))
    if "" in ids or len(set(ids)) < len(ids) or max(map(len, ids)) > 32:
        said = "CENSUS_FIELD_KEYS must be id:key, id:key, …, each id once and not empty."
        yield Error(said, id="census.E002")
    seen: dict[bytes, str] = {settings.SECRET_KEY.encode(): "CENSUS_SECRET_KEY"}
    for name, text in named:
        key = _bytes(text)
        is_exact = name != "CENSUS_FIELD_KEYS" or len(key) == KEY_BYTES
        if len(key) < KEY_BYTES or not is_exact or len(set(key)) < FEWEST_DIFFERENT:
            said = (
                f"{name} is too weak or malformed: base64 of {KEY_BYTES} bytes of chance is needed."
            )
            yield Error(said, hint=HOW_KEY, id="census.E003")
        for twin in (key, text.encode()):
            if twin and twin in seen:
                said = f"{name} and {seen[twin]} are the same; each needs a key of its own."
                yield Error(said, hint=HOW_KEY, id="census.E004")
                break
        seen |= {key: name, text.encode(): name}


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_example(text: str) -> bool:
    return text.lower().startswith(EXAMPLES)
