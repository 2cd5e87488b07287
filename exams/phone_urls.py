"""Where the person who sits an exam goes: pages, and the API behind them."""

from django.urls import path

from . import api, phone_views

MY = "my/<str:census_code>/exam/"
API = f"api/{MY}"

phone_urls = [
    path(MY, phone_views.phone_exam, name="phone_exam"),
    path(f"{MY}start/", phone_views.phone_exam_start, name="phone_exam_start"),
    path(f"{MY}<int:attempt>/result/", phone_views.phone_exam_result, name="phone_exam_result"),
    path(API, api.ExamState.as_view(), name="api_my_exam"),
    path(f"{API}start/", api.ExamStart.as_view(), name="api_my_exam_start"),
    path(f"{API}page/", api.ExamPage.as_view(), name="phone_exam_page"),
    path(f"{API}answers/", api.ExamAnswers.as_view(), name="phone_exam_save"),
    path(f"{API}submit/", api.ExamSubmit.as_view(), name="phone_exam_submit"),
    path(f"{API}result/<int:attempt>/", api.ExamResult.as_view(), name="api_my_exam_result"),
]
