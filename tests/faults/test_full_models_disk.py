"""A training whose disk is full: nothing half-written is listed, and the old version serves."""

import pytest

from core import artifacts
from core.errors import ArtifactError, JobError
from core.jobs import JobRunner, owner
from core.store import Store
from tests.core.jobs.some_models import write
from tests.faults.small_disk import DiskNotPossibleError, small_disk


def test_training_when_the_disk_is_full_then_it_says_so_and_the_old_version_serves(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    store = Store(f"sqlite:///{(tmp_path / 'app.db').as_posix()}")
    try:
        with small_disk(folder) as disk:
            models = disk.path / "models"
            artifacts.activate(models, "tickets", write(models, "tickets"))
            with pytest.raises(OSError, match="No space"):
                disk.fill_to(101)
            with pytest.raises(ArtifactError, match="free space"):
                write(models, "tickets")
            assert [one.version for one in artifacts.versions(models, "tickets")] == ["v0001"]
            assert artifacts.load_version(models, "tickets")[0].version == "v0001"
            runner = JobRunner(store, models, module="tests.core.jobs.some_training")
            with pytest.raises(JobError, match="free space"):
                runner.start("tickets", "Training", ["works"], "ada", lambda said: ("", said))
            assert store.jobs(1) == ()
            (disk.path / "filling").unlink()
            assert owner(models) is None
            runner.start("tickets", "Training", ["works"], "ada", lambda said: ("done", said))
            runner.wait(60)
            assert store.jobs(1)[0].state == "done"
    except DiskNotPossibleError as reason:
        pytest.skip(str(reason))
    finally:
        store.close()
