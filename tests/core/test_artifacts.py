import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import config
from core import artifacts
from core.errors import (
    ArtifactCorruptError,
    ArtifactError,
    ArtifactIncompatibleError,
    ArtifactNotFoundError,
)


def fill(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"weights")
    (folder / "metrics.json").write_text('{"a": 1}')


def write(models_dir: Path, area: str = "failure", **changes: Any) -> artifacts.Manifest:
    return artifacts.write_version(
        models_dir,
        area,
        **{
            "fill": fill,
            "data_hash": "abc",
            "seed": 7,
            "columns": ("cpu_percent", "memory_percent"),
            "classes": (),
            "window": 10,
            "horizon": 10,
            "thresholds": {"enter": 0.5, "exit": 0.25},
            "scores": {"auc": 0.9},
            "baseline_scores": {"threshold rule": {"auc": 0.7}},
            "source": "simulated hosts, seed 7",
            **changes,
        },
    )


def everything_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def edit_manifest(models_dir: Path, **changes: Any) -> None:
    path = models_dir / "failure" / "v0001" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_written_version_loads_with_its_files_and_facts(tmp_path):
    written = write(tmp_path)
    artifacts.activate(tmp_path, "failure", "v0001")
    loaded, folder = artifacts.load_version(tmp_path, "failure")
    assert loaded == written
    assert (folder / "model.onnx").read_bytes() == b"weights"
    assert loaded.version == "v0001"
    assert loaded.columns == ("cpu_percent", "memory_percent")
    assert loaded.thresholds == {"enter": 0.5, "exit": 0.25}
    assert sorted(loaded.files) == ["metrics.json", "model.onnx"]
    assert loaded.libraries["numpy"] == np.__version__
    assert everything_in(folder) == ["manifest.json", "metrics.json", "model.onnx"]


def test_versions_count_up_above_the_highest_and_list_oldest_first(tmp_path):
    write(tmp_path, source="first")
    write(tmp_path, source="second")
    (tmp_path / "failure" / "v0041").mkdir()
    assert write(tmp_path, source="third").version == "v0042"
    assert [m.source for m in artifacts.versions(tmp_path, "failure")] == [
        "first",
        "second",
        "third",
    ]


def test_after_v9999_comes_a_version_that_is_still_the_newest(tmp_path):
    (tmp_path / "failure" / "v9999").mkdir(parents=True)
    assert write(tmp_path).version == "v10000"
    assert write(tmp_path).version == "v10001"


def test_areas_do_not_see_each_other(tmp_path):
    write(tmp_path)
    assert artifacts.versions(tmp_path, "tickets") == ()


def test_writing_does_not_activate(tmp_path):
    write(tmp_path)
    with pytest.raises(ArtifactNotFoundError, match="core failure activate v0001"):
        artifacts.current_version(tmp_path, "failure")


def test_roll_back_is_activation_of_an_older_version(tmp_path):
    write(tmp_path)
    write(tmp_path)
    artifacts.activate(tmp_path, "failure", "v0002")
    artifacts.activate(tmp_path, "failure", "v0001")
    assert artifacts.current_version(tmp_path, "failure") == "v0001"
    assert everything_in(tmp_path / "failure")[0] == "CURRENT"  # no temporary file beside it


def test_scores_of_numpy_and_without_value_survive_as_plain_json(tmp_path):
    scores = {"auc": np.float32(0.5), "lead": np.nan, "n": np.int64(3), "by": {"x": (1.0, np.inf)}}
    manifest = write(tmp_path, scores=scores)
    assert manifest.scores == {"auc": 0.5, "lead": None, "n": 3, "by": {"x": [1.0, None]}}


@pytest.mark.parametrize("stop", [RuntimeError("no"), KeyboardInterrupt(), SystemExit(1)])
def test_nothing_is_left_when_writing_stops_halfway(tmp_path, stop):
    def stopped(folder: Path) -> None:
        fill(folder)
        raise stop

    with pytest.raises(type(stop)):
        write(tmp_path, fill=stopped)
    assert everything_in(tmp_path / "failure") == []


def test_nothing_is_left_when_the_manifest_cannot_be_written(tmp_path):
    with pytest.raises(TypeError):
        write(tmp_path, scores={"auc": object()})
    with pytest.raises(ArtifactCorruptError, match="data_hash"):
        write(tmp_path, data_hash=None)
    assert everything_in(tmp_path / "failure") == []


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(ArtifactError, match=r"failure model could not be written to .*models"):
        write(tmp_path / "models")


def test_writers_at_the_same_time_get_different_versions(tmp_path):
    together = threading.Barrier(8)

    def slowly(folder: Path) -> None:
        fill(folder)
        together.wait(timeout=10)

    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(write(tmp_path, fill=slowly).version))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"v{n:04d}" for n in range(1, 9)]
    for version in found:
        assert artifacts.load_version(tmp_path, "failure", version)[0].version == version


def test_no_model_names_the_command_of_its_area(tmp_path):
    with pytest.raises(ArtifactNotFoundError, match="`python -m core failure train`"):
        artifacts.load_version(tmp_path, "failure")
    with pytest.raises(ArtifactNotFoundError, match="`python -m core tickets train --data FILE`"):
        artifacts.load_version(tmp_path, "tickets")


def test_a_changed_file_is_refused_by_name(tmp_path):
    write(tmp_path)
    (tmp_path / "failure" / "v0001" / "model.onnx").write_bytes(b"weighty")
    with pytest.raises(ArtifactCorruptError, match=r"model\.onnx is not the file.*failure train"):
        artifacts.load_version(tmp_path, "failure", "v0001")


def test_a_missing_file_points_to_another_version_that_is_whole(tmp_path):
    for _ in range(3):
        write(tmp_path)
    artifacts.activate(tmp_path, "failure", "v0003")
    for broken in ("v0002", "v0003"):
        (tmp_path / "failure" / broken / "metrics.json").unlink()
    with pytest.raises(ArtifactCorruptError, match=r"metrics\.json is missing.*activate v0001`"):
        artifacts.load_version(tmp_path, "failure")


def test_a_foreign_file_is_refused_but_not_what_file_browsers_leave(tmp_path):
    write(tmp_path)
    folder = tmp_path / "failure" / "v0001"
    (folder / ".DS_Store").write_bytes(b"")
    artifacts.load_version(tmp_path, "failure", "v0001")
    (folder / "other.pkl").write_bytes(b"")
    with pytest.raises(ArtifactCorruptError, match=r"other\.pkl"):
        artifacts.load_version(tmp_path, "failure", "v0001")


def test_another_format_is_incompatible_before_anything_else_is_looked_at(tmp_path):
    write(tmp_path)
    edit_manifest(tmp_path, format=2, seed="later formats may say this otherwise")
    with pytest.raises(
        ArtifactIncompatibleError, match=r"format 2; this program reads format 1.*train"
    ):
        artifacts.load_version(tmp_path, "failure", "v0001")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"format": 1}', "\x00\xff", "[" * 100_000], ids=repr
)
def test_a_broken_manifest_is_refused_and_the_other_versions_still_listed(tmp_path, text):
    write(tmp_path)
    write(tmp_path)
    (tmp_path / "failure" / "v0002" / "manifest.json").write_text(text, encoding="latin-1")
    with pytest.raises(ArtifactCorruptError, match=r"manifest\.json.*activate v0001`"):
        artifacts.load_version(tmp_path, "failure", "v0002")
    assert [m.version for m in artifacts.versions(tmp_path, "failure")] == ["v0001"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("thresholds", {"enter": "high"}),
        ("columns", "cpu_percent"),
        ("window", True),
        ("seed", None),
        ("files", {"model.onnx": 3}),
        ("scores", []),
        ("version", "v0009"),
        ("area", "tickets"),
    ],
)
def test_a_manifest_with_a_wrong_field_is_refused_by_the_field(tmp_path, field, value):
    write(tmp_path)
    edit_manifest(tmp_path, **{field: value})
    with pytest.raises(ArtifactCorruptError, match=field):
        artifacts.load_version(tmp_path, "failure", "v0001")


@pytest.mark.parametrize("name", ["../v0001", "..", "/etc", "v0001/../../x", "v1", "", "v0001\n"])
def test_names_that_are_no_version_reach_no_file(tmp_path, name):
    write(tmp_path)
    with pytest.raises(ArtifactNotFoundError, match="not the name of a failure model version"):
        artifacts.load_version(tmp_path, "failure", name)
    with pytest.raises(ArtifactNotFoundError):
        artifacts.activate(tmp_path, "failure", name)
    (tmp_path / "failure" / "CURRENT").write_text("../" + name)
    with pytest.raises(ArtifactCorruptError, match=r"CURRENT.*activate v0001`"):
        artifacts.load_version(tmp_path, "failure")


def test_an_area_outside_the_models_is_a_programmers_mistake(tmp_path):
    with pytest.raises(ValueError, match="no such area"):
        artifacts.versions(tmp_path, "../failure")


def test_a_broken_version_cannot_be_activated(tmp_path):
    write(tmp_path)
    write(tmp_path)
    artifacts.activate(tmp_path, "failure", "v0001")
    (tmp_path / "failure" / "v0002" / "model.onnx").unlink()
    with pytest.raises(ArtifactCorruptError):
        artifacts.activate(tmp_path, "failure", "v0002")
    assert artifacts.current_version(tmp_path, "failure") == "v0001"


def test_an_active_version_that_was_deleted_says_what_to_activate(tmp_path):
    write(tmp_path)
    artifacts.activate(tmp_path, "failure", "v0001")
    write(tmp_path)
    for path in (tmp_path / "failure" / "v0001").iterdir():
        path.unlink()
    (tmp_path / "failure" / "v0001").rmdir()
    with pytest.raises(ArtifactNotFoundError, match=r"v0001 is not in .*activate v0002`"):
        artifacts.load_version(tmp_path, "failure")


def test_previous_when_another_is_activated_then_it_is_the_one_before(tmp_path):
    write(tmp_path)
    write(tmp_path)
    assert artifacts.previous_version(tmp_path, "failure") is None
    artifacts.activate(tmp_path, "failure", "v0001")
    artifacts.activate(tmp_path, "failure", "v0002")
    artifacts.activate(tmp_path, "failure", "v0002")
    assert artifacts.previous_version(tmp_path, "failure") == "v0001"
    artifacts.activate(tmp_path, "failure", "v0001")
    assert artifacts.previous_version(tmp_path, "failure") == "v0002"
    artifacts.delete(tmp_path, "failure", "v0002")
    assert artifacts.previous_version(tmp_path, "failure") is None


def test_delete_when_it_is_an_old_version_then_its_name_is_never_given_again(tmp_path):
    write(tmp_path)
    write(tmp_path)
    artifacts.activate(tmp_path, "failure", "v0001")
    artifacts.delete(tmp_path, "failure", "v0002")
    assert [one.version for one in artifacts.versions(tmp_path, "failure")] == ["v0001"]
    assert write(tmp_path).version == "v0003"
    with pytest.raises(ArtifactNotFoundError):
        artifacts.load_version(tmp_path, "failure", "v0002")


@pytest.mark.parametrize("name", ["v0001", "v0007", "../tickets", ".."])
def test_delete_when_it_is_active_or_no_version_then_nothing_is_deleted(tmp_path, name):
    write(tmp_path)
    artifacts.activate(tmp_path, "failure", "v0001")
    with pytest.raises(ArtifactError):
        artifacts.delete(tmp_path, "failure", name)
    assert artifacts.load_version(tmp_path, "failure")[0].version == "v0001"


def test_manifest_when_it_says_nothing_of_its_training_then_it_is_read_all_the_same(tmp_path):
    write(tmp_path, training={"n_rows": 5})
    assert artifacts.versions(tmp_path, "failure")[0].training == {"n_rows": 5}
    path = tmp_path / "failure" / "v0001" / "manifest.json"
    older = {k: v for k, v in json.loads(path.read_text()).items() if k != "training"}
    path.write_text(json.dumps(older))
    assert artifacts.versions(tmp_path, "failure")[0].training == {}


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_writing_when_killed_at_any_step_then_the_old_version_serves_and_no_half_is_listed(
    tmp_path,
):
    command = [sys.executable, "-m", "tests.core.killed_writer", str(tmp_path)]
    done = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    n_steps = int(done.stdout)
    assert n_steps > 10
    # Whatever was left behind is in nobody's way.
    assert write(tmp_path).version == artifacts.versions(tmp_path, "failure")[-1].version


def test_manifest_when_more_becomes_known_of_its_training_then_it_is_kept_and_the_version_whole(
    tmp_path,
):
    write(tmp_path, training={"n_rows": 5})
    kept = artifacts.keep_of_training(tmp_path, "failure", "v0001", comparison={"n_rows": 60})
    assert kept.training == {"n_rows": 5, "comparison": {"n_rows": 60}}
    assert artifacts.load_version(tmp_path, "failure", "v0001")[0] == kept
    with pytest.raises(ArtifactError):
        artifacts.keep_of_training(tmp_path, "failure", "v0002", comparison={})
