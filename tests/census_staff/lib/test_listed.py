"""Words of a list are separated as the reader's language does it."""

from django.utils.translation import override

from census_staff.lib import wording


def test_chinese_and_english_separate_words_in_their_own_way() -> None:
    with override("zh-hans"):
        assert wording.listed(["甲", "乙"]) == "甲、乙"
    with override("en"):
        assert wording.listed(["one", "two"]) == "one, two"
