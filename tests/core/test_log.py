import json
import logging
import shutil
from pathlib import Path

import pytest

from core import log
from core.errors import SettingsError


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_log_when_our_code_speaks_then_each_message_is_one_json_line(tmp_path):
    with log.writing_to(tmp_path / "logs", "INFO") as path:
        logging.getLogger("core.telemetry").info("two\nlines %s", "ü")
        logging.getLogger("core.telemetry").debug("too quiet")
    (line,) = lines(path)
    assert line["message"] == "two\nlines ü"
    assert (line["level"], line["logger"]) == ("INFO", "core.telemetry")
    assert line["at"].endswith("+00:00")


def test_log_when_a_message_steers_terminals_then_it_is_spelt_out_on_one_line(tmp_path):
    hostile = '\x1b[2J\x1b]0;t\x07 \x9b31m \u202egnp\u202c next\u2028line\r\n{"level": "INFO"}'
    with log.writing_to(tmp_path, "INFO") as path:
        logging.getLogger("core").warning(hostile)
    written = path.read_text(encoding="utf-8")
    assert written.removesuffix("\n").isprintable()
    (line,) = lines(path)
    assert line["message"] == hostile  # and nothing is lost


def test_log_when_something_fails_then_the_traceback_is_there(tmp_path):
    with log.writing_to(tmp_path, "INFO") as path:
        try:
            raise ValueError("password=hunter2")
        except ValueError:
            logging.getLogger("pages").exception("A page failed")
    (line,) = lines(path)
    assert "ValueError" in line["traceback"]
    assert "hunter2" not in line["traceback"]


def test_log_when_left_then_nothing_more_is_written(tmp_path):
    with log.writing_to(tmp_path, "INFO") as path:
        pass
    logging.getLogger("core").warning("afterwards")
    assert lines(path) == []


def test_log_when_it_grows_then_old_files_are_dropped(tmp_path):
    with log.writing_to(tmp_path, "INFO"):
        for _ in range(130):
            logging.getLogger("core").info("x" * 100_000)
    files = list(tmp_path.iterdir())
    assert len(files) == 6
    assert sum(file.stat().st_size for file in files) < 13_000_000


def test_log_when_its_folder_is_removed_then_it_begins_anew(tmp_path):
    with log.writing_to(tmp_path / "logs", "INFO") as path:
        logging.getLogger("core").warning("before")
        shutil.rmtree(path.parent)
        logging.getLogger("core").warning("after")
    assert [line["message"] for line in lines(path)] == ["after"]


def test_log_when_another_file_takes_its_place_then_it_goes_on_in_that_one(tmp_path):
    with log.writing_to(tmp_path, "INFO") as path:
        logging.getLogger("core").info("before")
        path.rename(tmp_path / "kept.log")  # as logrotate does
        path.touch()
        logging.getLogger("core").info("after")
    assert [line["message"] for line in lines(tmp_path / "kept.log")] == ["before"]
    assert [line["message"] for line in lines(path)] == ["after"]


def test_log_when_two_apps_write_it_then_they_rotate_it_as_one(tmp_path, monkeypatch):
    monkeypatch.setattr(log, "_MAX_BYTES", 10_000)
    monkeypatch.setattr(log, "_OLDER_FILES", 50)
    with log.writing_to(tmp_path, "INFO") as path, log.writing_to(tmp_path, "INFO"):
        for _ in range(50):
            logging.getLogger("core").info("x" * 1_000)  # each of the two writes it
        logging.getLogger("core").info("the last")
    assert [line["message"] for line in lines(path)][-2:] == ["the last"] * 2
    older = sorted(set(tmp_path.iterdir()) - {path})
    assert [file.stat().st_size > 8_000 for file in older] == [True] * len(older)
    assert sum(len(lines(file)) for file in (path, *older)) == 102


def test_log_when_it_cannot_be_written_then_the_terminal_says_so_once(tmp_path, capsys):
    with log.writing_to(tmp_path / "logs", "INFO") as path:
        shutil.rmtree(path.parent)
        path.parent.write_text("a file in its place")
        for _ in range(3):
            logging.getLogger("core").warning("lost")
        path.parent.unlink()
        logging.getLogger("core").warning("after")
    assert capsys.readouterr().err.count("The log cannot be written") == 1
    assert [line["message"] for line in lines(path)] == ["after"]


def test_log_when_the_folder_cannot_be_made_then_the_setting_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(SettingsError, match="Set LOGS_DIR"),
        log.writing_to(tmp_path / "file" / "logs", "INFO"),
    ):
        pass


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("using hf_abcdEFGH1234", "using ***"),
        ("key sk-proj-abc_123456", "key ***"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer ***"),
        ("postgresql+psycopg://me:p%40ss@db/app", "postgresql+psycopg://***@db/app"),
        ("https://user:p:w@host/path", "https://***@host/path"),
        ('{"token": "abc123", "n": 1}', '{"token": "***", "n": 1}'),
        ("HF_TOKEN=abc123 next", "HF_TOKEN=*** next"),
        ("api-key: abc123", "api-key: ***"),
        ("password='abc123'", "password='***'"),
        ("120 tokens in 3 s", "120 tokens in 3 s"),
        ("tokens: 120", "tokens: 120"),
        ("http://127.0.0.1:8501/_stcore/health", "http://127.0.0.1:8501/_stcore/health"),
    ],
)
def test_redacted_when_a_secret_is_in_it_then_only_that_is_hidden(text, shown):
    assert log.redacted(text) == shown
