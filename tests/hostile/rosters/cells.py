"""Cells as people and programs write them."""

from tests.hostile.rosters.packages import CHINESE_DAY, DAY, MOMENT, Fault, Flavour, Formula, Serial
from tests.hostile.rosters.people import IDS, NAMES, PHONES, SECOND, cell

ID, PHONE = IDS[SECOND], PHONES[SECOND]
WIDE = str.maketrans({chr(0x21 + at): chr(0xFF01 + at) for at in range(94)})


def _ending_in_x() -> str:
    from recruitment.roster_columns import synthetic_id

    numbers = (synthetic_id("341524", "0103", order) for order in range(1000))
    return next(number for number in numbers if number.endswith("X"))


X_ID = _ending_in_x()
MESSY = "id_normalised"

cell("id-number-as-number", "id_number", 341524190001020288, error="id_number_lost_digits")
cell("id-number-as-float", "id_number", 3.41524190001020e17, error="id_number_lost_digits")
cell("id-number-as-exponent-text", "id_number", "3.41524E+17", error="id_number_lost_digits")
cell("id-number-15-digits-as-number", "id_number", 341524000102028, error="id_number_lost_digits")
cell("id-number-15-digits-as-text", "id_number", "341524000102028", error="id_length")
cell("id-number-grouped", "id_number", f"{ID[:6]} {ID[6:14]} {ID[14:]}", stored=ID, repair=MESSY)
cell("id-number-apostrophe", "id_number", "'" + ID, stored=ID, repair=MESSY)
cell("id-number-curly-apostrophe", "id_number", "‘" + ID, stored=ID, repair=MESSY)
cell("id-number-full-width", "id_number", ID.translate(WIDE), stored=ID, repair=MESSY)
cell("id-number-ideographic-space", "id_number", f"\u3000{ID}\u3000", stored=ID)
cell("id-number-zero-width", "id_number", f"{ID[:8]}\u200b{ID[8:]}\ufeff", stored=ID, repair=MESSY)
cell("id-number-no-break-space", "id_number", f"{ID}\u00a0", stored=ID)
cell("id-number-line-break", "id_number", f"{ID[:9]}\n{ID[9:]}", stored=ID, repair=MESSY)
cell("id-number-direction-mark", "id_number", f"\u202d{ID}\u202c", stored=ID, repair=MESSY)
cell("id-number-big-x", "id_number", X_ID, stored=X_ID)
cell("id-number-small-x", "id_number", X_ID.lower(), stored=X_ID, repair=MESSY)
cell("id-number-wide-x", "id_number", X_ID[:17] + "ｘ", stored=X_ID, repair=MESSY)
cell("id-number-cross", "id_number", X_ID[:17] + "×", error="id_characters")
cell("id-number-cyrillic-x", "id_number", X_ID[:17] + "Х", error="id_characters")
cell("id-number-letter-o", "id_number", ID.replace("0", "O", 1), error="id_characters")
cell("id-number-17-digits", "id_number", ID[:17], error="id_length")
cell("id-number-19-digits", "id_number", ID + "1", error="id_length")
cell("id-number-wrong-check", "id_number", ID[:17] + ("1" if ID[17] != "1" else "2"),
     error="id_checksum")  # fmt: skip
cell("id-number-exchanged-digits", "id_number", ID[:14] + ID[15] + ID[14] + ID[16:],
     error="id_checksum")  # fmt: skip
cell("id-number-no-such-day", "id_number", "341524190002300018", error="id_birth_date")
cell("id-number-asterisks", "id_number", "3415**********0288", error="id_characters")
cell("id-number-formula-text", "id_number", Formula(f'"{ID}"', ID), stored=ID)
cell("id-number-formula-copy", "id_number", Formula("A1"), error="id_number_missing")
cell("id-number-not-there", "id_number", Fault("#N/A"), error="id_number_fault")
cell("id-number-missing", "id_number", None, error="id_number_missing")
cell("id-number-only-spaces", "id_number", " \u3000 ", error="id_number_missing")

cell("phone-as-number", "phone", int(PHONE), stored=PHONE)
cell("phone-as-float", "phone", float(PHONE), stored=PHONE)
cell("phone-text-point-zero", "phone", f"{PHONE}.0", stored=PHONE, repair="phone_normalised")
cell("phone-86", "phone", f"+86 {PHONE}", stored=PHONE, repair="phone_normalised")
cell("phone-0086", "phone", f"0086-{PHONE}", stored=PHONE, repair="phone_normalised")
cell("phone-86-as-number", "phone", int("86" + PHONE), stored=PHONE, repair="phone_normalised")
cell("phone-full-width", "phone", PHONE.translate(WIDE), stored=PHONE, repair="phone_normalised")
cell("phone-grouped", "phone", f"{PHONE[:3]}-{PHONE[3:7]}-{PHONE[7:]}", stored=PHONE,
     repair="phone_normalised")  # fmt: skip
cell("phone-exponent", "phone", "1.36E+10", error="phone_invalid")
cell("phone-two", "phone", f"{PHONE}/13900000000", error="phone_invalid")
cell("phone-landline", "phone", "0564-3631234", error="phone_invalid")
cell("phone-hidden-marks", "phone", f"\u202d{PHONE}\u202c", stored=PHONE, repair="phone_normalised")
cell("phone-error", "phone", Fault("#VALUE!"), error="phone_fault")
cell("phone-true", "phone", True, error="phone_invalid")

DAY_1900, DAY_1904 = 46381, 46381 - 1462  # 2026-12-25
cell("day-serial", "starts_on", Serial(DAY_1900), stored="2026-12-25")
cell("day-serial-chinese", "starts_on", Serial(DAY_1900, CHINESE_DAY), stored="2026-12-25")
cell("day-serial-moment", "starts_on", Serial(DAY_1900 + 0.5, MOMENT), stored="2026-12-25")
cell("day-serial-1904", "starts_on", Serial(DAY_1904, DAY), stored="2026-12-25",
     flavour=Flavour(from_1904=True))  # fmt: skip
cell("day-bare-number", "starts_on", DAY_1900, error="date_invalid")
for at, style in enumerate(
    (
        "2026/12/25",
        "2026.12.25",
        "2026年12月25日",
        "20261225",
        "２０２６－１２－２５",
        "2026-12-25 00:00:00",
        "2026 年 12 月 25 日",
        "2026/12/25 ",
    )
):
    cell(f"day-text-{at}", "starts_on", style, stored="2026-12-25", repair="date_normalised")
cell(
    "day-as-number-of-digits", "starts_on", 20261225, stored="2026-12-25", repair="date_normalised"
)
cell("day-month-first", "starts_on", "12/25/2026", error="date_invalid")
cell("day-without-year", "starts_on", "12月25日", error="date_invalid")
cell("day-impossible", "starts_on", "2026-02-30", error="date_invalid")
cell("day-month-alone", "starts_on", "2026-12", error="date_invalid")
# The day that Excel believes in and no calendar has.
cell("day-serial-60", "starts_on", Serial(60), stored="1900-02-28")
cell("day-serial-far", "starts_on", Serial(9_999_999), error="date_invalid")
cell("day-serial-below-zero", "starts_on", Serial(-5), error="date_invalid")

for at, dot in enumerate("•・･‧∙⋅●᛫․ꞏ."):
    cell(f"name-dot-{at}", "name", f"阿卜杜拉{dot}买买提", stored=NAMES[2], repair="name_dot")
cell("name-dot-spaced", "name", "阿卜杜拉 · 买买提", stored=NAMES[2], repair="name_spaces")
cell("name-padded", "name", "胡　云", stored="胡云", repair="name_spaces")
cell("name-line-break", "name", "胡守\n云", stored="胡守云", repair="name_spaces")
for at, rare in enumerate(
    "㐂\U00020bb7\U0002a700\U0002b740\U0002b820\U0002ceb0\U00030000\U00031350䶮"
):
    cell(f"name-rare-{at}", "name", f"胡{rare}", stored=f"胡{rare}")
cell("name-radical", "name", "胡⾦云", stored="胡金云", repair="name_form")
cell("name-compatibility", "name", "胡\uf90a云", stored="胡金云", repair="name_composed")
cell("name-variant-mark", "name", "胡守云\ufe00", stored="胡守云", repair="name_invisible")
cell("name-zero-width", "name", "胡\u200b守云", stored="胡守云", repair="name_invisible")
cell("name-private-use", "name", "胡\ue863云", error="name_private_use")
cell("name-question-mark", "name", "胡?云", error="name_character")
cell("name-right-to-left", "name", "胡\u202e云守", error="name_control")
cell("name-markup", "name", "<script>alert(1)</script>", error="name_markup")
cell("name-template", "name", "{{7*7}}", error="name_markup")
cell("name-command", "name", "=cmd|' /C calc'!A0", error="name_markup")
cell("name-hyperlink", "name", '=HYPERLINK("http://x.invalid","点")', error="name_markup")
cell("name-wide-equals", "name", "＝胡守云", error="name_character")
cell("name-escaped-nul", "name", "胡_x0000_云", error="name_control")
cell("name-escaped-return", "name", "胡守_x000D_云", stored="胡守云", repair="name_spaces")
cell("name-emoji", "name", "胡😀云", error="name_character")
cell("name-32767", "name", "胡" * 32_767, error="name_too_long")
cell("name-number", "name", 12345, error="name_digit")
cell("name-computed", "name", Formula('"胡"&"守云"', "胡守云"), stored="胡守云")
cell("name-error", "name", Fault("#NAME?"), error="name_fault")

ONE, TWO = "341524112201", "341524112202"
for at, sign in enumerate(
    ("；", ",", "，", "、", "|", " ", "\n", "\u3000", "; ", "；\n", "/", "\t")
):
    cell(f"areas-sign-{at}", "areas", f"{ONE}{sign}{TWO}", stored=(ONE, TWO),
         repair="" if sign == "；" else "areas_normalised")  # fmt: skip
cell("areas-mixed", "areas", f"{ONE}；{TWO},{ONE}、", stored=(ONE, TWO), repair="areas_normalised")
cell("areas-number", "areas", int(ONE), stored=(ONE,))
cell("areas-names-beside", "areas", f"{ONE}桃花村；{TWO}(杏花村)", stored=(ONE, TWO),
     repair="areas_normalised")  # fmt: skip
cell("areas-glued", "areas", float(ONE + TWO), error="area_lost_digits")
cell("areas-town", "areas", "341524112000", error="area_code_invalid")
cell("areas-short", "areas", "34152411220", error="area_code_invalid")
cell("office-code-12", "office_code", "341524112000", stored="341524112", repair="code_normalised")
cell("office-code-number", "office_code", 341524112, stored="341524112")
cell("office-code-with-name", "office_code", "341524112 流波䃥镇", stored="341524112",
     repair="code_normalised")  # fmt: skip
cell("office-code-wide", "office_code", "３４１５２４１１２", stored="341524112",
     repair="code_normalised")  # fmt: skip

WORD = "word_understood"
for at, (key, written, stored) in enumerate((
    ("role", "普察员", "enumerator"), ("role", "调查员", "enumerator"), ("role", " 普 查 员 ", "enumerator"),
    ("schooling", "大专", "college"), ("schooling", "全日制本科", "bachelor"), ("schooling", "硕士", "postgraduate"),
    ("schooling", "中专/职高", "vocational"), ("hiring", "购买社会服务", "contracted"),
    ("hiring", "村（居）推荐", "recommended"), ("source", "村（社区）", "village"), ("source", "村委", "village"),
    ("source", "老师", "teacher"),
)):  # fmt: skip
    cell(
        f"word-{at}", key, written, stored=stored, repair="" if written == "村（居）推荐" else WORD
    )
cell("word-unknown", "schooling", "博士后进修班", error="schooling_invalid")
cell("word-two", "source", "机关、企业", error="source_invalid")
cell("word-truth", "schooling", True, error="schooling_invalid")
cell("supervisor-name-and-phone", "supervisor", f"汪德胜 {PHONES[0]}", stored=PHONES[0],
     repair="supervisor_normalised")  # fmt: skip
cell("supervisor-number", "supervisor", int(PHONES[0]), stored=PHONES[0])
cell("supervisor-id-as-number", "supervisor", 341524190001020116, error="supervisor_lost_digits")
cell("supervisor-name-alone", "supervisor", "汪德胜", error="supervisor_invalid")
cell("employer-very-long", "employer", "长" * 32_767, error="employer_too_long")
cell(
    "employer-line-break",
    "employer",
    "桃花村委会\r\n委员",
    stored="桃花村委会 委员",
    repair="spaces_tidied",
)
cell("employer-command", "employer", "=cmd|' /C calc'!A0", stored="=cmd|' /C calc'!A0")
cell("employer-error", "employer", Fault("#REF!"), error="employer_fault")
cell("employer-error-as-text", "employer", "#REF!", error="employer_fault")
cell("day-error-in-an-optional-cell", "starts_on", Fault("#DIV/0!"), error="starts_on_fault")
cell("day-error-of-wps", "starts_on", Fault("#N/A"), error="starts_on_fault",
     flavour=Flavour(prefix="x", absolute=True, strings="inline"))  # fmt: skip
cell("day-error-in-the-last-column", "ends_on", Fault("#N/A"), error="ends_on_fault")
