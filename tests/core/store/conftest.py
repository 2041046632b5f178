"""A store on each database: SQLite always, PostgreSQL where TEST_POSTGRES_URL names one."""

import os
import uuid

import pytest
from sqlalchemy import create_engine, make_url, text

from core.store import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Address of an empty database; on PostgreSQL a schema of its own, dropped at the end."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path.as_posix()}/history.db"
        return
    if not os.environ.get("TEST_POSTGRES_URL"):
        pytest.skip("TEST_POSTGRES_URL names no PostgreSQL database")
    address = make_url(os.environ["TEST_POSTGRES_URL"])
    schema = f"test_{uuid.uuid4().hex}"
    engine = create_engine(address)
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
