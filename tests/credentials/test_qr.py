"""The QR code is small, drawn as whole squares and the same for every encoder and reader."""

from __future__ import annotations

import pytest
import qrcode
import zxingcpp
from PIL import Image

from credentials import qr, tokens

KEY = bytes(range(32))


def code_of(host: str = "pc.example.gov.cn") -> str:
    return qr.address(host, tokens.new(KEY))


def test_the_address_is_upper_case_throughout() -> None:
    assert qr.address("pc.example.gov.cn", "A" * 32) == f"HTTPS://PC.EXAMPLE.GOV.CN/V/{'A' * 32}"


@pytest.mark.parametrize("host", ["pc_x.cn", "普查.cn", "a b", "a/b", ""])
def test_a_host_that_would_make_the_code_larger_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="host"):
        qr.address(host, "A" * 32)


def test_the_code_is_alphanumeric_at_level_q() -> None:
    # 60 characters at level Q need 33 modules in alphanumeric mode and 37 in bytes.
    rows = qr.matrix(code_of())
    assert len(rows) == 33
    assert {len(row) for row in rows} == {33}


def test_an_independent_encoder_needs_the_same_size() -> None:
    text = code_of()
    other = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=0)
    other.add_data(text)
    assert len(other.get_matrix()) == len(qr.matrix(text))


def test_the_path_covers_the_dark_modules_and_nothing_else() -> None:
    rows = qr.matrix(code_of())
    dark = set()
    for part in qr.path(rows).removesuffix(" re").split(" re "):
        x, y, width, height = map(int, part.split())
        assert height == 1
        dark |= {(x + step - qr.QUIET, y - qr.QUIET) for step in range(width)}
    assert dark == {(x, y) for y, row in enumerate(rows) for x, on in enumerate(row) if on}


def test_a_reader_gets_the_text_and_the_level_back() -> None:
    text = code_of()
    rows = qr.matrix(text)
    image = Image.new("L", (qr.side(rows),) * 2, 255)
    for y, row in enumerate(rows):
        for x, on in enumerate(row):
            if on:
                image.putpixel((x + qr.QUIET, y + qr.QUIET), 0)
    [found] = zxingcpp.read_barcodes(
        image.resize((qr.side(rows) * 4,) * 2, Image.Resampling.NEAREST)
    )
    assert (found.text, found.ec_level) == (text, "Q")
