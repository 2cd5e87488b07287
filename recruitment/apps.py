from django.apps import AppConfig


class Config(AppConfig):
    name = "recruitment"
    label = "recruitment"
