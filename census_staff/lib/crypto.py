"""Personal data at rest: AES-256-GCM under named keys, found again by keyed digest."""

import base64
import hmac
import os
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

NONCE_BYTES = 12


@cache
def field_keys() -> dict[str, AESGCM]:
    """Return the keys by id, the encrypting one first (`CENSUS_FIELD_KEYS`: id:base64, …)."""
    keys: dict[str, AESGCM] = {}
    for part in settings.FIELD_KEYS.split(","):
        name, _, text = part.strip().partition(":")
        key = base64.b64decode(text)
        if len(key) != 32 or not name or len(name) > 32:
            raise ImproperlyConfigured("CENSUS_FIELD_KEYS must be id:base64 of 32 bytes.")
        keys[name] = AESGCM(key)
    return keys


@cache
def _encrypting() -> tuple[bytes, AESGCM]:
    """Return what stands before every value that is encrypted now, and its key."""
    name, key = next(iter(field_keys().items()))
    return bytes([len(name)]) + name.encode(), key


def encrypt(plain: bytes) -> bytes:
    """Return key id, nonce and ciphertext as one value."""
    head, key = _encrypting()
    nonce = os.urandom(NONCE_BYTES)
    return head + nonce + key.encrypt(nonce, plain, head)


def decrypt(value: bytes) -> bytes:
    """Return what was encrypted; `ValueError` if the key is unknown or the value was altered."""
    value = bytes(value)
    size = value[0]
    head, name = value[: size + 1], value[1 : size + 1].decode()
    nonce = value[size + 1 : size + 1 + NONCE_BYTES]
    key = field_keys().get(name)
    if key is None:
        raise ValueError(f"No field key with the id {name!r}.")
    try:
        return key.decrypt(nonce, value[size + 1 + NONCE_BYTES :], head)
    except InvalidTag as error:
        raise ValueError("An encrypted value was altered.") from error


@cache
def _digest_key() -> bytes:
    key = base64.b64decode(settings.DIGEST_KEY)
    if len(key) < 32:
        raise ImproperlyConfigured("CENSUS_DIGEST_KEY must be base64 of at least 32 bytes.")
    return key


def digest(kind: str, text: str) -> bytes:
    """Return the 32-byte keyed digest under which a value of this kind is found again."""
    return hmac.digest(_digest_key(), f"{kind}\0{text}".encode(), "sha256")


@models.BinaryField.register_lookup
class AnyOf(models.Lookup):
    """`digest__any_of=digests`: one array, because thousands of parameters cost more than they find."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the condition."""
        column, params = self.process_lhs(compiler, connection)
        digests = ",".join(f'"\\\\x{bytes(one).hex()}"' for one in self.rhs)
        return f"{column} = ANY(%s::bytea[])", (*params, f"{{{digests}}}")


class EncryptedTextField(models.BinaryField):  # type: ignore[type-arg]
    """A text that the database only ever sees encrypted."""

    description = "Encrypted text"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        """Return the text in clear."""
        return None if value is None else decrypt(value).decode()

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Return the encrypted bytes that are stored."""
        if isinstance(value, str):
            value = encrypt(value.encode())
        return super().get_db_prep_value(value, connection, prepared)

    def to_python(self, value: Any) -> Any:
        """Return the text as it is."""
        return value

    def value_to_string(self, obj: models.Model) -> str:
        """Refuse to serialise personal data."""
        raise TypeError("Encrypted fields are not serialised.")
