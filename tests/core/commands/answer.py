"""What a command leaves behind, run in this process or in one of its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import config


class Answer:
    """What a command left behind: exit code, standard output, standard error."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out, parse_constant=lambda text: pytest.fail(f"{text} in JSON"))

    def refused(self) -> str:
        """Return the one sentence with which input was refused."""
        assert self.code == 2
        assert self.out == ""
        assert "Traceback" not in self.err
        (sentence,) = self.err.splitlines()
        assert sentence.endswith(".")
        assert len(sentence) < 500
        return sentence


Run = Callable[..., Answer]


def in_a_process(*arguments: object, given: bytes = b"") -> Answer:
    done = subprocess.run(
        [sys.executable, "-m", "core", *(str(argument) for argument in arguments)],
        cwd=config.ROOT,
        input=given,
        capture_output=True,
        check=False,
    )
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
