"""A token can be drawn only with the key and is told apart without asking the database."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials import tokens

KEY = bytes(range(32))


def test_a_token_is_32_upper_case_base32_characters() -> None:
    token = tokens.new(KEY)
    assert len(token) == 32
    assert set(token) <= tokens.ALPHABET


def test_a_fresh_token_is_genuine_in_either_case() -> None:
    token = tokens.new(KEY)
    assert tokens.is_genuine(token, KEY)
    assert tokens.is_genuine(token.lower(), KEY)


def test_another_key_did_not_make_it() -> None:
    assert not tokens.is_genuine(tokens.new(KEY), secrets.token_bytes(32))


def test_tokens_do_not_repeat() -> None:
    assert len({tokens.new(KEY) for _ in range(1000)}) == 1000


@given(st.text(max_size=40))
def test_any_text_gets_an_answer_and_is_not_genuine(text: str) -> None:
    assert not tokens.is_genuine(text, KEY)


@given(st.binary(min_size=20, max_size=20))
def test_a_made_up_token_is_not_genuine(raw: bytes) -> None:
    import base64

    assert not tokens.is_genuine(base64.b32encode(raw).decode(), KEY)


@given(st.integers(0, 31), st.sampled_from(sorted(tokens.ALPHABET)))
def test_one_changed_character_is_noticed(place: int, other: str) -> None:
    token = tokens.new(KEY)
    changed = token[:place] + other + token[place + 1 :]
    assert changed == token or not tokens.is_genuine(changed, KEY)


@pytest.mark.parametrize(
    "text", ["", "A" * 31, "A" * 33, "ı" * 32, "ſ" * 32, "0" * 32, "A" * 31 + "\n"]
)
def test_what_cannot_be_a_token_is_nothing(text: str) -> None:
    assert tokens.normalise(text) is None


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        tokens.new(b"short")
