"""The paths of cards."""

from django.urls import path

from . import public_views

urlpatterns = [
    path("v/", public_views.look_up, name="look_up"),
    path("v/<path:token>", public_views.verify, name="verify"),
    path("V/<path:token>", public_views.verify),
    path("api/verify/<path:token>", public_views.verify_json, name="verify_json"),
]
