"""The real app in a process of its own, on a free port of this machine."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path

import config

# Streamlit 1.67 closes a socket that has just been closed, and lets the error of that through.
_TAB_CLOSED = re.compile(
    r"Exception in ASGI application\n(?:(?!Exception in ASGI application).*\n)*?"
    r"\S*WebSocketDisconnected: Cannot call \"send\" once a close message has been sent\.\n"
)
# A part of a page that redraws itself was asked to just when the whole page was drawn anew.
_PART_GONE = re.compile(r".*The fragment with id \w+ does not exist anymore.*\n")
# A run that is being replaced reads the session's state while the next one writes it: Streamlit
# 1.67 locks it for each of them alone. What the page shows is drawn by the next one.
_STATE_READ_WHILE_WRITTEN = re.compile(
    r"Traceback \(most recent call last\):\n(?:(?!Traceback).*\n)*?"
    r".*streamlit/runtime/state/session_state\.py.*\n(?:(?!Traceback).*\n)*?"
    r"RuntimeError: dictionary changed size during iteration\n"
)
START_WITHIN_S = 60.0
STOP_WITHIN_S = 20.0


@dataclass(frozen=True, kw_only=True)
class RunningApp:
    """A server that answers; `output` is everything it has printed."""

    process: "subprocess.Popen[bytes]"
    port: int
    output_file: Path
    admins_cookies: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return self.output_file.read_text(encoding="utf-8", errors="replace")

    @property
    def sign_in_link(self) -> str:
        """The last link that it has printed."""
        return re.findall(r"http://\S+/sign-in\?token=\S+", self.output)[-1]

    def sign_in(self) -> dict[str, str]:
        """Return an admin's cookies; the link is used by the first who asks."""
        if not self.admins_cookies:
            jar = CookieJar()
            opener = urllib.request.build_opener(
                urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar)
            )
            with opener.open(self.sign_in_link, timeout=20):
                self.admins_cookies.update({cookie.name: cookie.value or "" for cookie in jar})
        return self.admins_cookies

    @property
    def complaints(self) -> str:
        """What it has printed, without what Streamlit prints of tabs, parts and runs that go."""
        text = self.output
        for harmless in (_TAB_CLOSED, _PART_GONE, _STATE_READ_WHILE_WRITTEN):
            text = harmless.sub("", text)
        return text

    def stop(self) -> int:
        """End the server in order and return its exit code; by force where that takes too long."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@contextmanager
def running_app(
    folder: Path, *, entering: Sequence[str] = (), **settings: str
) -> Iterator[RunningApp]:
    """Start the app with its data and logs in `folder` and stop it at the end.

    The models are the project's own unless `settings` (environment variables) say otherwise;
    `entering` is what goes before its command.
    """
    environment = {
        "DATA_DIR": str(folder / "data"),
        "LOGS_DIR": str(folder / "logs"),
        "MODELS_DIR": str(config.ROOT / "models"),
        **settings,
    }
    with running_script(config.ROOT / "app.py", folder, environment, entering) as app:
        yield app


@contextmanager
def running_script(
    script: Path, folder: Path, environment: Mapping[str, str], entering: Sequence[str] = ()
) -> Iterator[RunningApp]:
    """Serve any script of Streamlit, in `folder` as working directory, and stop it at the end."""
    port = free_port()
    command = [*entering, sys.executable, "-m", "streamlit", "run", str(script)]
    output_file = folder / "output.txt"
    with output_file.open("wb") as output:
        process = subprocess.Popen(
            [*command, f"--server.port={port}", "--server.headless=true"],
            cwd=folder,
            env={**os.environ, "PORT": str(port), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    app = RunningApp(process=process, port=port, output_file=output_file)
    try:
        _wait_until_it_answers(app)
        yield app
    finally:
        app.stop()


def free_port() -> int:
    """Return a port that nobody listens at just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_until_it_answers(app: RunningApp) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    latest_s = time.monotonic() + START_WITHIN_S
    while time.monotonic() < latest_s:
        if app.process.poll() is not None:
            raise RuntimeError(f"The app ended with {app.process.returncode}:\n{app.output}")
        try:
            with opener.open(f"{app.address}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"The app did not answer within {START_WITHIN_S} s:\n{app.output}")
