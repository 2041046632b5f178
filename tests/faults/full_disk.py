"""A disk on which no file can grow, for this process alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

__all__ = ["no_file_may_grow"]


@contextmanager
def no_file_may_grow() -> Iterator[None]:
    """Let every write fail that makes a file longer, as on a full disk; new files stay empty."""
    resource = pytest.importorskip("resource", reason="Windows has no limit on a file's size")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
