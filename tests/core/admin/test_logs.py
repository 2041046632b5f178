"""The log read from its end, as an admin filters it."""

import json
import logging
import tracemalloc
from pathlib import Path

import pytest

from core import log
from core.access import VIEWER, Actor, Role
from core.admin.logs import as_json_lines, read_log
from core.errors import DataError, NotAllowedError

ADMIN = Actor(name="ada", role=Role.ADMIN, origin="127.0.0.1")


def written(path: Path, *messages: str, level: str = "INFO", logger: str = "core.store") -> None:
    rows = [
        {"at": "2025-03-01T10:00:00+00:00", "level": level, "logger": logger, "message": message}
        for message in messages
    ]
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def messages(folder: Path, **filters: object) -> list[str]:
    view = read_log(ADMIN, folder, **{"last": 100, **filters})  # type: ignore[arg-type]
    return [entry.message for entry in view.entries]


def test_log_when_the_app_has_written_then_the_latest_comes_first_with_its_traceback(tmp_path):
    with log.writing_to(tmp_path, "INFO"):
        logging.getLogger("core.telemetry").info("first")
        try:
            raise ValueError("token=verysecret")
        except ValueError:
            logging.getLogger("pages.ui").exception("second ü")
    view = read_log(ADMIN, tmp_path, last=10)
    assert [entry.message for entry in view.entries] == ["second ü", "first"]
    assert "ValueError" in view.entries[0].traceback
    assert view.is_all
    assert view.loggers == ("core.telemetry", "pages.ui")
    exported = [json.loads(line) for line in as_json_lines(view).splitlines()]
    assert [row["level"] for row in exported] == ["ERROR", "INFO"]
    assert "verysecret" not in as_json_lines(view)


def test_log_when_filtered_then_only_what_passes_is_there(tmp_path):
    path = tmp_path / "app.log"
    written(path, "quiet", level="DEBUG")
    written(path, "disk is full", level="ERROR", logger="core.store.database")
    written(path, "DISK is nearly full", level="WARNING", logger="core.storehouse")
    written(path, "hello", logger="pages.ui")
    assert messages(tmp_path, level="WARNING") == ["DISK is nearly full", "disk is full"]
    assert messages(tmp_path, text="Disk") == ["DISK is nearly full", "disk is full"]
    assert messages(tmp_path, logger="core.store") == ["disk is full", "quiet"]
    assert messages(tmp_path, logger="core") == ["DISK is nearly full", "disk is full", "quiet"]
    assert messages(tmp_path, text="nothing of the kind") == []


def test_log_when_it_was_rotated_then_older_files_follow_and_only_as_many_as_asked_for(tmp_path):
    written(tmp_path / "app.log.2", *(f"a{n}" for n in range(50)))
    written(tmp_path / "app.log.1", *(f"b{n}" for n in range(50)))
    written(tmp_path / "app.log", *(f"c{n}" for n in range(50)))
    assert messages(tmp_path, last=60)[:60:10] == ["c49", "c39", "c29", "c19", "c9", "b49"]
    assert messages(tmp_path, last=1000)[-1] == "a0"
    assert not read_log(ADMIN, tmp_path, last=60).is_all
    assert read_log(ADMIN, tmp_path, last=1000).is_all


def test_log_when_a_line_lies_across_blocks_then_it_is_whole(tmp_path):
    long = [f"{n} " + "ä" * 3_000 for n in range(60)]  # some 6 kB each, blocks have 64
    written(tmp_path / "app.log", *long)
    assert messages(tmp_path) == long[::-1]


def test_log_when_lines_are_not_ours_then_they_are_shown_as_text(tmp_path):
    path = tmp_path / "app.log"
    path.write_bytes(b"not json\n\n[1, 2]\n" + b"\xff\xfe broken\n" + b"[" * 3_000 + b"\n")
    found = messages(tmp_path)
    assert found[1:] == ["\ufffd\ufffd broken", "[1, 2]", "not json"]
    assert found[0].startswith("[[[")


def test_log_when_there_is_none_then_nothing_is_found(tmp_path):
    assert messages(tmp_path / "none") == []


def test_log_when_it_is_huge_then_memory_stays_small_and_reading_ends(tmp_path):
    with (tmp_path / "app.log").open("wb") as file:
        file.seek(400 << 20)  # a sparse file: one line of zeros
        file.write(b"\nthe end\n")
    tracemalloc.start()
    view = read_log(ADMIN, tmp_path, last=1, text="the end")
    zeros = read_log(ADMIN, tmp_path, last=10, text="no such text")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [entry.message for entry in view.entries] == ["the end"]
    assert not zeros.is_all
    assert peak < 20 << 20


def test_log_when_a_viewer_asks_then_nothing_is_told(tmp_path):
    written(tmp_path / "app.log", "internal")
    with pytest.raises(NotAllowedError, match="read the log"):
        read_log(VIEWER, tmp_path, last=10)


def test_log_when_it_cannot_be_read_then_one_sentence_says_so(tmp_path):
    (tmp_path / "app.log").mkdir()
    with pytest.raises(DataError, match=r"app\.log cannot be read"):
        read_log(ADMIN, tmp_path, last=10)
