"""The one exception of this package: something outside the program is missing or in the way."""


class CannotStart(Exception):
    """Says in full sentences what is in the way and what to do about it."""
