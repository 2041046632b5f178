"""A data folder that takes nothing more: what is there is shown, and the rest says why not."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st

import config
from core import artifacts, dataset, resources
from core.errors import ArtifactError, DataError
from core.store import Store
from pages.ui.errors import as_text
from pages.ui.frame import PAGES
from tests.e2e.server import running_app
from tests.faults.full_disk import no_file_may_grow
from tests.faults.opened_pages import first_sample, opened, said, until
from tests.faults.small_disk import DiskNotPossibleError, SmallDisk, small_disk
from tests.pages.some_fleet import some_fleet

HOURS = 72


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDisk]:
    """Put data and models of an app on a disk of their own."""
    st.set_option("client.showErrorDetails", "full")
    (tmp_path / "disk").mkdir()
    try:
        with small_disk(tmp_path / "disk") as disk:
            shutil.copytree(config.ROOT / "models", disk.path / "models")
            dataset.import_file(some_fleet(HOURS).to_csv(index=False).encode(), disk.path / "data")
            # SQLite follows links, and this disk is seen through one: its file lies outside.
            file = (tmp_path / "history.db").as_posix()
            Store(f"sqlite:///{file}").close()
            monkeypatch.setenv("DATABASE_URL", f"sqlite:///file:{file}?mode=ro&uri=true")
            monkeypatch.setenv("SAMPLE_INTERVAL_S", "0.5")
            monkeypatch.setenv("DATA_DIR", str(disk.path / "data"))
            monkeypatch.setenv("MODELS_DIR", str(disk.path / "models"))
            yield disk
    except DiskNotPossibleError as why:
        pytest.skip(str(why))


def fill(disk: SmallDisk) -> None:
    with pytest.raises(OSError, match="No space left"):
        disk.fill_to(101.0)


@pytest.mark.parametrize("spoil", [fill, SmallDisk.make_read_only], ids=["full", "read-only"])
def test_pages_when_nothing_can_be_written_then_what_is_there_is_shown_and_writing_says_why(
    spoil, disk: SmallDisk
):
    data, models = disk.path / "data", disk.path / "models"
    spoil(disk)

    first_sample()
    shown = {page.file: opened(page.file) for page in PAGES}
    for page in PAGES:
        app = shown[page.file]
        assert not app.exception, app.exception[0].value
        assert app.title[0].value == page.title
    assert f"of {3 * HOURS}" in said(shown["dashboard.py"])  # its rows, three machines an hour
    live = said(shown["live_failure_prediction.py"])
    assert "Samples are shown and not kept" in live
    assert as_text("DATABASE_URL") in live

    with pytest.raises(DataError, match=r"free space or grant access.*The old one is as it was"):
        dataset.import_file(some_fleet(HOURS + 1).to_csv(index=False).encode(), data)
    with pytest.raises(ArtifactError, match="could not be made active"):
        artifacts.activate(models, "tickets", "v0001")
    assert dataset.current(data).version == "v0001"
    dataset.verify(dataset.current(data))
    artifacts.load_version(models, "failure")
    artifacts.load_version(models, "tickets")
    assert [*data.rglob("*.writing"), *models.rglob("*.writing")] == []


@pytest.mark.parametrize("is_full", ["at the start", "later"])
def test_app_when_its_own_disk_is_full_then_it_predicts_and_keeps_again_once_there_is_room(
    is_full, own_folders: Path, monkeypatch: pytest.MonkeyPatch
):
    st.set_option("client.showErrorDetails", "full")
    monkeypatch.setenv("SAMPLE_INTERVAL_S", "0.5")
    shutil.copytree(config.ROOT / "models", own_folders / "models")
    Store(f"sqlite:///{(own_folders / 'data' / 'app.db').as_posix()}").close()
    if is_full == "later":
        first_sample()
    with no_file_may_grow():
        first_sample()
        sampler = resources.sampler()
        until(lambda: sampler.problem is not None)
        page = opened("live_failure_prediction.py")
    assert not page.exception
    assert page.title[0].value == "Live Failure Prediction"
    assert "Samples are shown and not kept" in said(page)
    until(lambda: sampler.problem is None)
    host, long_ago = resources.settings().host_name, datetime.now(UTC) - timedelta(days=1)
    assert len(resources.store().samples(host, long_ago).at)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="what takes nothing is Linux's")
def test_app_when_nothing_can_be_printed_then_it_starts_and_the_log_says_that_no_link_was(tmp_path):
    deaf = ["sh", "-c", 'exec "$@" > /dev/full', "sh"]
    with running_app(tmp_path, entering=deaf) as app:
        assert app.process.poll() is None
    log = (tmp_path / "logs" / "app.log").read_text()
    assert "The link cannot be printed" in log
    assert "Traceback" not in app.output
