"""The addresses of exams: the office's, and the phone's with the API behind it."""

from django.urls import path

from . import views
from .phone_urls import phone_urls

urlpatterns = [
    path("exams/", views.exam_list, name="exam_list"),
    path("exams/new/", views.exam_new, name="exam_new"),
    path("exams/people/", views.exam_people, name="exam_people"),
    path("exams/people/<int:person>/", views.exam_attempts, name="exam_attempts"),
    path("exams/attempts/<int:pk>/void/", views.attempt_void, name="attempt_void"),
    path("exams/<int:pk>/", views.exam_page, name="exam_page"),
    path("exams/<int:pk>/publish/", views.exam_publish, name="exam_publish"),
    path("exams/<int:pk>/close/", views.exam_close, name="exam_close"),
    *phone_urls,
]
