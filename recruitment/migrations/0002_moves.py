from django.db import migrations

from census_staff.audit.schema import append_only, jumps, track

SERVICE = [
    ("", "proposed"),
    ("", "under_review"),
    ("appointed", "left"),
    ("appointed", "on_duty"),
    ("on_duty", "appointed"),
    ("on_duty", "left"),
    ("proposed", "left"),
    ("proposed", "under_review"),
    ("reserve", "appointed"),
    ("reserve", "left"),
    ("reserve", "refused"),
    ("returned", "left"),
    ("returned", "under_review"),
    ("under_review", "appointed"),
    ("under_review", "refused"),
    ("under_review", "reserve"),
    ("under_review", "returned"),
]

ACCESS = [
    ("", "not_activated"),
    ("disabled", "enabled"),
    ("disabled", "reminded"),
    ("enabled", "disabled"),
    ("enabled", "reminded"),
    ("not_activated", "enabled"),
    ("reminded", "disabled"),
    ("reminded", "enabled"),
]


class Migration(migrations.Migration):
    """Audit and guard the two axes of staff; keep what was signed."""

    dependencies = [("recruitment", "0001_staff_orders_pledges"), ("audit", "0002_triggers")]

    operations = [
        jumps("recruitment_staff", "service", SERVICE),
        jumps("recruitment_staff", "access", ACCESS),
        track(
            "recruitment_staff", ["service", "access"], office="r.office_id", census="r.census_id"
        ),
        *append_only("recruitment_pledge"),
        *append_only("recruitment_pledgevoid"),
    ]
