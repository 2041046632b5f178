"""A PostgreSQL server of the tests alone, on loopback, stopped and started under its users."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.server import free_port


class ServerNotPossibleError(Exception):
    """There is no PostgreSQL on this machine; the message says what to install."""


class PostgresqlServer:
    """A server whose data lie in `folder`; as root it runs as the user postgres."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder, self._programs = folder, programs
        self._port = free_port()
        self.url = f"postgresql+psycopg://tests@127.0.0.1:{self._port}/postgres"

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped."""
        return (self._folder / "data" / "postmaster.pid").exists()

    def make(self) -> None:
        """Create the empty database."""
        self._run("initdb", "-D", str(self._folder / "data"), "-U", "tests", "-A", "trust")

    def start(self) -> None:
        """Start it; returns when it answers."""
        options = (
            f"-p {self._port} -c listen_addresses=127.0.0.1 "
            f"-c unix_socket_directories={self._folder} -c fsync=off"
        )
        log = str(self._folder / "log")
        self._control("start", "-w", "-l", log, "-o", options)

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        self._control("stop", "-w", "-m", "immediate")

    def _control(self, verb: str, *options: str) -> None:
        self._run("pg_ctl", verb, "-D", str(self._folder / "data"), *options)

    def _run(self, program: str, *arguments: str) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [*as_user, str(self._programs / program), *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@contextmanager
def postgresql_server(folder: Path) -> Iterator[PostgresqlServer]:
    """Make and start a server below `folder`, and stop it at the end.

    Raises
    ------
    ServerNotPossibleError
        PostgreSQL is not installed.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise ServerNotPossibleError("PostgreSQL is not installed (Debian: postgresql)")
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = PostgresqlServer(folder, found[-1].parent)
    server.make()
    server.start()
    try:
        yield server
    finally:
        if server.is_running:
            server.stop()
