"""Synthetic people for the demonstration and for tests: sound numbers that belong to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import Literal

from census_staff.lib.idcard import make_checked

Sex = Literal["male", "female"]

LU_AN_COUNTIES = ("341502", "341503", "341504", "341522", "341523", "341524", "341525")
# Born in 1900: the numbers are sound, and whoever they could belong to is no longer living.
BORN_FROM, DAYS = date(1900, 1, 1), 365
# Mobile numbers of the demonstration all open with these digits, so that they are known at sight.
PHONE_PREFIX, PHONES = "19900", 1_000_000

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
RARE_SURNAMES = ("𠮷", "䶮", "㛃", "仉", "逄", "昝", "亓官", "欧阳", "诸葛", "上官", "第五", "司徒")
MALE_GIVEN = "伟强军勇杰涛明超波辉刚健斌华平志国建文武海龙飞鹏宇浩然松林峰山河生福来田旺德义学"
FEMALE_GIVEN = "芳娜敏静丽娟艳霞秀英玲桂兰红梅燕琴云莲春香凤洁萍慧巧美玉珍蓉菊雪荷月婷莉颖怡桃"
# The longest is longer than most forms allow for; the dot is the one separator of the standard.
DOTTED = {
    "male": ("阿卜杜·热合曼", "买买提·依明", "阿卜杜热合曼·阿卜杜克里木·买买提依明", "扎西·次仁"),
    "female": ("古丽·阿卜杜", "阿依古丽·买买提", "米热古丽·阿卜杜热合曼", "卓玛·央金"),
}
# Names that decide whether a card can be printed; the last one is in none of the fonts that ship.
RARE_GIVEN = ("学𫖯", "䃥", "䶮", "文㛃", "𠮷祥", "𬭎", "喆𡉃")

# Code and weight. Schooling, sources and the habits of hiring follow a county's usual roster.
SCHOOLING = {"junior": 12, "senior": 33, "vocational": 10, "college": 28, "bachelor": 16}
SCHOOLING |= {"postgraduate": 1}
SOURCES = {"village": 60, "government": 8, "institution": 9, "teacher": 7, "enterprise": 4}
SOURCES |= {"association": 1, "student": 4, "retired": 3, "other": 4}
HIRING = {
    "village": ("recommended", "recommended", "recommended", "hired"),
    "government": ("seconded", "selected"),
    "institution": ("seconded", "consulted"),
    "teacher": ("seconded", "consulted", "volunteer"),
    "enterprise": ("contracted", "hired"),
    "association": ("volunteer", "hired"),
    "student": ("volunteer", "hired"),
    "retired": ("hired", "volunteer"),
    "other": ("hired", "recommended"),
}
EMPLOYERS = {
    "village": ("村委会 委员", "村委会 会计", "村民小组 组长", "社区居委会 网格员", "村委会 文书"),
    "government": ("镇政府 统计员", "乡政府 农业干事", "街道办事处 科员", "县统计局 科员"),
    "institution": ("乡镇农业综合服务站 技术员", "财政所 会计", "文化站 干事", "林业站 技术员"),
    "teacher": ("中心小学 教师", "初级中学 教师", "职业学校 教师"),
    "enterprise": ("农业合作社 会计", "茶叶公司 职员", "劳务公司 派遣员"),
    "association": ("农技协会 干事", "志愿者协会 队员"),
    "student": ("在校大学生 统计专业", "在校大学生 农学专业"),
    "retired": ("退休教师", "退休会计", "退休乡镇干部"),
    "other": ("务农", "个体经营", "自由职业"),
}


@dataclass(frozen=True, slots=True)
class SyntheticPerson:
    """One invented person; words are the codes of `recruitment.words`."""

    name: str
    id_number: str
    phone: str
    sex: Sex
    role: str
    schooling: str
    hiring: str
    source: str
    employer: str


def people(
    count: int, *, seed: int = 3415, counties: tuple[str, ...] = LU_AN_COUNTIES
) -> list[SyntheticPerson]:
    """Return the first `count` people of a seed: a longer list begins with the shorter one."""
    return list(islice(endless_people(seed=seed, counties=counties), count))


def endless_people(
    *, seed: int = 3415, counties: tuple[str, ...] = LU_AN_COUNTIES
) -> Iterator[SyntheticPerson]:
    """Return people one after another, no two with the same ID number or phone."""
    # A seed has to give the same people everywhere; nothing here is a secret.
    random = Random(seed)
    used: set[str] = set()
    first_phone = random.randrange(PHONES)
    for place in range(PHONES):
        sex: Sex = random.choice(("male", "female"))
        source = _weighted(random, SOURCES)
        yield SyntheticPerson(
            name=_name(random, sex, place),
            id_number=_id_number(random, sex, random.choice(counties), used),
            # A step without a common factor walks through all numbers once.
            phone=f"{PHONE_PREFIX}{(first_phone + place * 618_033) % PHONES:06}",
            sex=sex,
            role="supervisor" if place % 6 == 0 else "enumerator",
            schooling=_weighted(random, SCHOOLING),
            hiring=random.choice(HIRING[source]),
            source=source,
            employer=random.choice(EMPLOYERS[source]),
        )


def plain_names(seed: int) -> Iterator[str]:
    """Return names of invented people one after another, none of them rare."""
    random = Random(seed)
    sex: Sex
    while True:
        for sex in ("female", "male"):
            yield _name(random, sex, 0)


def _name(random: Random, sex: Sex, place: int) -> str:
    given = MALE_GIVEN if sex == "male" else FEMALE_GIVEN
    plain = "".join(random.sample(given, random.choice((1, 2, 2, 2))))
    # By place and not by chance: every fifty people are sure to hold some of each kind.
    if place % 50 == 7:
        return RARE_SURNAMES[place // 50 % len(RARE_SURNAMES)] + plain
    if place % 50 == 23:
        return DOTTED[sex][place // 50 % len(DOTTED[sex])]
    if place % 50 == 41:
        return random.choice(SURNAMES) + RARE_GIVEN[place // 50 % len(RARE_GIVEN)]
    return random.choice(SURNAMES) + plain


def _id_number(random: Random, sex: Sex, county: str, used: set[str]) -> str:
    while True:
        born = BORN_FROM + timedelta(days=random.randrange(DAYS))
        # The seventeenth digit is odd for men and even for women.
        order = random.randrange(1, 500) * 2 - (1 if sex == "male" else 0)
        number = make_checked(f"{county}{born:%Y%m%d}{order:03}")
        if number not in used:
            used.add(number)
            return number


def _weighted(random: Random, weights: dict[str, int]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]
