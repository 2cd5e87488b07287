from django.apps import AppConfig


class Config(AppConfig):
    name = "training"
    label = "training"
