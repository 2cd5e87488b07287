"""A process that hashes passwords and does nothing else, for whoever holds the other end of its line.

It is run by its path, so that it holds little more than argon2 itself.
"""

import json
import sys
from multiprocessing.connection import Connection
from typing import Any

from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret, verify_secret


def answer(asked: dict[str, Any]) -> bool | str:
    """Return whether the hash is of the password, or the hash of a password that has none yet."""
    password = bytes.fromhex(asked.pop("password"))
    if "hash" not in asked:
        salt = bytes.fromhex(asked.pop("salt"))
        return hash_secret(password, salt, type=Type.ID, **asked).decode("ascii")
    try:
        return verify_secret(asked["hash"].encode(), password, Type.ID)
    except (VerificationError, InvalidHashError):
        return False


def serve(line: "Connection[bytes, bytes]") -> None:
    """Answer one after the other, until the other end is closed."""
    while True:
        try:
            asked = line.recv_bytes()
        except EOFError:
            return
        line.send_bytes(json.dumps(answer(json.loads(asked))).encode())


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
