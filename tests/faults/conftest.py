"""Faults on the machine that runs the tests: slow, because they happen in real time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.small_disk import DiskNotPossibleError, SmallDisk, small_disk


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("slow")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A filesystem of this test alone, 40 % full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        with small_disk(folder) as disk:
            disk.fill_to(40.0)
            yield disk
    except DiskNotPossibleError as why:
        pytest.skip(str(why))
