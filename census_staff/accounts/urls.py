"""The addresses of accounts."""

from django.urls import path

from . import views_door, views_own, views_postings, views_second, views_users
from .middleware import public
from .views_display import set_language, set_view

urlpatterns = [
    path("", views_own.home, name="home"),
    path("sign-in/", views_door.sign_in, name="sign_in"),
    path("sign-in/second/", views_door.second_step, name="second_step"),
    path("sign-out/", views_door.sign_out, name="sign_out"),
    path("forgotten/", views_door.forgotten, name="forgotten"),
    path("activate/", views_door.activate, name="activate"),
    path("welcome/notice/", views_door.read_notice, name="read_notice"),
    path("welcome/name/", views_door.confirm_name, name="confirm_name"),
    path("welcome/password/", views_door.set_password, name="set_password"),
    path("language/", public(set_language), name="set_language"),
    path("view/", public(set_view), name="set_view"),
    path("switch-census/", views_own.switch_census, name="switch_census"),
    path("account/", views_own.account, name="account"),
    path("account/password/", views_own.change_password, name="change_password"),
    path("account/second/", views_second.second_factor, name="second_factor"),
    path("account/second/codes/", views_second.recovery_codes, name="recovery_codes"),
    path("account/second/off/", views_second.second_off, name="second_off"),
    path("account/sessions/end/", views_own.end_sessions, name="end_sessions"),
    path("account/tokens/add/", views_own.add_token, name="add_token"),
    path("account/tokens/<int:pk>/revoke/", views_own.revoke_token, name="revoke_token"),
    path("postings/", views_postings.posting_list, name="posting_list"),
    path("postings/grant/", views_postings.posting_grant, name="posting_grant"),
    path("postings/<int:pk>/end/", views_postings.posting_end, name="posting_end"),
    path(
        "postings/<int:pk>/hand-over/", views_postings.posting_hand_over, name="posting_hand_over"
    ),
    path("users/", views_users.user_list, name="user_list"),
    path("users/add/", views_users.user_add, name="user_add"),
    path("users/find/", views_users.user_find, name="user_find"),
    path("users/second/", views_second.second_rules, name="second_rules"),
    path("users/<int:pk>/second/", views_second.user_second_reset, name="user_second_reset"),
    path("users/<int:pk>/", views_users.user_page, name="user_page"),
    path("users/<int:pk>/lock/", views_users.user_lock, name="user_lock"),
    path("users/<int:pk>/unlock/", views_users.user_unlock, name="user_unlock"),
    path("users/<int:pk>/slip/", views_users.user_slip, name="user_slip"),
]
