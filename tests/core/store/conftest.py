"""A store on each database: SQLite always, PostgreSQL where it is installed.

TEST_POSTGRES_URL names a PostgreSQL database to use in place of a server of the tests' own.
"""

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from core.store import Store
from core.store.database import open_engine
from tests.postgresql_server import ServerNotPossibleError, postgresql_server


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Address of a PostgreSQL database, of a server that is started once for all tests."""
    if named := os.environ.get("TEST_POSTGRES_URL"):
        yield named
        return
    # Below the system's own folder: the user postgres cannot look into a test's.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        try:
            with postgresql_server(Path(folder) / "server") as server:
                yield server.url
        except ServerNotPossibleError as why:
            pytest.skip(str(why))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Address of an empty database; on PostgreSQL a schema of its own, dropped at the end."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path.as_posix()}/history.db"
        return
    address = make_url(request.getfixturevalue("postgresql_url"))
    schema = f"test_{uuid.uuid4().hex}"
    engine = open_engine(address.render_as_string(hide_password=False))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    in_schema = address.update_query_dict({"options": f"-csearch_path={schema}"})
    yield in_schema.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def open_store(url):
    """Open the database of this test, more than once where it asks so."""
    stores = []

    def build(*metric_names):
        stores.append(Store(url, *metric_names))
        return stores[-1]

    yield build
    for store in stores:
        store.close()


@pytest.fixture
def store(open_store):
    return open_store()
