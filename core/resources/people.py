"""Who has opened a page."""

from core.access import VIEWER, Actor

__all__ = ["actor"]


def actor() -> Actor:
    """Return who has opened this page."""
    return VIEWER
