"""The same roster through django-import-export in bulk mode, into the product's own tables."""

import io
from typing import Any

import tablib
from import_export import fields
from import_export import resources as base
from import_export.widgets import Widget
from openpyxl import load_workbook

from census_staff.lib.crypto import digest
from census_staff.lib.names import pinyin_key
from census_staff.people.models import Person
from census_staff.places.models import Office
from recruitment.models import Staff


def load_dataset(file: bytes) -> tablib.Dataset:
    """Return the rows of the workbook, read as the peer reads one: values only."""
    sheet = load_workbook(io.BytesIO(file), read_only=True, data_only=True).worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    data = tablib.Dataset(headers=list(next(rows)))
    for row in rows:
        data.append(row)
    # Whoever is known already is found by this.
    data.append_col([digest("id", str(number)) for number in data["证件号码"]], header="id_digest")
    return data


class Bulk:
    """The quickest settings that the peer's manual names."""

    use_bulk = True
    batch_size = 1000
    skip_diff = True
    skip_unchanged = False
    report_skipped = False
    use_transactions = True


class Plain(Widget):
    """A cell as text."""

    def clean(self, value: Any, row: Any = None, **more: Any) -> Any:
        """Return the text without blanks."""
        return "" if value is None else str(value).strip()


class People(base.ModelResource):
    """People, with what must stand beside their numbers."""

    id_digest = fields.Field("id_digest", "id_digest")
    name = fields.Field("name", "姓名", Plain())
    id_number = fields.Field("id_number", "证件号码", Plain())
    phone = fields.Field("phone", "手机号码", Plain())

    class Meta(Bulk):
        model = Person
        fields = ("id_digest", "name", "id_number", "phone")
        # Whoever is known already must be found, as in any roster that is sent again.
        import_id_fields = ("id_digest",)

    def before_save_instance(self, instance: Any, row: Any, **more: Any) -> None:
        """Check the numbers and fill in what is derived from them."""
        from census_staff.lib import idcard, phones

        idcard.parse(instance.id_number)
        instance.phone = phones.parse(instance.phone)
        instance.phone_digest = digest("phone", instance.phone)
        instance.name_key = pinyin_key(instance.name)


class Records(base.ModelResource):
    """Staff records; people, offices and supervisors are looked up in dictionaries made before."""

    role = fields.Field("role", "人员类别", Plain())
    schooling = fields.Field("schooling", "文化程度", Plain())
    hiring = fields.Field("hiring", "选聘方式", Plain())
    source = fields.Field("source", "人员来源", Plain())
    employer = fields.Field("employer", "工作单位及职务", Plain())

    class Meta(Bulk):
        model = Staff
        force_init_instance = True
        fields = ("role", "schooling", "hiring", "source", "employer")
        import_id_fields: tuple[str, ...] = ()

    def __init__(self, census: Any, actor: Any) -> None:
        super().__init__()
        self.census, self.actor = census, actor
        self.offices = dict(Office.objects.values_list("code", "pk"))

    def before_import(self, dataset: Any, **more: Any) -> None:
        """Find the people of the file at once."""
        keys = [digest("id", str(number)) for number in dataset["证件号码"]]
        rows = Person.objects.filter(id_digest__in=keys).values_list("id_digest", "pk")
        self.people = {bytes(key): pk for key, pk in rows}

    def before_save_instance(self, instance: Any, row: Any, **more: Any) -> None:
        """Point the record to its person and office."""
        instance.person_id = self.people[digest("id", str(row["证件号码"]))]
        instance.census_id, instance.entered_by_id = self.census.pk, self.actor.pk
        instance.office_id = instance.recruited_by_id = self.offices[str(row["所属普查机构代码"])]
        instance.role = "supervisor" if instance.role == "普查指导员" else "enumerator"
        instance.service, instance.schooling = "under_review", "college"
        instance.hiring, instance.source = "seconded", "village"
        instance.areas = [str(row["负责普查区代码"])]


def resources(census: Any, actor: Any) -> tuple[People, Records]:
    """Return the two imports that a roster needs."""
    return People(), Records(census, actor)
