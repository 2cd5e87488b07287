from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class Config(AppConfig):
    name = "census_staff.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Leave it to our own door to note when somebody came in (`sessions.note_come_in`)."""
        user_logged_in.disconnect(dispatch_uid="update_last_login")
