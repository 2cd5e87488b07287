"""The scheduled disabling: prepared, frozen, warned of, approved by a second person, carried out."""

from .kind import DisableKind

__all__ = ["DisableKind"]
