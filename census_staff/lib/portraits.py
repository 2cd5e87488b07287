"""Draw portraits of people who do not exist, for demonstration and tests."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeVar

from PIL import Image, ImageDraw

T = TypeVar("T")
SIZE = (295, 413)  # one inch, as photo shops cut it
FINE = 2  # drawn larger and reduced, so that edges are smooth
MOST_BYTES = 25_000

# Shapes in a field of 100 × 140, as SVG paths.
NECK = "M42 66h16v16c0 6-16 6-16 0z"
NECK_SHADE = "M42 70c4 5 12 5 16 0v5c-5 6-11 6-16 0z"
COAT = "M6 140c0-34 10-48 36-58c4 6 12 6 16 0c26 10 36 24 36 58z"
SHIRT = "M41 81l9 22l9-22l-3-1c-3 4-9 4-12 0z"
LAPELS = ("M42 82l-5 5l10 21l3-5z", "M58 82l5 5l-10 21l-3-5z")
ROUND_COLLAR = "M40 82c5 9 15 9 20 0l3 3c-6 13-20 13-26 0z"
FACE = "M34.5 45c0 17 7 28 15.5 28c8.5 0 15.5-11 15.5-28c0-17-6-24-15.5-24c-9.5 0-15.5 7-15.5 24z"
EARS = ("M34.5 44c-4-1-4 9 1 10z", "M65.500 44c4-1 4 9-1 10z")
HAIR_BEHIND = {
    "long": "M33 46c-3-26 8-33 17-33c9 0 20 7 17 33c-1 10 0 17 2 22l-38 0c2-5 3-12 2-22z",
    "bob": "M32 48c-2-28 8-35 18-35c10 0 20 7 18 35c0 4 0 8-1 11l-34 0c-1-3-1-7-1-11z",
}
HAIR = {
    "short": "M34.5 44c-3-19 4-28 15.500-28c11.5 0 18.5 9 15.5 28c-.8-6-2-11-4.500-14"
    "c-6 2-14 2.500-19-1c-4 3-6.500 8-7.500 15z",
    "crew": "M34.500 42c-2-17 5-25 15.500-25c10.500 0 17.500 8 15.500 25c-1-5-2-8-3.500-11"
    "c-8-2-16-2-24 0c-1.500 3-2.500 6-3.500 11z",
    "side": "M34.5 44c-4-20 5-29 16-29c12 0 18 9 15 29c-1-6-2-9-4-12c-8 1-16-1-22-6"
    "c-1 6-3 10-5 18z",
    "long": "M35 45c-2-17 4-27 15-27c11 0 17 10 15 27c-2-8-5-12-8-16c-5 5-13 7-19 8"
    "c-1.500 2-2.500 5-3 8z",
    "bob": "M34 48c-2-20 5-31 16-31c11 0 18 11 16 31c-1-7-2-11-3-15c-8-2-18-2-26 0c-1 4-2 8-3 15z",
}
STYLES: dict[bool | None, tuple[str, ...]] = {
    False: ("short", "crew", "side"),
    True: ("long", "bob", "long"),
    None: ("short", "crew", "side", "long", "bob", "long"),
}
SKINS = ("#f0c9a8", "#e9bf9b", "#f3d2b5", "#dfb08a", "#e6b894")
HAIRS = ("#23262b", "#2a2322", "#1d1a1a", "#4a4543", "#7d7a78")
COATS = ("#26364a", "#3a4657", "#4b3f3a", "#2f4a45", "#5a3340", "#35383d")
SHIRTS = ("#f4f6f8", "#dfe8f1", "#f6efe2")
GROUNDS = ("#bcd5ea", "#bcd5ea", "#f4f6f8", "#cfdde6")
LINE = "#2c2a2a"
COMMANDS = re.compile(r"([MLlHhVvCcZz])|(-?(?:\d+\.?\d*|\.\d+))")


@lru_cache(maxsize=256)
def draw_portrait(seed: str, *, female: bool | None = None) -> bytes:
    """Return a JPEG of at most 25 kB; the same seed gives the same face."""
    choice = Choices(seed)
    image = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), choice.of(GROUNDS))
    brush = Brush(ImageDraw.Draw(image), SIZE[0] * FINE / 100)
    _draw(brush, choice, STYLES[female])
    smooth = image.resize(SIZE, Image.Resampling.LANCZOS)
    for quality in (88, 75, 60):
        out = io.BytesIO()
        smooth.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()


class Choices:
    """Repeatable picks from lists, drawn from a seed."""

    def __init__(self, seed: str) -> None:
        self._stream = self._bytes(seed)

    def of(self, options: tuple[T, ...]) -> T:
        """Return one of the options."""
        return options[next(self._stream) % len(options)]

    @staticmethod
    def _bytes(seed: str) -> Iterator[int]:
        block = seed.encode()
        while True:
            block = hashlib.sha256(block).digest()
            yield from block


class Brush:
    """Fill shapes and draw strokes in the field of 100 × 140."""

    def __init__(self, draw: ImageDraw.ImageDraw, scale: float) -> None:
        self._draw, self._scale = draw, scale

    def shape(self, path: str, colour: str) -> None:
        """Fill one closed path."""
        self._draw.polygon(self._scaled(_points(path)), fill=colour)

    def stroke(self, path: str, colour: str, width: float) -> None:
        """Draw along one path."""
        pixels = max(1, round(width * self._scale))
        self._draw.line(self._scaled(_points(path)), fill=colour, width=pixels, joint="curve")

    def dot(self, x: float, y: float, wide: float, high: float, colour: str) -> None:
        """Fill an ellipse around a point."""
        box = [(x - wide, y - high), (x + wide, y + high)]
        self._draw.ellipse(self._scaled(box), fill=colour)

    def ring(self, x: float, y: float, wide: float, high: float, colour: str) -> None:
        """Draw an ellipse around a point."""
        box = [(x - wide, y - high), (x + wide, y + high)]
        self._draw.ellipse(self._scaled(box), outline=colour, width=round(0.9 * self._scale))

    def _scaled(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(x * self._scale, y * self._scale) for x, y in points]


def _draw(brush: Brush, choice: Choices, styles: tuple[str, ...]) -> None:
    skin, hair = choice.of(SKINS), choice.of(HAIRS)
    coat, shirt = choice.of(COATS), choice.of(SHIRTS)
    style = choice.of(styles)
    if style in HAIR_BEHIND:
        brush.shape(HAIR_BEHIND[style], hair)
    brush.shape(NECK, skin)
    brush.shape(NECK_SHADE, _shade(skin, 0.88))
    brush.shape(COAT, coat)
    if choice.of((True, True, False)):
        brush.shape(SHIRT, shirt)
        for lapel in LAPELS:
            brush.shape(lapel, _shade(coat, 1.25))
    else:
        brush.shape(ROUND_COLLAR, shirt)
    for ear in EARS:
        brush.shape(ear, _shade(skin, 0.94))
    brush.shape(FACE, skin)
    brush.shape(HAIR[style], hair)
    _features(brush, choice, skin)


def _features(brush: Brush, choice: Choices, skin: str) -> None:
    apart, low = choice.of((6.2, 6.7, 7.1)), choice.of((46.5, 47.0, 47.6))
    brow = choice.of((0.9, 1.2, 1.5))
    for sign in (-1, 1):
        x = 50 + sign * apart
        brush.dot(x, low, choice.of((1.4, 1.6)), 1.2, LINE)
        brush.stroke(f"M{x - 2.9} {low - 3.9}c1.5-1 4.2-1 5.8-.1", LINE, brow)
        if skin == SKINS[2]:
            brush.dot(x + sign * 2, low + 7, 2.4, 1.7, _shade(skin, 0.96))
    brush.stroke(f"M49.5 {low + 2}c-.6 3-1 4.500.8 4.8", _shade(skin, 0.7), 0.8)
    smile = choice.of((1.2, 1.8, 2.6))
    brush.stroke(f"M45.5 61c2.7 {smile} 6.3 {smile} 9 0", "#a2594c", 1.2)
    if choice.of((True, False, False)):
        for sign in (-1, 1):
            brush.ring(50 + sign * apart, low, 4.6, 3.6, LINE)
        brush.stroke(f"M{50 - apart + 4.6} {low}l{2 * apart - 9.2} 0", LINE, 0.8)


def _shade(colour: str, factor: float) -> str:
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{min(255, round(part * factor)):02x}" for part in parts)


def _points(path: str) -> list[tuple[float, float]]:
    """Return the corners of a path; curves become twelve short lines."""
    points: list[tuple[float, float]] = []
    numbers: list[float] = []
    x = y = 0.0
    command = ""
    for letter, number in COMMANDS.findall(path):
        if letter:
            command, numbers = letter, []
            continue
        numbers.append(float(number))
        if command in "Ml" and len(numbers) == 2:
            x, y = (numbers[0], numbers[1]) if command == "M" else (x + numbers[0], y + numbers[1])
        elif command == "h":
            x += numbers[0]
        elif command == "v":
            y += numbers[0]
        elif command == "c" and len(numbers) == 6:
            points += _curve((x, y), numbers)
            x, y = x + numbers[4], y + numbers[5]
        else:
            continue
        points.append((x, y))
        numbers = []
    return points


def _curve(start: tuple[float, float], to: list[float]) -> list[tuple[float, float]]:
    bent = []
    for step in range(1, 12):
        t = step / 12
        a, b, c = 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        bent.append(
            (
                start[0] + a * to[0] + b * to[2] + c * to[4],
                start[1] + a * to[1] + b * to[3] + c * to[5],
            )
        )
    return bent
