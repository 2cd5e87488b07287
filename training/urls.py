"""The paths of training."""

from django.urls import path

from . import api
from .views import office, phone

_MY = "my/<str:census_code>/courses/"
_UNIT = "my/<str:census_code>/units/<int:pk>/"
_API = "api/my/<str:census_code>/"

urlpatterns = [
    path("courses/", office.course_list, name="course_list"),
    path("courses/new/", office.course_new, name="course_new"),
    path("courses/<int:pk>/", office.course_detail, name="course_detail"),
    path("courses/<int:pk>/asked/", office.course_ask, name="course_ask"),
    path("courses/<int:pk>/units/new/", office.course_add_unit, name="course_add_unit"),
    path("courses/<int:pk>/units/<int:unit_pk>/", office.course_unit, name="course_unit"),
    path(
        "courses/<int:pk>/units/<int:unit_pk>/remove/",
        office.course_remove_unit,
        name="course_remove_unit",
    ),
    path(
        "courses/<int:pk>/units/<int:unit_pk>/pages/<int:number>/",
        office.course_unit_image,
        name="course_unit_image",
    ),
    path("courses/<int:pk>/steps/<str:step>/", office.course_step, name="course_step"),
    path(_MY, phone.phone_courses, name="phone_courses"),
    path(f"{_MY}settle/", phone.phone_settle, name="phone_settle"),
    path(f"{_MY}<int:pk>/", phone.phone_course, name="phone_course"),
    path(_UNIT, phone.phone_unit, name="phone_unit"),
    path(f"{_UNIT}progress/", phone.phone_unit_progress, name="phone_unit_progress"),
    path(f"{_UNIT}files/<str:part>/", phone.phone_unit_file, name="phone_unit_file"),
    path(f"{_UNIT}pages/<int:number>/", phone.phone_unit_image, name="phone_unit_image"),
    path(f"{_API}courses/", api.MyCourses.as_view(), name="api_my_courses"),
    path(f"{_API}units/<int:pk>/", api.MyUnit.as_view(), name="api_my_unit"),
    path(f"{_API}units/<int:pk>/progress/", api.MyUnitProgress.as_view(), name="api_my_progress"),
]
