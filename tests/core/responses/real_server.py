"""llama.cpp's own server on loopback, in a process of its own, with the model of two megabytes."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.core.responses import tiny_model
from tests.e2e.server import free_port

__all__ = ["KEY", "real_server"]

KEY = "hf_test_token_0123456789"
START_WITHIN_S = 60


@contextmanager
def real_server(
    folder: Path, *, prefix: str = "", context: int = tiny_model.CONTEXT
) -> Iterator[str]:
    """Serve until the end of the context and give the base address.

    The model is written to `folder`; `prefix` begins every path, as with a router of providers, and
    `context` is how many tokens prompt and reply may have.

    Raises
    ------
    RuntimeError
        The server ended, or does not answer; the message is what it has said.
    """
    model, port, output_file = folder / "tiny.gguf", free_port(), folder / "output.txt"
    tiny_model.write_model(model, context)
    command = [sys.executable, tiny_model.__file__, model, port, KEY, prefix, context]
    with output_file.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command], stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}{prefix}/health", output_file)
        yield f"http://127.0.0.1:{port}{prefix}/v1"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", address: str, output_file: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {KEY}"})
    latest_s = time.monotonic() + START_WITHIN_S
    while process.poll() is None and time.monotonic() < latest_s:
        try:
            with opener.open(asked, timeout=2):
                return
        except (urllib.error.URLError, OSError):  # not there yet, or still loading (503)
            time.sleep(0.05)
    raise RuntimeError(output_file.read_text(encoding="utf-8", errors="replace")[-2000:])
