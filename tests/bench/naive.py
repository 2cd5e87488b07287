"""The product's application with the naive doors beside its own."""

from census_staff.wsgi import application

__all__ = ["application"]
