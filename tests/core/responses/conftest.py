from collections.abc import Iterator

import pytest

from tests.core.responses.scripted_server import Server, scripted_server


@pytest.fixture
def server() -> Iterator[Server]:
    """Give a server that a test tells what to answer."""
    with scripted_server() as running:
        yield running
