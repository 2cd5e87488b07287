"""The addresses of exams: the office's, and the phone's with the API behind it."""

from .phone_urls import phone_urls

urlpatterns = [*phone_urls]
