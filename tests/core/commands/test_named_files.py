"""What is written to, and read from, where a name is no regular file's."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import config
from core.failure.hosts_csv import read_hosts, write_hosts
from tests.core.commands.answer import Run
from tests.core.failure.fakes import record, steps

N_SCORED = 40 - 9

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes without a name, and links")


@pytest.fixture
def hosts(models: Path, tmp_path: Path) -> Path:
    path = tmp_path / "hosts.csv"
    write_hosts([record(steps(40))], path)
    return path


@pytest.fixture
def writers(hosts: Path) -> dict[str, tuple[object, ...]]:
    """The verbs that write a file, up to its name."""
    return {
        "score": ("failure", "score", "--data", hosts, "--out"),
        "simulate": ("failure", "simulate", "--hosts", 2, "--out"),
        "demo": ("dataset", "demo", "--rows", 50, "--out"),
    }


VERBS = pytest.mark.parametrize("verb", ["score", "simulate", "demo"])


@VERBS
@pytest.mark.parametrize("out", [".", "", "/", "results"])
def test_out_when_it_is_a_folder_then_one_sentence_says_so(
    run: Run, writers, tmp_path, monkeypatch, verb, out
):
    (tmp_path / "results").mkdir()
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert run(*writers[verb], out).refused() == f"{out or '.'} is a folder; name a file in it."
    assert sorted(tmp_path.rglob("*")) == before


@VERBS
def test_out_when_it_is_a_link_then_what_it_leads_to_is_written(run: Run, writers, tmp_path, verb):
    folder, link = tmp_path / "results", tmp_path / "latest.csv"
    folder.mkdir()
    target = folder / "out.csv"
    link.symlink_to("results/out.csv")
    for before in ("nothing", "an older one"):
        if before == "an older one":
            target.write_text(before)
        assert run(*writers[verb], link).code == 0
        assert link.is_symlink()
        assert "," in target.read_text().splitlines()[0]
        assert [path.name for path in folder.iterdir()] == ["out.csv"]


@VERBS
def test_out_when_it_is_a_link_to_itself_then_it_is_refused_and_stays(
    run: Run, writers, tmp_path, verb
):
    link = tmp_path / "latest.csv"
    link.symlink_to(link.name)
    assert "cannot be written (Too many levels" in run(*writers[verb], link).refused()
    assert link.is_symlink()


@VERBS
def test_out_when_it_is_a_pipe_then_its_reader_gets_the_file_and_it_stays(
    run: Run, writers, tmp_path, verb
):
    pipe, plain = tmp_path / "pipe", tmp_path / "plain.csv"
    os.mkfifo(pipe)
    got: list[bytes] = []
    # Not by the pipe's name: where it is replaced, nobody would ever open it.
    held = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(held, True)
    writes = os.open(pipe, os.O_WRONLY)  # until all is written there is no end to be met

    def read() -> None:
        while part := os.read(held, 65_536):
            got.append(part)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert run(*writers[verb], pipe).code == 0
    finally:
        os.close(writes)
        reader.join(30)
        os.close(held)
    assert run(*writers[verb], plain).code == 0
    assert b"".join(got) == plain.read_bytes()
    assert pipe.is_fifo()


def test_out_when_it_is_standard_output_then_another_program_can_read_it(hosts, models, tmp_path):
    # Not /dev/stdout: a mistake would replace that of the whole machine.
    score = ("failure", "score", "--data", hosts, "--models", models, "--out", "/dev/fd/1")
    command = [sys.executable, "-m", "core", *map(str, score)]
    done = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 1 + N_SCORED
    assert done.stderr.startswith(f"{N_SCORED} windows of 1 hosts scored")


@pytest.fixture
def piped(hosts: Path) -> Iterator[str]:
    """The name that a shell gives to what another program writes, as <(cat hosts.csv) does."""
    reads, writes = os.pipe()
    os.write(writes, hosts.read_bytes())
    os.close(writes)
    yield f"/dev/fd/{reads}"
    os.close(reads)


@pytest.mark.parametrize(
    "arguments",
    [
        ("failure", "score", "--out", "scores.csv", "--data"),
        ("failure", "evaluate", "--data"),
        ("failure", "rejudge", "--judge"),
        ("dataset", "check"),
        ("dataset", "import"),
        ("tickets", "train", "--data"),
        ("tickets", "evaluate", "--data"),
        ("forecast", "--metric", "cpu_usage", "--data"),
    ],
)
def test_data_when_it_can_be_read_only_once_then_it_says_so_and_what_to_do(
    run: Run, piped, arguments
):
    assert run(*arguments, piped).refused() == (
        f"{piped} is a pipe or a device, which can be read only once; save what comes from it in a "
        "file, and name that."
    )


def test_data_when_it_is_a_link_or_standard_input_from_a_file_then_it_is_read(
    hosts, models, tmp_path
):
    link = tmp_path / "link.csv"
    link.symlink_to(hosts.name)
    assert len(read_hosts(link)) == 1
    score = ("failure", "evaluate", "--data", "/dev/stdin", "--models", models)
    command = [sys.executable, "-m", "core", *map(str, score)]
    with hosts.open("rb") as given:
        done = subprocess.run(
            command, cwd=config.ROOT, stdin=given, capture_output=True, check=True
        )
    assert json.loads(done.stdout)["scores"]["stdin"]["n_windows"] == N_SCORED
