"""Time replies: offline from facts to checked text, and the first word over the bare server's.

    python bench/replies.py

The server is llama.cpp's own with a model made on the spot; the bare client is http.client, which
sends the same body and waits for the first event with a word in it. Turns are interleaved.
"""

import http.client
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.result import Result
from core.responses.event_stream import events
from core.responses.provider import LANGUAGES, Access
from core.responses.responder import Responder
from core.responses.writing import Writing
from tests.core.responses.facts import RUNBOOKS, facts
from tests.core.responses.tiny_model import write_model
from tests.e2e.server import free_port

KEY = "hf_bench_token_0123456789"
N_OFFLINE, N_TURNS = 200, 60
MODEL_SCRIPT = Path(__file__).resolve().parents[1] / "tests/core/responses/tiny_model.py"


def offline_ms() -> list[float]:
    """Return how long each offline reply took, from facts to checked text."""
    opened = Responder(RUNBOOKS, Access(base_url="http://127.0.0.1:9/v1", model="m"))
    taken = []
    for turn in range(N_OFFLINE):
        began = time.perf_counter()
        known = facts(f"ticket {turn}: checkout on web-{turn} is slow, ask bob@corp.example")
        prepared = opened.prepare(known, language=LANGUAGES[turn % len(LANGUAGES)])
        done = Writing(opened.provider("offline"), prepared).start().result()
        taken.append(1000 * (time.perf_counter() - began))
        assert done.reply.parts is not None
    return taken


def bare_ms(port: int, body: bytes) -> float:
    """Return the time to the first word for a client that does nothing else."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/chat/completions", body, headers)
    answer = connection.getresponse()
    for event in events(iter(lambda: answer.read1(65_536), b"")):
        if event and event["choices"] and event["choices"][0]["delta"].get("content"):
            break
    taken = 1000 * (time.perf_counter() - began)
    answer.read()
    connection.close()
    return taken


def first_words_ms(port: int) -> tuple[list[float], list[float]]:
    """Return (ours, bare) times to the first word in turns."""
    access = Access(base_url=f"http://127.0.0.1:{port}/v1", model="tiny", token=KEY)
    opened = Responder([], access)
    prepared = opened.prepare(facts("CPU is slow", similar=()))
    body = opened.provider("huggingface").payload(prepared.request).encode()
    ours, bare = [], []
    for turn in range(N_TURNS + 2):
        done = Writing(opened.provider("huggingface"), prepared).start().result()
        assert done.first_word_s is not None, done.problem
        plain = bare_ms(port, body)
        if turn >= 2:  # the first ones load libraries
            ours.append(1000 * done.first_word_s)
            bare.append(plain)
    return ours, bare


@contextmanager
def served() -> Iterator[int]:
    """Run the language model's server and give its port."""
    with tempfile.TemporaryDirectory() as folder:
        model, port = Path(folder) / "tiny.gguf", free_port()
        write_model(model)
        process = subprocess.Popen(
            [sys.executable, str(MODEL_SCRIPT), str(model), str(port), KEY, ""],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    """Print the table."""
    taken = offline_ms()
    line = (
        f"offline reply: median {statistics.median(taken):.1f} ms, p99 {sorted(taken)[-2]:.1f} ms"
    )
    print(f"{line} of {len(taken)}")
    with served() as port:
        ours, bare = first_words_ms(port)
    for name, found in (("ours", ours), ("bare", bare)):
        print(f"first word, {name}: median {statistics.median(found):.1f} ms of {len(found)}")
    extra = [one - other for one, other in zip(ours, bare, strict=True)]
    print(f"first word, ours over bare: median {statistics.median(extra):+.1f} ms")


def _wait(port: int) -> None:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/health", headers={"Authorization": f"Bearer {KEY}"}
    )
    for _ in range(600):
        try:
            with urllib.request.urlopen(asked, timeout=2):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise SystemExit("The server does not answer.")


def results() -> list[Result]:
    """Return how long the first word takes beside a bare client of the same server."""
    with served() as port:
        ours, bare = first_words_ms(port)
    return [
        Result(
            what="first word of a reply",
            peer="bare HTTP client",
            ours=statistics.median(ours),
            theirs=statistics.median(bare),
            unit="ms",
            note="llama.cpp's server with a made-up model; the median of 60 turns each",
        )
    ]


if __name__ == "__main__":
    main()
