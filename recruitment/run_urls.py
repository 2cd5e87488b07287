from django.urls import path

from . import api_runs
from .views import runs

urlpatterns = [
    path("runs/", runs.run_list, name="run_list"),
    path("runs/new/", runs.run_new, name="run_new"),
    path("runs/<int:pk>/", runs.run_detail, name="run_detail"),
    path("runs/<int:pk>/progress/", runs.run_progress, name="run_progress"),
    path("runs/<int:pk>/steps/<slug:name>/", runs.run_step, name="run_step"),
    path("runs/<int:pk>/export/", runs.run_export_list, name="run_export"),
    path("runs/<int:pk>/calls/", runs.run_calls, name="run_calls"),
    path("api/runs/", api_runs.Runs.as_view()),
    path("api/runs/<int:pk>/", api_runs.Run.as_view()),
    path("api/runs/<int:pk>/items/", api_runs.RunItems.as_view()),
    path("api/runs/<int:pk>/steps/<slug:name>/", api_runs.RunStep.as_view()),
]
