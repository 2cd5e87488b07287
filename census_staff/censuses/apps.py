from django.apps import AppConfig


class Config(AppConfig):
    name = "census_staff.censuses"
    label = "censuses"
