"""The paths of the phone, and of the office pages that answer it: pledge, appeals, training."""

from django.urls import path

from . import api_phone
from .views import appeals, phone, pledge, training

_MY = "my/<str:census_code>/"

urlpatterns = [
    path(_MY, phone.phone_home, name="phone_home"),
    path(f"{_MY}remedy/", phone.phone_remedy, name="phone_remedy"),
    path(f"{_MY}remedy/appeal/", phone.phone_appeal, name="phone_appeal"),
    path(f"{_MY}me/", phone.phone_me, name="phone_me"),
    path(f"{_MY}me/shown/", phone.phone_me_shown, name="phone_me_shown"),
    path(f"{_MY}me/photo/", phone.phone_photo, name="phone_photo"),
    path(f"{_MY}me/photo/add/", phone.phone_photo_add, name="phone_photo_add"),
    path(f"{_MY}me/correct/", phone.phone_correct, name="phone_correct"),
    path(f"{_MY}notices/", phone.phone_notices, name="phone_notices"),
    path(f"{_MY}notices/<int:pk>/read/", phone.phone_notice_read, name="phone_notice_read"),
    path(f"{_MY}pledge/", pledge.phone_pledge, name="phone_pledge"),
    path(f"{_MY}pledge/pdf/", pledge.phone_pledge_pdf, name="phone_pledge_pdf"),
    path("pledge-texts/", pledge.pledge_texts, name="pledge_texts"),
    path("pledge-texts/new/", pledge.pledge_text_new, name="pledge_text_new"),
    path("appeals/", appeals.appeal_list, name="appeal_list"),
    path("appeals/<int:pk>/", appeals.appeal_page, name="appeal_page"),
    path("courses/<int:pk>/people/", training.course_people, name="course_people"),
    path("staff/<int:pk>/void-training/", training.training_void, name="training_void"),
    path(f"api/{_MY}", api_phone.MyHome.as_view(), name="api_my_home"),
    path(f"api/{_MY}remedy/", api_phone.MyRemedy.as_view(), name="api_my_remedy"),
    path(f"api/{_MY}remedy/appeal/", api_phone.MyAppeal.as_view(), name="api_my_appeal"),
    path(f"api/{_MY}pledge/", api_phone.MyPledge.as_view(), name="api_my_pledge"),
    path(f"api/{_MY}notices/", api_phone.MyNotices.as_view(), name="api_my_notices"),
    path(
        f"api/{_MY}notices/<int:pk>/read/",
        api_phone.MyNoticeRead.as_view(),
        name="api_my_notice_read",
    ),
]
