from django.urls import path

from .views import census

urlpatterns = [
    path("census/", census.settings_page, name="census_settings"),
    path("census/times/", census.ask_times, name="census_times"),
    path("census/times/<int:pk>/<slug:deed>/", census.decide_times, name="census_times_decide"),
    path("offices/", census.office_list, name="office_list"),
    path("offices/<int:pk>/", census.office_edit, name="office_edit"),
]
