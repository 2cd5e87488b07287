"""People's names as their documents write them, rare characters and separators included."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from functools import cache, lru_cache

from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused

LONGEST = 50
DOT = "\u00b7"
# Look-alikes of the one separator allowed in Chinese names; a plain full stop counts only
# between Han characters, because foreign names use it for initials.
DOT_LOOKALIKES = frozenset("\u2022\u30fb\uff65\u2027\u2219\u22c5\u25cf\u16eb\u2024\ua78f\u00b7")
STOPS = frozenset(".\uff0e")

_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]")
# Nearly all names: nothing to fold, to drop or to refuse in them.
_PLAIN = re.compile("[\u4e00-\u9fa5]{2,50}")
_MARKUP = re.compile(r"[<>&\"{}\[\]\\|`=;$%#@^~*_/]")
_DROPPED = re.compile("[\u200b\u2060\ufeff\u00ad\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACES = re.compile("[ \t\r\n\u00a0\u3000\u2000-\u200a\u202f\u205f]+")
_FORMS = re.compile("[\u2e80-\u2fdf\uff21-\uff3a\uff41-\uff5a]")


@dataclass(frozen=True, slots=True)
class CleanName:
    """A name in its stored form and the codes of what was repaired on the way."""

    name: str
    repairs: tuple[str, ...] = ()


def is_han(character: str) -> bool:
    """Return whether the character is a Chinese ideograph of any extension, known or to come."""
    return _HAN.fullmatch(character) is not None


def clean(raw: str) -> CleanName:
    """Return the name in its stored form with the repairs made, or refuse it."""
    if _PLAIN.fullmatch(raw):
        return CleanName(raw)
    _require_text(raw)
    repairs: list[str] = []
    text = _step(raw, unicodedata.normalize("NFC", raw), repairs, "name_composed")
    text = _step(text, _DROPPED.sub("", text), repairs, "name_invisible")
    folded = _FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = _step(text, folded, repairs, "name_form")
    text = _SPACES.sub(" ", text).strip(" ")
    text = _step(text, _without_padding(text), repairs, "name_spaces")
    text = _step(text, _dotted(text), repairs, "name_dot")
    _require_sound(text)
    return CleanName(text, tuple(repairs))


def parse(raw: str) -> str:
    """Return the name in its stored form, or refuse it."""
    return clean(raw).name


def _step(before: str, after: str, repairs: list[str], code: str) -> str:
    if before != after:
        repairs.append(code)
    return after


def _require_text(raw: str) -> None:
    if any(0xD800 <= ord(character) <= 0xDFFF for character in raw):
        raise Refused(
            "name_broken",
            _("A character of the name arrived broken. Please type the name again."),
        )


def _is_letter(character: str) -> bool:
    return is_han(character) or unicodedata.category(character)[0] == "L"


def _dotted(text: str) -> str:
    """Turn look-alikes that stand between letters into the one separator."""
    text = re.sub(rf" *([{DOT}{''.join(DOT_LOOKALIKES)}]) *", r"\1", text)
    made = list(text)
    for at in range(1, len(text) - 1):
        before, here, after = text[at - 1], text[at], text[at + 1]
        belongs = _is_letter if here in DOT_LOOKALIKES else is_han
        if here in DOT_LOOKALIKES | STOPS and belongs(before) and belongs(after):
            made[at] = DOT
    return "".join(made)


def _without_padding(text: str) -> str:
    """Drop the spaces put between Han characters to make names line up."""
    made = [
        character
        for at, character in enumerate(text)
        if not (character == " " and (is_han(text[at - 1]) or is_han(text[at + 1])))
    ]
    return "".join(made)


def _require_sound(text: str) -> None:
    if not text:
        raise Refused("name_empty", _("The name is missing. Please fill it in."))
    if len(text) > LONGEST:
        raise Refused(
            "name_too_long",
            _("A name has at most 50 characters. Please correct it."),
            details={"length": len(text)},
        )
    for at, character in enumerate(text):
        if not _may_stand(text, at, character):
            _refuse_character(character, at)
    if sum(map(_is_letter, text)) < 2:
        raise Refused(
            "name_too_short", _("A name has at least two characters. Please write it in full.")
        )


def _may_stand(text: str, at: int, character: str) -> bool:
    if _is_letter(character):
        return True
    inside = 0 < at < len(text) - 1
    if unicodedata.category(character) in ("Mn", "Mc"):
        # Tibetan and the like need marks; piles of them are no name.
        return at > 0 and sum(unicodedata.category(c)[0] == "M" for c in text[at - 3 : at]) < 3
    if not inside:
        return character == "." and at > 1 and not is_han(text[at - 1])
    latin = not is_han(text[at - 1]) and not is_han(text[at + 1])
    if character == DOT:
        return text[at - 1] != DOT
    return latin and character in " -'\u2019." and text[at - 1] != character


def _refuse_character(character: str, at: int) -> None:
    kind = unicodedata.category(character)
    details = {"code_point": f"U+{ord(character):04X}", "position": at + 1}
    if kind == "Co":
        raise Refused(
            "name_private_use",
            _(
                "The name holds a character of a private font that other computers do not know. "
                "Please type it again with the Unicode input method."
            ),
            details=details,
        )
    if kind[0] == "C" or kind in ("Zl", "Zp"):
        raise Refused(
            "name_control",
            _("The name holds an invisible control character. Please type it again."),
            details=details,
        )
    if kind[0] == "N":
        raise Refused(
            "name_digit", _("A name holds no digits. Please correct it."), details=details
        )
    if _MARKUP.match(character):
        raise Refused(
            "name_markup",
            _("The name holds a sign that belongs to no name. Please remove it."),
            details=details,
        )
    raise Refused(
        "name_character",
        _("A character of the name belongs to no name. Please write the name as in the document."),
        details=details,
    )


# Characters that read otherwise as a surname, and a few the dictionary does not hold.
SURNAMES = {
    "单于": "chan yu", "万俟": "mo qi", "尉迟": "yu chi", "长孙": "zhang sun",
    "澹台": "tan tai", "令狐": "ling hu", "宰父": "zai fu", "亓官": "qi guan",
    "单": "shan", "仇": "qiu", "曾": "zeng", "解": "xie", "查": "zha", "任": "ren",
    "盖": "ge", "区": "ou", "朴": "piao", "冼": "xian", "洗": "xian", "员": "yun",
    "翟": "zhai", "乐": "yue", "缪": "miao", "覃": "qin", "华": "hua", "纪": "ji",
    "燕": "yan", "葛": "ge", "柏": "bai", "贲": "ben", "卜": "bu", "晁": "chao",
    "种": "chong", "褚": "chu", "郇": "xun", "尉": "wei", "牟": "mu", "那": "na",
    "能": "nai", "宁": "ning", "甯": "ning", "逄": "pang", "繁": "po", "祭": "zhai",
    "瞿": "qu", "阙": "que", "撒": "sa", "折": "she", "厍": "she", "召": "shao",
    "谌": "chen", "隗": "wei", "黑": "he", "於": "yu", "乜": "nie", "重": "chong",
    "秘": "bi", "曲": "qu", "车": "che", "俞": "yu", "訾": "zi", "郗": "xi",
    "郄": "qie", "句": "gou", "哈": "ha", "佴": "nai", "麴": "qu", "藏": "zang",
    "石": "shi", "薄": "bo", "尹": "yin", "强": "qiang", "行": "xing", "过": "guo",
}  # fmt: skip
READINGS = {"\U00020bb7": "ji"}
PHRASES = {"阿卜杜": "a bu du", "阿卜": "a bu", "买买提": "mai mai ti"}
_BASIC = re.compile("[\u4e00-\u9fa5]+")
# By their first character, in the order in which they are tried.
_BEGINNINGS = {
    phrase[0]: [
        (other, read) for other, read in (PHRASES | SURNAMES).items() if other[0] == phrase[0]
    ]
    for phrase in PHRASES | SURNAMES
}


@lru_cache(maxsize=16_384)
def pinyin_key(name: str) -> str:
    """Return the name in toneless syllables for sorting and searching, as "zeng guo fan"."""
    text = unicodedata.normalize("NFC", name).strip()
    for phrase, read in _BEGINNINGS.get(text[:1], ()):
        if text.startswith(phrase):
            return " ".join([read, *_syllables(text[len(phrase) :])])
    return " ".join(_syllables(text))


def _syllables(text: str) -> list[str]:
    if 0 < len(text) < 5 and _BASIC.fullmatch(text) and not _holds_word(text):
        return [syllable for character in text for syllable in _syllables_of_one(character)]
    return _spelled(text)


def _holds_word(text: str) -> bool:
    """Return whether characters of the text stand together in the dictionary of words."""
    words = _words()
    for end in range(2, len(text) + 1):
        for at in range(end - 1):
            if text[at:end] in words:
                return True
    return False


@cache
def _words() -> Container[str]:
    from pypinyin.constants import PHRASES_DICT

    words: Container[str] = PHRASES_DICT
    return words


@lru_cache(maxsize=8_192)
def _syllables_of_one(character: str) -> list[str]:
    return _spelled(character)


def _spelled(text: str) -> list[str]:
    from pypinyin import Style, lazy_pinyin  # its dictionaries take a while: only who asks pays

    for character, reading in READINGS.items():
        text = text.replace(character, f" {reading} ")
    found = lazy_pinyin(text.replace(DOT, " "), style=Style.NORMAL, v_to_u=False)
    return " ".join(found).casefold().split()
