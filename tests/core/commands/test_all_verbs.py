import os
import shlex
import signal
import subprocess
import sys

import pytest

import config
from core.artifacts import TRAIN_COMMANDS


def test_help_when_asked_then_every_verb_and_the_models_option_are_told(run):
    assert "health" in run("--help").out
    answer = run("failure", "--help")
    assert answer.code == 0
    verbs = (
        *("sample", "live", "predict", "score", "evaluate", "train", "simulate", "import"),
        "activate",
    )
    for verb in verbs:
        assert verb in answer.out
        told = run("failure", verb, "--help")
        assert told.code == 0
        uses_a_model = verb not in ("sample", "live", "simulate")
        assert ("--models" in told.out) == uses_a_model


@pytest.mark.parametrize("arguments", [[], ["failure"], ["failure", "guess"], ["failure", "score"]])
def test_arguments_when_they_are_no_command_then_it_says_what_is(run, arguments):
    answer = run(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert "usage: python -m core" in answer.err


@pytest.mark.parametrize("command", TRAIN_COMMANDS.values())
def test_training_when_a_message_names_its_command_then_that_is_a_whole_command(run, command):
    # What follows is refused only where everything before it was understood.
    answer = run(*shlex.split(command)[3:], "--and-then")
    assert "unrecognized arguments: --and-then" in answer.err


def test_settings_when_one_cannot_be_used_then_its_name_is_told(run, monkeypatch):
    monkeypatch.setenv("SAMPLE_INTERVAL_S", "soon")
    assert "SAMPLE_INTERVAL_S" in run("failure", "sample").refused()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
def test_stop_when_a_library_makes_an_error_of_it_then_the_exit_code_is_still_that_of_a_stop(
    tmp_path,
):
    code = (
        "import os, signal, sys\n"
        "from core import __main__ as command_line\n"
        "from core.commands import jobs\n"
        "def interrupted(*_, **__):\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "    except BaseException as stopped:\n"
        "        raise RuntimeError('half done') from stopped\n"
        "jobs.settled = interrupted\n"
        "sys.exit(command_line.main(['jobs', 'list']))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=config.ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), "LOGS_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in ended.stderr
