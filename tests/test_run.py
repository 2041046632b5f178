"""run.py as a person meets it: a checkout of its own, a real .venv, and a small app in it."""

import ast
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import config

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent as POSIX has them")

# Stands in for Streamlit: found first because Python looks into the working folder.
FAKE_STREAMLIT = """
import http.server, json, os, signal, sys, threading
options = dict(argument[2:].split("=", 1) for argument in sys.argv if argument.startswith("--"))
if "EXIT_CODE" in os.environ:
    sys.exit(int(os.environ["EXIT_CODE"]))
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass
def stop(*args):
    try:
        print("app stopped in order", flush=True)
    except OSError:
        pass  # its terminal is closed
    os._exit(0)
def end():
    sys.stdin.read()
    print("app ends with its input", flush=True)
    os._exit(0)
if os.environ["ENDS_WITH_ITS_INPUT"]:
    threading.Thread(target=end, daemon=True).start()
signal.signal(signal.SIGTERM, stop)
print("app", sys.argv[1:3], os.environ["PORT"], flush=True)
print("uploads up to", options["server.maxUploadSize"], "MB", flush=True)
address = (options["server.address"], int(options["server.port"]))
http.server.HTTPServer(address, Health).serve_forever()
"""
FAKE_GATE = """
import os, sys
print("{name} ran", sys.argv[1:], flush=True)
sys.exit("{name}" == os.environ.get("FAILING_GATE"))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkout in which a first start has made .venv."""
    root = tmp_path_factory.mktemp("run") / "a checkout"
    (root / "core").mkdir(parents=True)
    for name in (
        "run.py",
        "config.py",
        "core/__init__.py",
        "core/errors.py",
        "core/file_lock.py",
        "core/setting_kinds.py",
    ):
        shutil.copy(config.ROOT / name, root / name)
    for name in ("app.py", "requirements.txt"):
        (root / name).write_text("")
    (root / "requirements-dev.txt").write_text("-r requirements.txt\n")
    _package(root, "streamlit", FAKE_STREAMLIT)
    for name in ("ruff", "mypy", "pytest"):
        _package(root, name, FAKE_GATE.format(name=name))
    cli = "def lint_imports_command():\n    print('importlinter ran', flush=True)\n"
    _package(root, "importlinter", "")
    (root / "importlinter" / "cli.py").write_text(cli)
    first = finished(root, EXIT_CODE="0")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Making .venv" in first.stdout
    assert "Installing requirements.txt" in first.stdout
    return root


@pytest.fixture
def checkout(installed: Path) -> Iterator[Path]:
    """Return the installed checkout; the requirements that a test changes are put back.

    A program in it is never written anew: within the second and with the same length it would
    pass for the one already compiled, as Python compares no more than these two.
    """
    requirements = installed / "requirements.txt"
    kept = requirements.read_text()
    yield installed
    requirements.write_text(kept)


def _package(root: Path, name: str, main: str) -> None:
    (root / name).mkdir()
    (root / name / "__init__.py").write_text("")
    (root / name / "__main__.py").write_text(main)


def environment(**more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.endswith("_DIR")}
    # Without a package index, pip must be content with what is there.
    return {**own, "PORT": str(free_port()), "PIP_NO_INDEX": "1", **more}


def finished(root: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(root / "run.py"), *arguments],
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=root.parent,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def started(root: Path, *, entering: Sequence[str] = (), **more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*entering, sys.executable, str(root / "run.py")],
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def read_until(process: "subprocess.Popen[str]", word: str) -> str:
    """Return what is printed up to the line with `word`; the rest of it where that never comes."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if word in line:
            break
    return text


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_start_when_interrupted_then_the_app_stops_in_order_and_the_code_is_zero(checkout, how):
    process = started(checkout, PORT=str(port := free_port()))
    before = read_until(process, "Ready")
    process.send_signal(how)
    after, _ = process.communicate(timeout=30)
    assert f"http://127.0.0.1:{port} " in before
    assert "app stopped in order" in after
    assert process.returncode == 0
    with socket.create_server(("127.0.0.1", port)):
        pass  # nobody listens there any more


def test_start_when_killed_then_the_app_ends_too(checkout):
    process = started(checkout, PORT=str(port := free_port()))
    read_until(process, "Ready")
    process.kill()
    after, _ = process.communicate(timeout=30)
    assert "app ends with its input" in after
    with socket.create_server(("127.0.0.1", port)):
        pass  # nobody listens there any more


def test_start_when_the_terminal_is_closed_then_the_app_stops_in_order(checkout, tmp_path):
    import pty  # not there on Windows

    ours, its = pty.openpty()
    said = tmp_path / "said"
    with said.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, str(checkout / "run.py")],
            env=environment(),
            stdin=its,
            stdout=its,
            stderr=errors,
            start_new_session=True,
        )
    os.close(its)
    text = b""
    while b"Ready" not in text:
        text += os.read(ours, 4096)
    os.close(ours)
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=30) == 0
    assert said.read_text() == ""


def test_start_when_the_reader_of_its_output_goes_then_the_app_goes_on(checkout):
    process = started(checkout, PORT=str(port := free_port()))
    read_until(process, "uploads")
    assert process.stdout is not None
    process.stdout.close()
    latest = time.monotonic() + 30
    while not answers(port) and time.monotonic() < latest:
        time.sleep(0.1)
    time.sleep(0.5)  # long enough for "Ready", which nobody reads
    assert process.poll() is None
    assert answers(port)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0


def test_start_when_begun_with_nohup_then_a_hang_up_does_not_stop_it(checkout):
    process = started(checkout, entering=["nohup"])
    read_until(process, "Ready")
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_start_when_everything_is_there_then_nothing_is_installed(checkout):
    again = finished(checkout, EXIT_CODE="0")
    assert "nstall" not in again.stdout
    assert "app" not in again.stderr


def test_start_when_requirements_change_then_they_are_installed_once(checkout):
    (checkout / "requirements.txt").write_text("pip\n")
    assert "Installing requirements.txt" in finished(checkout, EXIT_CODE="0").stdout
    assert "nstall" not in finished(checkout, EXIT_CODE="0").stdout


def test_start_when_installing_fails_then_the_reason_is_shown_and_it_is_tried_again(checkout):
    (checkout / "requirements.txt").write_text("no-such-package-anywhere==9\n")
    for _ in range(2):
        failed = finished(checkout)
        assert failed.returncode == 1
        assert "no-such-package-anywhere" in failed.stderr
        assert "install.log" in failed.stderr
        assert "Traceback" not in failed.stderr
    (checkout / "requirements.txt").write_text("")
    assert finished(checkout, EXIT_CODE="0").returncode == 0


def test_start_when_the_checkout_was_moved_then_the_environment_is_made_anew(checkout, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(checkout, moved, symlinks=True)
    start = finished(moved, EXIT_CODE="0")
    assert start.returncode == 0
    assert "making it anew" in start.stdout
    assert str(moved / ".venv") in (moved / ".venv" / "pyvenv.cfg").read_text()


def test_start_when_the_port_is_taken_then_the_next_free_one_is_used_and_settings_hold(checkout):
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        process = started(checkout, PORT=str(taken), UPLOAD_LIMIT_MB="321")
        text = read_until(process, "Ready")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert "uploads up to 321 MB" in text
    assert f"Port {taken} is taken; using " in text
    used = text.rsplit("http://127.0.0.1:", 1)[1].split()[0]
    assert int(used) != taken
    assert f"'run', '{checkout / 'app.py'}'] {used}" in text.replace('"', "'")


def test_start_when_the_app_ends_with_a_code_then_it_is_passed_on(checkout):
    assert finished(checkout, EXIT_CODE="7").returncode == 7


def test_start_when_a_setting_is_bad_then_one_sentence_says_so_before_anything_else(checkout):
    refused = finished(checkout, SAMPLE_INTERVAL_S="0.1")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr == "SAMPLE_INTERVAL_S is '0.1', but must be a number from 0.5 to 3600.\n"


def test_start_when_the_host_is_not_ours_then_one_sentence_says_so(checkout):
    refused = finished(checkout, HOST="192.0.2.1")
    assert refused.returncode == 2
    assert "HOST 192.0.2.1" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_start_when_the_argument_is_unknown_then_the_two_uses_are_named(checkout):
    refused = finished(checkout, "tset")
    assert refused.returncode == 2
    assert "'tset' is not understood" in refused.stderr
    assert "run.py test" in refused.stderr


def test_gates_when_one_fails_then_all_run_in_order_and_the_closing_line_names_it(checkout):
    good = finished(checkout, "test", "-k", "x")
    assert good.returncode == 0
    in_parallel = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
    ran = [line for line in good.stdout.splitlines() if " ran" in line]
    assert ran == [
        "ruff ran ['format', '--check', '.']",
        "ruff ran ['check', '.']",
        "importlinter ran",
        "mypy ran []",
        f"pytest ran {[*in_parallel, '-m', 'not alone', '-k', 'x']}",
        "pytest ran ['-m', 'alone', '-k', 'x']",
    ]
    bad = finished(checkout, "test", FAILING_GATE="mypy")
    assert bad.returncode == 1
    assert "pytest ran" in bad.stdout
    assert bad.stdout.splitlines()[-1] == "FAILED: mypy"


def test_install_when_interrupted_then_it_is_taken_up_again(checkout):
    stamp = checkout / ".venv" / "installed-requirements"
    # A package that cannot be reached: pip waits for an address that never answers.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (checkout / "requirements.txt").write_text("somewhere\n")
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        process = started(checkout, PIP_NO_INDEX="0", PIP_INDEX_URL=address)
        read_until(process, "Installing")
        silent.accept()[0].close()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert not stamp.exists()
    (checkout / "requirements.txt").write_text("")
    assert "Installing" in finished(checkout, EXIT_CODE="0").stdout
    assert stamp.exists()


def test_install_when_two_starts_come_at_once_then_one_installs_and_the_other_waits(
    checkout, tmp_path
):
    fresh = tmp_path / "fresh"
    shutil.copytree(checkout, fresh, ignore=shutil.ignore_patterns(".venv"))
    first = started(fresh, EXIT_CODE="0")
    read_until(first, "Making .venv")
    while not (fresh / ".venv" / "pyvenv.cfg").exists():  # from here on it looks like a broken one
        time.sleep(0.01)
    second = started(fresh, EXIT_CODE="0")
    said = [process.communicate(timeout=120)[0] for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], said
    assert "Installed in" in said[0]
    assert said[1] == "Another start is installing here; waiting until it is done.\n"
    assert not (fresh / ".installing").exists()


def test_install_when_its_log_cannot_be_written_then_one_sentence_says_so(checkout, tmp_path):
    (checkout / "requirements.txt").write_text("pip\n")
    (tmp_path / "file").write_text("")
    refused = finished(checkout, LOGS_DIR=str(tmp_path / "file" / "logs"))
    assert refused.returncode == 2
    assert "Set LOGS_DIR to another folder." in refused.stderr
    assert "Traceback" not in refused.stderr


def test_run_when_python_is_old_then_it_can_still_say_so():
    # 3.7 is the oldest grammar that ast knows; an f-string or a walrus too new would fail here.
    ast.parse((config.ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_run_when_nothing_is_installed_then_it_needs_only_the_standard_library():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import run; from config import load; load()"
    )
    bare = [sys.executable, "-I", "-S", "-c", code, str(config.ROOT)]
    done = subprocess.run(bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
