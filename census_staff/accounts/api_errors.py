"""Errors of the API: a code for programs, a sentence for people."""

from typing import Any

from django.db import Error
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from census_staff.lib.database_errors import refusal
from census_staff.lib.errors import Refused

from .middleware import FORBIDDEN


def explain(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return every error as a code and a sentence."""
    if isinstance(error, Error):
        error = refusal(error) or error
    if isinstance(error, Refused):
        status = 403 if error.code in FORBIDDEN else 409
        body = {"code": error.code, "sentence": str(error), "field": error.field}
        return Response(body, status=status)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.ValidationError):
        response.data = {"code": "invalid", "sentence": "", "fields": error.detail}
    elif response is not None and isinstance(error, exceptions.APIException):
        response.data = {"code": str(error.get_codes()), "sentence": str(error.detail)}
    return response
