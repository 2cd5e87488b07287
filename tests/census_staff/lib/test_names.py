import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census_staff.lib import names
from census_staff.lib.errors import Refused

HAN = st.sampled_from("张王欧阳䃥䶮𠮷㛃𫖯𬭎\U000323b0\U00031350〇")


def refusal(raw: str) -> str:
    with pytest.raises(Refused) as caught:
        names.clean(raw)
    return caught.value.code


@given(st.text(HAN, min_size=2, max_size=50))
def test_names_of_any_extension_up_to_fifty_characters_pass_unchanged(name: str) -> None:
    assert names.clean(name) == names.CleanName(name)


@pytest.mark.parametrize("dot", sorted(names.DOT_LOOKALIKES | names.STOPS))
def test_every_look_alike_between_han_becomes_the_one_separator(dot: str) -> None:
    assert names.parse(f"买买提{dot}吐尔逊") == "买买提·吐尔逊"
    assert names.parse(f"买买提 {dot} 吐尔逊") == "买买提·吐尔逊"


def test_a_full_stop_after_a_latin_initial_stays() -> None:
    assert names.parse("J. Smith") == "J. Smith"
    assert names.parse("Mary-Jane  O'Neill") == "Mary-Jane O'Neill"


@pytest.mark.parametrize(
    ("raw", "name", "repair"),
    [
        ("张 三", "张三", "name_spaces"),
        ("张\u3000三", "张三", "name_spaces"),
        ("张\u200b三", "张三", "name_invisible"),
        ("\u2f29明", "小明", "name_form"),
        ("葛\U000e0100明", "葛明", "name_invisible"),
    ],
)
def test_what_typing_and_pasting_leave_is_repaired(raw: str, name: str, repair: str) -> None:
    assert names.clean(raw) == names.CleanName(name, (repair,))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "name_empty"),
        (" \u3000 ", "name_empty"),
        ("张", "name_too_short"),
        ("张" * 51, "name_too_long"),
        ("张3", "name_digit"),
        ("张三²", "name_digit"),
        ("张\x00三", "name_control"),
        ("张\u202e三", "name_control"),
        ("张\u2066三", "name_control"),
        ("张\ud842三", "name_broken"),
        ("\ue863明", "name_private_use"),
        ("<b>张三", "name_markup"),
        ("=张三", "name_markup"),
        ("·张三", "name_character"),
        ("张··三", "name_character"),
        ("张三·", "name_character"),
        ("张（三）", "name_character"),
        ("张三😀", "name_character"),
    ],
)
def test_what_belongs_to_no_name_is_refused_with_its_code(raw: str, code: str) -> None:
    assert refusal(raw) == code


@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    try:
        once = names.parse(raw)
    except Refused:
        return
    assert names.clean(once) == names.CleanName(once)
    assert len(once) <= names.LONGEST
    assert not set(once) & set("<>&\"'\x00\u202e0123456789") - {"'"}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("单雄信", "shan xiong xin"),
        ("仇英", "qiu ying"),
        ("曾国藩", "zeng guo fan"),
        ("解缙", "xie jin"),
        ("单于婉", "chan yu wan"),
        ("万俟卨", "mo qi xie"),
        ("阿卜杜·热合曼", "a bu du re he man"),
        ("𠮷学文", "ji xue wen"),
        ("John Smith", "john smith"),
    ],
)
def test_surnames_sort_under_their_own_reading(name: str, key: str) -> None:
    assert names.pinyin_key(name) == key


@given(st.text(HAN, min_size=2, max_size=50))
def test_every_name_has_a_key(name: str) -> None:
    assert names.pinyin_key(name)


def test_a_name_is_spelled_the_same_however_quickly_it_is_spelled() -> None:
    chance = random.Random(4)
    known = "单曾解查长行乐重仇石贤建国爱红银行行长重庆大小曲折长大音乐朝阳会计角色"
    starts = ["", *names.SURNAMES, *names.PHRASES]

    for _ in range(3_000):
        text = chance.choice(starts) + "".join(chance.choices(known, k=chance.randint(1, 4)))
        begins = next(
            (one for one in (*names.PHRASES, *names.SURNAMES) if text.startswith(one)), ""
        )
        read = names.PHRASES.get(begins) or names.SURNAMES.get(begins, "")
        rest = names._spelled(text.removeprefix(begins)) if text != begins else []
        assert names.pinyin_key(text) == " ".join([*read.split(), *rest])
