from django.urls import path

from . import api
from .views import access, records, staff

urlpatterns = [
    path("staff/", staff.staff_list, name="staff_list"),
    path("staff/find/", staff.staff_find, name="staff_find"),
    path("staff/export/", staff.staff_export_file, name="staff_export"),
    path("staff/add/", records.staff_add, name="staff_add"),
    path("staff/<int:pk>/", staff.staff_page, name="staff_page"),
    path("staff/<int:pk>/portrait/", staff.staff_portrait, name="staff_portrait"),
    path("staff/<int:pk>/edit/", records.staff_edit, name="staff_edit"),
    path("staff/<int:pk>/photo/", records.staff_photo, name="staff_photo"),
    path("staff/<int:pk>/show/<str:field>/", records.staff_reveal, name="staff_reveal"),
    path("staff/<int:pk>/correct/<str:field>/", records.staff_correct, name="staff_correct"),
    path("staff/<int:pk>/exempt/", access.exemption_ask, name="exemption_ask"),
    path("staff/<int:pk>/steps/<str:axis>/<str:name>/", access.staff_step, name="staff_step"),
    path("exemptions/", access.exemption_list, name="exemption_list"),
    path("exemptions/<int:pk>/<str:answer>/", access.exemption_decide, name="exemption_decide"),
    path("api/staff/", api.StaffList.as_view(), name="api_staff"),
    path("api/staff/<int:pk>/", api.StaffDetail.as_view(), name="api_staff_one"),
    path(
        "api/staff/<int:pk>/steps/<str:axis>/<str:name>/",
        api.StaffStep.as_view(),
        name="api_staff_step",
    ),
]
