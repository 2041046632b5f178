import signal
from collections.abc import Iterator

import pytest

from core.__main__ import main
from tests.core.commands.answer import Answer, Run


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run a command in this process."""
    handler = signal.getsignal(signal.SIGTERM)

    def command(*arguments: object) -> Answer:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stopped:  # argparse ends so
            code = int(stopped.code or 0)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    yield command
    signal.signal(signal.SIGTERM, handler)
