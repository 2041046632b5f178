"""A watch over one host, fed sample by sample."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.failure.watch import HostWatch
from core.store import Store
from tests.core.failure.watch.feeding import Feed, Models, watching


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path.as_posix()}/history.db")
    yield opened
    opened.close()


@pytest.fixture
def models() -> Models:
    return Models()


@pytest.fixture
def watch(store: Store, models: Models) -> HostWatch:
    return watching(store, models)


@pytest.fixture
def feed(watch: HostWatch) -> Feed:
    return Feed(watch)
