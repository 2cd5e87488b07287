from django.apps import AppConfig


class Config(AppConfig):
    name = "census_staff.batches"
    label = "batches"
