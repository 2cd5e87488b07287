"""Make the slide film of a course: one still for each Chinese caption, shown for as long as its caption.

Run as `python -m training.content.make_film training/content/software/seven-steps.html`; needs Chromium and ffmpeg.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

SIZE = {"width": 960, "height": 540}
CUE = re.compile(r"(\d+):(\d+):(\d+\.\d+) --> (\d+):(\d+):(\d+\.\d+)")


def cue_lengths(captions: Path) -> list[float]:
    """Return how many seconds each caption stands."""
    spans = []
    for found in CUE.finditer(captions.read_text(encoding="utf-8")):
        h1, m1, s1, h2, m2, s2 = (float(part) for part in found.groups())
        spans.append((h2 - h1) * 3600 + (m2 - m1) * 60 + s2 - s1)
    return spans


def draw_stills(slides: Path, count: int, folder: Path) -> list[Path]:
    """Return one picture a caption, drawn by the slides' own `show(number)`."""
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": SIZE["width"], "height": SIZE["height"]})
        page.goto(slides.resolve().as_uri())
        stills = [folder / f"{number:03}.png" for number in range(1, count + 1)]
        for number, still in enumerate(stills, 1):
            if page.evaluate(f"show({number})") != count:
                raise SystemExit("The slides and the captions do not count the same cues.")
            page.screenshot(path=still)
        browser.close()
    return stills


def make_film(slides: Path) -> None:
    """Write the film and its poster beside the slides."""
    lengths = cue_lengths(slides.with_suffix(".zh.vtt"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stills = draw_stills(slides, len(lengths), folder)
        shown = [
            f"file '{still}'\nduration {length}"
            for still, length in zip(stills, lengths, strict=True)
        ]
        (folder / "list.txt").write_text("\n".join(shown), encoding="utf-8")
        # The concat demuxer ignores the length of the final still, so that one is held until the captions end.
        held = ["-vf", "fps=10,tpad=stop_mode=clone:stop_duration=9", "-t", str(sum(lengths))]
        film = ["-f", "concat", "-safe", "0", "-i", str(folder / "list.txt"), *held]
        codec = [
            "-c:v",
            "libx264",
            "-profile:v",
            "baseline",
            "-level",
            "3.1",
            "-pix_fmt",
            "yuv420p",
            "-g",
            "20",
        ]
        quality = [
            "-preset",
            "veryslow",
            "-tune",
            "stillimage",
            "-crf",
            "22",
            "-movflags",
            "+faststart",
            "-an",
        ]
        quiet = ["ffmpeg", "-y", "-loglevel", "error"]
        subprocess.run(
            [*quiet, *film, *codec, *quality, str(slides.with_suffix(".mp4"))], check=True
        )
        poster = ["-i", str(stills[1]), "-q:v", "4", str(slides.with_suffix(".jpg"))]
        subprocess.run([*quiet, *poster], check=True)


if __name__ == "__main__":
    make_film(Path(sys.argv[1]))
