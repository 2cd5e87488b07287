from django.urls import path

from . import api_roster
from .views import roster

urlpatterns = [
    path("roster/", roster.roster_home, name="roster_home"),
    path("roster/template.xlsx", roster.roster_template, name="roster_template"),
    path("roster/sample/<str:kind>.xlsx", roster.roster_sample, name="roster_sample"),
    path("roster/upload/", roster.roster_upload, name="roster_upload"),
    path("roster/photos/", roster.photo_zip, name="photo_zip"),
    path("roster/batch/<int:pk>/", roster.roster_batch, name="roster_batch"),
    path("roster/<int:pk>/", roster.roster_file, name="roster_file"),
    path("roster/<int:pk>/progress/", roster.roster_progress, name="roster_progress"),
    path("roster/<int:pk>/commit/", roster.roster_commit, name="roster_commit"),
    path("roster/<int:pk>/discard/", roster.roster_discard, name="roster_discard"),
    path("roster/<int:pk>/errors/", roster.roster_errors, name="roster_errors"),
    path("api/rosters/", api_roster.Rosters.as_view(), name="api_rosters"),
    path("api/rosters/<int:pk>/", api_roster.Roster.as_view(), name="api_roster"),
    path("api/rosters/<int:pk>/rows/", api_roster.Rows.as_view(), name="api_roster_rows"),
    path("api/rosters/<int:pk>/commit/", api_roster.Commit.as_view(), name="api_roster_commit"),
]
