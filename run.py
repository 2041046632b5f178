"""Start the app from a bare checkout (`python run.py`), or its tests (`python run.py test`).

Only the standard library is needed: what the app needs is installed into .venv on the first start.
"""

import errno
import os
import platform
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)  # newest: what tensorflow 2.21 publishes builds for
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
INSTALLING = ROOT / ".installing"  # held by the start that changes .venv
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PORTS_TRIED = 20
STOP_WITHIN_S = 15
USAGE = "Use `python run.py` to start the app, `python run.py test [pytest arguments]` to test it."
PYTEST = ["-m", "pytest"]
IN_PARALLEL = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
GATES = (  # cheapest first
    ("ruff format", ["-m", "ruff", "format", "--check", "."]),
    ("ruff check", ["-m", "ruff", "check", "."]),
    ("import-linter", ["-c", "from importlinter.cli import lint_imports_command as m; m()"]),
    ("mypy", ["-m", "mypy"]),
    ("pytest", [*PYTEST, *IN_PARALLEL, "-m", "not alone"]),
    # What watches this very machine wants it for itself.
    ("pytest of what has to be alone", [*PYTEST, "-m", "alone"]),
)
NO_TESTS_CHOSEN = 5  # pytest's exit code where the arguments leave nothing to run

# Said before anything that an older Python could not run.
if not OLDEST <= sys.version_info[:2] <= NEWEST:
    sys.stderr.write(
        "This is Python {}.{}, but the app needs Python {}.{} to {}.{} (tensorflow has no build "
        "for others). Install one of these and start the app with it: python{}.{} run.py\n".format(
            *sys.version_info[:2], *OLDEST, *NEWEST, *NEWEST
        )
    )
    sys.exit(2)


class CannotStartError(Exception):
    """Something keeps the app from starting; the message says what to do."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def main(arguments: list[str]) -> int:
    """Do what the command line asks for and return the exit code."""
    from config import load  # after the check of the Python version, which it relies on
    from core.errors import SettingsError

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # SIGINT too: shells let background jobs ignore it
        number = getattr(signal, name, None)
        # A hang-up that is ignored was meant to be, by nohup.
        if number and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, _interrupt)
    try:
        if arguments[:1] == ["test"]:
            return run_tests(arguments[1:])
        if arguments in (["-h"], ["--help"]):
            say(USAGE)
            return 0
        if arguments:
            raise CannotStartError(f"{' '.join(arguments)!r} is not understood. {USAGE}", code=2)
        settings = load()
        prepare(ROOT / "requirements.txt", settings.logs_dir)
        port = free_port(settings.host, settings.port)
        return serve(settings.host, port, settings.allowed_hosts, settings.upload_limit_mb)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except CannotStartError as error:
        sys.stderr.write(f"{error}\n")
        return error.code
    except KeyboardInterrupt:
        say("\nInterrupted.")
        return 130


def say(text: str) -> None:
    """Print a line at once, also where the output is a pipe."""
    _print(f"{text}\n")


def _print(text: str) -> None:
    """Write `text`; where nobody reads any more (a closed terminal or pipe), go on without."""
    try:
        print(text, end="", flush=True)
    except OSError:
        # Also what is still held back, which Python would try to write once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


# --- installing -----------------------------------------------------------------------------------


def prepare(requirements: Path, logs: Path) -> None:
    """Make .venv hold what `requirements` lists; does nothing where it already does.

    What was installed is remembered in .venv only after pip has succeeded, so that an interrupted
    installation is taken up again by the next start.
    """
    if is_prepared(requirements):
        return
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        raise CannotStartError(
            "tensorflow publishes no build for Macs with Intel processors. "
            "Use another machine, or Linux in a container."
        )
    from core import file_lock

    waits = "Another start is installing here; waiting until it is done."
    try:
        lock = file_lock.waited_for(INSTALLING, lambda: say(waits))
    except OSError as error:
        raise CannotStartError(f"{INSTALLING} cannot be written: {error.strerror}.") from error
    try:
        if not is_prepared(requirements):  # another start may have done it meanwhile
            install(requirements, logs)
    finally:
        file_lock.let_go(lock, INSTALLING)


def is_prepared(requirements: Path) -> bool:
    """Return whether .venv is usable and holds what `requirements` lists."""
    stamp = VENV / f"installed-{requirements.stem}"
    wanted = _text_with_includes(requirements)
    return is_usable() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted


def install(requirements: Path, logs: Path) -> None:
    """Make .venv where there is none that can be used, and install into it."""
    log = logs / "install.log"
    try:
        logs.mkdir(parents=True, exist_ok=True)
        log.open("a", encoding="utf-8").close()
    except OSError as error:
        message = f"{log} cannot be written ({error.strerror}). Set LOGS_DIR to another folder."
        raise CannotStartError(message, code=2) from error
    if not is_usable():
        make_venv(log)
    stamp = VENV / f"installed-{requirements.stem}"
    wanted = _text_with_includes(requirements)
    stamp.unlink(missing_ok=True)
    say(f"Installing {requirements.name} into {VENV.name}; all that pip says is in {log}")
    started = time.monotonic()
    pip = [str(PYTHON), "-m", "pip", "--no-input", "--disable-pip-version-check", "install"]
    code = run_with_progress([*pip, "--progress-bar", "off", "-r", str(requirements)], log)
    if code != 0:
        raise CannotStartError(
            f"The installation failed. pip's last lines:\n{_tail(log)}\n"
            f"All of them are in {log}. Mend the cause and start again: what is installed is kept."
        )
    stamp.write_text(wanted, encoding="utf-8")
    say(f"Installed in {time.monotonic() - started:.0f} s.")


def is_usable() -> bool:
    """Return whether .venv was made here, by this version of Python, and still runs pip."""
    try:
        made_as = (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return False
    version = ".".join(str(number) for number in sys.version_info[:2])
    if f"version = {version}." not in made_as or f" {VENV}\n" not in made_as + "\n":
        return False
    search = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pip') is None)"
    try:
        return subprocess.run([str(PYTHON), "-c", search], check=False).returncode == 0
    except OSError:
        return False


def make_venv(log: Path) -> None:
    """Make an empty .venv in place of whatever is there."""
    if VENV.exists():
        say(f"{VENV.name} is incomplete, moved or of another Python version: making it anew.")
        shutil.rmtree(VENV)
    say(f"Making {VENV.name} with Python {platform.python_version()}")
    # Where this runs inside a virtual environment, the interpreter that it was made from.
    python = getattr(sys, "_base_executable", None) or sys.executable
    if run_with_progress([python, "-m", "venv", str(VENV)], log) != 0:
        raise CannotStartError(
            f"A virtual environment could not be made:\n{_tail(log)}\n"
            "On Debian and Ubuntu, `apt install python3-venv` adds what is missing."
        )


def run_with_progress(command: list[str], log: Path) -> int:
    """Run `command`, all it prints into `log` and in short on screen; return its exit code."""
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    lines: "queue.Queue[str | None]" = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put(None)

    # Read beside, so that the seconds go on counting while nothing is printed.
    threading.Thread(target=read, daemon=True).start()
    doing = ""
    try:
        with log.open("a", encoding="utf-8") as out:
            while True:
                try:
                    line = lines.get(timeout=1)
                except queue.Empty:
                    _show(doing, time.monotonic() - started)
                    continue
                if line is None:
                    return process.wait()
                out.write(line)
                if _in_short(line) not in ("", doing):
                    doing = _in_short(line)
                    _show(doing, time.monotonic() - started, is_new=True)
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    finally:
        if sys.stdout.isatty():
            _print("\r" + 79 * " " + "\r")


def _in_short(line: str) -> str:
    """Return what a line of pip's output says is being done, empty for the unimportant ones."""
    download = re.match(r"\s*(Downloading|Using cached) ([\w.]+)-.*\((.+)\)", line)
    if download and not download[2].endswith(".metadata"):
        verb = "downloading" if download[1] == "Downloading" else "unpacking"
        return f"{verb} {download[2]} ({download[3]})"
    if line.startswith("Installing collected packages:"):
        return f"installing {line.count(',') + 1} packages"
    return ""


def _show(doing: str, elapsed_s: float, *, is_new: bool = False) -> None:
    # On a terminal one line that counts the seconds; elsewhere a line whenever something begins.
    text = f"  {elapsed_s:4.0f} s  {doing}"
    if sys.stdout.isatty():
        _print(f"\r{text:<79.79}")
    elif is_new:
        say(text)


def _text_with_includes(requirements: Path) -> str:
    text = requirements.read_text(encoding="utf-8")
    for included in re.findall(r"^-r (\S+)", text, flags=re.MULTILINE):
        text += _text_with_includes(requirements.parent / included)
    return text


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8").splitlines()[-12:])


# --- the app --------------------------------------------------------------------------------------


def free_port(host: str, port: int) -> int:
    """Return `port`, or the next free one after it."""
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        try:
            family = socket.getaddrinfo(host, candidate, type=socket.SOCK_STREAM)[0][0]
            socket.create_server((host, candidate), family=family).close()
        except OSError as error:
            # Windows reserves whole ranges of ports and says so as a lack of permission.
            if error.errno == errno.EADDRINUSE or (os.name == "nt" and error.errno == errno.EACCES):
                continue
            message = f"HOST {host} and PORT {candidate} cannot be listened at: {error.strerror}."
            raise CannotStartError(message, code=2) from error
        if candidate != port:
            say(f"Port {port} is taken; using {candidate}.")
        return candidate
    raise CannotStartError(f"Ports {port} to {candidate} are all taken. Set PORT to a free one.")


def serve(host: str, port: int, allowed_hosts: tuple[str, ...], upload_limit_mb: int) -> int:
    """Run the app until it ends or is interrupted; return its exit code."""
    started = time.monotonic()
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    names = [f"--server.allowedHosts={name}" for name in (*allowed_hosts, host)]
    command = [str(PYTHON), "-m", "streamlit", "run", str(ROOT / "app.py"), *names]
    command += [f"--server.address={host}", f"--server.port={port}"]
    command += [f"--server.maxUploadSize={upload_limit_mb}"]
    app = subprocess.Popen(
        command,
        cwd=ROOT,
        # Nothing is ever said to it. Its input ends with this process, however that ends, and tells
        # it to end, too: an app that nobody sees would go on sampling beside the next one.
        env={**os.environ, "HOST": host, "PORT": str(port), "ENDS_WITH_ITS_INPUT": "1"},
        stdin=subprocess.PIPE,
        # In a group of its own: Ctrl-C reaches it once, from here, and it stops in order.
        start_new_session=os.name != "nt",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    try:
        while app.poll() is None and not answers(f"{address}/_stcore/health"):
            time.sleep(0.1)
        if app.poll() is None:
            say(f"Ready in {time.monotonic() - started:.1f} s: {address}   (Ctrl-C stops it)")
        return app.wait()
    except KeyboardInterrupt:
        say("\nStopping.")
        code = stop(app, signal.SIGTERM)
        return 0 if code in (-signal.SIGTERM, 0xC000013A) else code  # ended as asked; Windows' too


def answers(address: str) -> bool:
    """Return whether the app answers at its health `address`; proxies are left aside."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def stop(process: "subprocess.Popen[bytes]", with_signal: int) -> int:
    """End `process` in order, or by force where that takes too long; return its exit code."""
    process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", with_signal))
    try:
        return process.wait(timeout=STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        say(f"It did not stop within {STOP_WITHIN_S} s and was ended by force.")
        return process.wait()


# --- the tests ------------------------------------------------------------------------------------


def run_tests(pytest_arguments: list[str]) -> int:
    """Run every gate, whatever the others say; return 0 where all of them hold."""
    prepare(ROOT / "requirements.txt", ROOT / "logs")
    prepare(ROOT / "requirements-dev.txt", ROOT / "logs")
    environment = dict(os.environ)
    # Hundreds of processes start in these tests: let each file be compiled once, not by each.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    failed = []
    for name, arguments in GATES:
        say(f"== {name}")
        is_pytest = name.startswith("pytest")
        extra = pytest_arguments if is_pytest else []
        gate = subprocess.Popen(
            [str(PYTHON), *arguments, *extra],
            cwd=ROOT,
            env=environment,
            start_new_session=os.name != "nt",
        )
        try:
            allowed = (0, NO_TESTS_CHOSEN) if is_pytest else (0,)
            if gate.wait() not in allowed:
                failed.append(name)
        except KeyboardInterrupt:
            # Tests that started a server stop it on being interrupted; give them the time.
            stop(gate, signal.SIGINT)
            raise
    if failed:
        say(f"FAILED: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
