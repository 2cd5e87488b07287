"""What pages carry inside themselves: icons and the public page's style sheet."""

import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static

SYMBOL = re.compile(r'<symbol id="i-([\w-]+)" viewBox="0 0 20 20">(.*?)</symbol>', re.S)
PUBLIC_PART = re.compile(r"@public \*/(.*?)/\* @end \*/", re.S)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
# Names that only office and phone pages use; the public page has 15 kB to spend.
OFFICE_ONLY = re.compile(
    r"--(?:font-serif|shadow-pop|shadow-dock|bar|side|row|touch|read|chart[\w-]*|on-deep-2|t-figure|t-hero)\s*:[^;]*;"
)


@cache
def drawings() -> dict[str, str]:
    """Return the inside of every icon by its name."""
    return dict(SYMBOL.findall(_read("img/icons.svg")))


@cache
def public_sheet() -> str:
    """Return the style sheet of the public page, cut from the sheets all pages share."""
    tokens = OFFICE_ONLY.sub("", COMMENT.sub("", _read("css/tokens.css")))
    parts = "".join(
        "".join(PUBLIC_PART.findall(_read(sheet)))
        for sheet in ("css/components.css", "css/public.css")
    )
    tokens = tokens.replace("../fonts/NotoSansSC-ExtB.woff2", static("fonts/NotoSansSC-ExtB.woff2"))
    return _squeezed(tokens + parts)


def _read(path: str) -> str:
    found = finders.find(path)
    if not found:
        raise FileNotFoundError(f"static/{path} is missing.")
    return Path(found).read_text(encoding="utf-8")


def _squeezed(css: str) -> str:
    css = re.sub(r"\s+", " ", COMMENT.sub("", css))
    return re.sub(r"\s*([{};,])\s*", r"\1", css).replace(";}", "}").strip()
