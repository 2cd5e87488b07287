"""The words of a staff record, and how rosters write them."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    SUPERVISOR = "supervisor", _("Supervisor")
    ENUMERATOR = "enumerator", _("Enumerator")


class IdKind(TextChoices):
    RESIDENT = "resident", _("Resident ID card")
    PERMIT = "permit", _("Residence permit for Hong Kong, Macao and Taiwan")
    FOREIGNER = "foreigner", _("Foreign permanent resident ID card")
    OTHER = "other", _("Another document")


class Schooling(TextChoices):
    """From the lowest to the highest: `SCHOOLING_RANK` compares them."""

    PRIMARY = "primary", _("Primary school")
    JUNIOR = "junior", _("Junior middle school")
    SENIOR = "senior", _("Senior middle school")
    VOCATIONAL = "vocational", _("Secondary vocational school")
    COLLEGE = "college", _("Junior college")
    BACHELOR = "bachelor", _("Bachelor")
    POSTGRADUATE = "postgraduate", _("Postgraduate")


class Hiring(TextChoices):
    SELECTED = "selected", _("Selected and transferred")
    CONSULTED = "consulted", _("Transferred by consultation")
    SECONDED = "seconded", _("Seconded")
    HIRED = "hired", _("Hired from the public")
    RECOMMENDED = "recommended", _("Recommended by the village or community")
    VOLUNTEER = "volunteer", _("Volunteer")
    CONTRACTED = "contracted", _("Purchased service")


class Source(TextChoices):
    GOVERNMENT = "government", _("Government body")
    INSTITUTION = "institution", _("Public institution")
    ENTERPRISE = "enterprise", _("Enterprise")
    ASSOCIATION = "association", _("Social organisation")
    VILLAGE = "village", _("Village or community committee")
    TEACHER = "teacher", _("Teacher")
    STUDENT = "student", _("University student")
    RETIRED = "retired", _("Retired person")
    OTHER = "other", _("Other")


# Secondary vocational schools count as senior middle schools where a minimum is asked.
SCHOOLING_RANK = {"primary": 1, "junior": 2, "senior": 3, "vocational": 3, "college": 4,
                  "bachelor": 5, "postgraduate": 6}  # fmt: skip

# The first word of each line is the one the template offers; the others are accepted for it.
ROLE_WORDS = {
    Role.SUPERVISOR: "普查指导员 指导员 普查指导 督导员 普查督导员 普查辅导员",
    Role.ENUMERATOR: "普查员 普察员 调查员 登记员 普查登记员 普查人员",
}
ID_KIND_WORDS = {
    IdKind.RESIDENT: "居民身份证 身份证 二代身份证 第二代身份证 二代证 中国居民身份证 大陆居民身份证",
    IdKind.PERMIT: "港澳台居民居住证 港澳台居住证 港澳居民居住证 台湾居民居住证 居住证",
    IdKind.FOREIGNER: "外国人永久居留身份证 外国人永久居留证 永久居留身份证 永居证 外国人永居证",
    IdKind.OTHER: "其他 其它 其他证件 其它证件",
}
SCHOOLING_WORDS = {
    Schooling.POSTGRADUATE: "研究生 硕士 博士 硕士研究生 博士研究生 研究生及以上 硕士及以上 在职研究生",
    Schooling.BACHELOR: "本科 大学本科 大学 学士 大本 全日制本科 本科学历 在职本科 本科及以上",
    Schooling.COLLEGE: "专科 大专 大学专科 高职 大专学历 专科学历 高等专科 高职高专",
    Schooling.VOCATIONAL: "中专或职高 中专 职高 中职 技校 中技 中等专业学校 职业高中 中专职高",
    Schooling.SENIOR: "高中 普通高中 高中学历 高中毕业 高级中学",
    Schooling.JUNIOR: "初中 初中学历 初中毕业 初级中学",
    Schooling.PRIMARY: "小学 小学学历 小学毕业",
}
HIRING_WORDS = {
    Hiring.SELECTED: "选调 抽调 选派",
    Hiring.CONSULTED: "商调",
    Hiring.SECONDED: "借调 借用",
    Hiring.HIRED: "社会招聘 招聘 公开招聘 聘用 招录 社会聘用",
    Hiring.RECOMMENDED: "村(居)推荐 村居推荐 村推荐 居推荐 社区推荐 村委会推荐 居委会推荐 村(社区)推荐 推荐",
    Hiring.VOLUNTEER: "志愿者 志愿 志愿服务",
    Hiring.CONTRACTED: "购买服务 政府购买服务 购买社会服务 劳务派遣 第三方",
}
SOURCE_WORDS = {
    Source.GOVERNMENT: "机关 党政机关 政府机关 行政机关 国家机关 机关单位 公务员",
    Source.INSTITUTION: "事业单位 事业",
    Source.ENTERPRISE: "企业 公司 国企 企业单位 国有企业 私营企业",
    Source.ASSOCIATION: "社会团体 社团 社会组织 群团组织",
    Source.VILLAGE: "村(居)委会 村居委会 村委会 居委会 村委 社区 村干部 社区干部 社区居委会 村两委 村(社区)",
    Source.TEACHER: "教师 老师 中小学教师",
    Source.STUDENT: "在校大学生 大学生 学生 在校生 高校学生",
    Source.RETIRED: "退休人员 退休 离退休人员 离退休",
    Source.OTHER: "其他 其它 无 自由职业 待业 务农 农民",
}
EXPERIENCE_WORDS = (
    "五经普 第五次全国经济普查 第五次经济普查",
    "四经普 第四次全国经济普查 第四次经济普查",
    "三经普 第三次全国经济普查 第三次经济普查",
    "二经普 第二次全国经济普查 第二次经济普查",
    "四农普 第四次全国农业普查 第四次农业普查",
    "三农普 第三次全国农业普查 第三次农业普查",
    "二农普 第二次全国农业普查 第二次农业普查",
    "七人普 第七次全国人口普查 第七次人口普查",
    "六人普 第六次全国人口普查 第六次人口普查",
    "1%抽样 1%人口抽样 1%人口抽样调查 全国1%人口抽样调查 人口抽样调查",
)
