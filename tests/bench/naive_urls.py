"""The product's routes and the naive ones, behind the same middleware."""

from django.urls import path

from census_staff.urls import urlpatterns as product
from tests.bench import naive_views

urlpatterns = [
    path("bench/v/<str:token>", naive_views.verify),
    path("api/bench/<str:census_code>/save/", naive_views.Save.as_view()),
    path("api/bench/<str:census_code>/lean/", naive_views.lean),
    path("bench/floor", naive_views.floor),
    *product,
]
