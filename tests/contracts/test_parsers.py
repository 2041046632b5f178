"""Whatever comes in, a parser answers with a result or with one of our own errors.

Bytes are drawn at random and from pieces of what the format is made of, so that many of them get
past the first check. (The reader of fleet datasets has properties of its own beside it, and so have
the addresses that sign in, beside theirs.)
"""

import contextlib
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import config
from core import artifacts, dataset
from core.access import command_line_actor
from core.admin.logs import as_json_lines, read_log
from core.artifacts.manifest import Manifest, parsed, read_manifest
from core.dataset.manifest import described
from core.errors import CoreError
from core.failure.hosts_csv import read_hosts
from core.failure.sequence import parse_sequence
from core.forecast.values_csv import read_values
from core.jobs.words import answer_in, progress_in
from core.log import LOG_FILE, redacted
from core.metrics import METRIC_NAMES
from core.responses.event_stream import events, one_document
from core.responses.runbooks import read_runbooks
from core.responses.structure import parse
from core.store import Correction, Store
from core.tickets.export import answered_csv
from core.tickets.labelled import labelled_tickets
from core.tickets.predict import load_model
from core.tickets.report import report_from_json
from tests.core.tickets.some_tickets import some_tickets
from tests.fakes import NOON

ROW = b",".join([b"1"] * 10)
MODELS = config.ROOT / "models"
MODEL_MANIFEST = MODELS / "failure" / "v0001" / "manifest.json"
TICKET_MODEL = load_model(MODELS)
HOSTILE = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\n\n", b'"', b"'", b",", b";", b"\t",
    b"=cmd|'/c calc'!A1", b"<script>alert(1)</script>", b"\x1b[2J", b"NaN", b"1e999", b"-0", b"",
    b"9" * 5000, b"[" * 3000, b'{"a":' * 3000, b"null", b"true", b"\\u0000", b"\\ud800", b" ",
    b"2025-03-01T12:00:00Z", b"9999-12-31T23:59:59Z", b"0000-00-00", b"1", b"\xe2\x80\xae",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Parser:
    """A parser as a function of a file's bytes and a folder to put them into."""

    run: Callable[[bytes, Path], object]
    pieces: tuple[bytes, ...]


def from_file(read: Callable[[Path], object], name: str) -> Callable[[bytes, Path], object]:
    """Return a function that reads its bytes from a file of this name."""

    def run(data: bytes, folder: Path) -> object:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return read(path)

    return run


def loaded(path: Path) -> object:
    return config.load({}, path)


def streamed(data: bytes, _: Path) -> object:
    """Read a stream that comes a few bytes at a time, and the same as one document."""
    with contextlib.suppress(CoreError):
        list(events(data[at : at + 7] for at in range(0, len(data), 7)))
    return one_document([data], 10_000)


def pointed_at(path: Path) -> object:
    """Ask for what CURRENT and PREVIOUS name, as a start and a roll back do."""
    (path.parent / "PREVIOUS").write_bytes(path.read_bytes())
    artifacts.previous_version(path.parents[1], "tickets")
    return artifacts.load_version(path.parents[1], "tickets")


def tickets_of(data: bytes, _: Path) -> object:
    """Answer every ticket of a file that somebody has brought, and write the file with answers."""
    file = dataset.read_as_written(data, name="tickets.csv")
    tickets = dataset.with_tickets(file.frame)
    frame = tickets.frame if tickets.text_by_rule else file.frame
    return answered_csv(file.header, file.rows(), TICKET_MODEL.predict_many(frame))


def told_by_a_job(data: bytes, _: Path) -> object:
    answer_in(data)
    return [progress_in(redacted(line)) for line in data.decode("utf-8", "replace").split("\n")]


def read_of_log(path: Path) -> object:
    view = read_log(command_line_actor(), path.parent, level="WARNING", text="a", last=10)
    return as_json_lines(view)


PARSERS = {
    "sequence as JSON": Parser(
        run=lambda data, _: parse_sequence(data, "sequence.json"),
        pieces=(b"[", b"]", b"[" + ROW + b"]", b"[[" + (ROW + b"],[") * 9 + ROW + b"]]",
                b'{"values":', b"}", b'"interval_s":', b'"features":', b":"),
    ),
    "sequence as CSV": Parser(
        run=lambda data, _: parse_sequence(data, "sequence.csv"),
        pieces=(",".join(METRIC_NAMES).encode() + b"\n", (ROW + b"\n") * 10, ROW + b"\n"),
    ),
    "events of a language model": Parser(
        run=streamed,
        pieces=(b"data: ", b"data:{}", b"\n\n", b"[DONE]", b'{"choices":[', b"]}", b": comment",
                b"event: error", b'{"error":'),
    ),
    "manifest of a model": Parser(
        run=from_file(lambda path: read_manifest(path.parent), "failure/v0001/manifest.json"),
        pieces=(b'{"format": 1', b',"area":"failure"', b',"columns":[', b"]", b"}", b':', b"{}"),
    ),
    "manifest of a dataset": Parser(
        run=from_file(lambda path: described(path.parent), "versions/v0001/manifest.json"),
        pieces=(b'{"format": 1', b',"report":', b"{}", b"}", b',"created_at":', b'"parquet_sha256"',
                b':', b"[]", b'{"columns":[{}]}'),
    ),
    "CURRENT of a model": Parser(
        run=from_file(pointed_at, "tickets/CURRENT"),
        pieces=(b"v0001", b"v0001\n", b"v9999", b"../../", b"/etc/passwd", b"v\xd9\xa1", b"\r\n"),
    ),
    "CURRENT of the dataset": Parser(
        run=from_file(lambda path: dataset.current(path.parents[1]), "versions/CURRENT"),
        pieces=(b"v0001", b"v0001\n", b"v9999", b"../../", b"/etc/passwd", b"v\xd9\xa1", b"\r\n"),
    ),
    "scores of a ticket model": Parser(
        run=lambda data, _: report_from_json(data.decode("utf-8", "replace"), "v0001"),
        pieces=(b'{"candidates":', b'"baselines":', b"[]", b"{}", b"}", b",", b'"n_tickets":3'),
    ),
    "tickets that somebody brings": Parser(
        run=tickets_of,
        pieces=(b"ticket_text,ticket_category\n", b"ticket_text\n", b"the disk is full,Storage\n",
                b"vm_id,timestamp,cpu_usage,memory_usage\n", b"a,2025-03-01T12:00:00Z,0.5,50\n",
                b"Route", b"confidence", b"\x1f\x8b"),
    ),
    "words of a job": Parser(
        run=told_by_a_job,
        pieces=(b" 37 %  fitting", b"100 %  ", b"999 %  x", b"% ", b"\xd9\xa3 %  x", b"token=",
                b'{"version":', b'"v0007"}', b"{}"),
    ),
    "log": Parser(
        run=from_file(read_of_log, LOG_FILE),
        pieces=(b'{"at":', b'"level":"ERROR"', b'"message":', b"{}", b'{"level":[]}', b"}", b","),
    ),
    "settings": Parser(
        run=from_file(loaded, ".env"),
        pieces=(b"PORT=", b"SAMPLE_INTERVAL_S=", b"CPU_LIMITS=", b"HF_BASE_URL=", b"DATABASE_URL=",
                b"ALLOWED_HOSTS=", b"export ", b"#", b"=", b"sqlite:///", b"http://[", b"80,90"),
    ),
    "telemetry of hosts": Parser(
        run=from_file(read_hosts, "hosts.csv"),
        pieces=(("host,timestamp," + ",".join(METRIC_NAMES) + ",failed\n").encode(),
                b"web-1,2025-03-01T12:00:00Z," + ROW + b",0\n", b"web-1,", ROW, b"\x1f\x8b"),
    ),
    "measured values": Parser(
        run=from_file(read_values, "values.csv"),
        pieces=(b"timestamp,value\n", b"2025-03-01T12:00:00Z,5\n", b"timestamp", b"value",
                b"1740830400,5\n", b"\x1f\x8b"),
    ),
    "runbooks": Parser(
        run=from_file(lambda path: read_runbooks(path.parent), "own/disk.md"),
        pieces=(b"# ", b"## ", b"- ", b"1. ", b"---\n", b"categories: ", b"## Causes\n", b"```"),
    ),
    "reply of a language model": Parser(
        run=lambda data, _: parse(data.decode("utf-8", "replace")),
        pieces=(b"## ", b"1. ", b"- [", b"]", b"Likely", b"**", b"[1]", b"```", b"> "),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PARSERS)
def test_parser_when_given_any_bytes_then_it_answers_or_says_in_words_why_not(
    name: str, tmp_path: Path
):
    parser = PARSERS[name]
    pieces = st.sampled_from(parser.pieces + HOSTILE)

    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @example(data=b'"')  # these three were not said in words once
    @example(data=b"data: " + b"[" * 100_000)
    @example(data=b"9" * 5000)
    @given(data=st.binary(max_size=100) | st.lists(pieces, max_size=30).map(b"".join))
    def try_it(data: bytes) -> None:
        try:
            parser.run(data, tmp_path)
        except CoreError as error:
            said = str(error)
            assert said
            assert len(said) < 2_000  # a message, not the file
            assert "\x1b" not in said
            assert "\x00" not in said

    try_it()


def test_manifest_when_one_value_is_anything_then_it_is_refused_or_taken():
    sound = json.loads(MODEL_MANIFEST.read_text(encoding="utf-8"))
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=5,
    )

    @settings(max_examples=100, deadline=None, database=None)
    @given(name=st.sampled_from(sorted(sound)), value=anything)
    def try_it(name: str, value: object) -> None:
        with contextlib.suppress(CoreError):
            assert isinstance(parsed({**sound, name: value}, MODEL_MANIFEST), Manifest)

    try_it()


def test_correction_when_it_holds_anything_then_it_is_kept_and_learnt_from_or_refused(
    tmp_path: Path,
):
    frame = some_tickets(40)
    names = st.sampled_from(["cpu_usage", "task_type", "cpu_mem_ratio", "no_column"])
    values = st.text(max_size=5) | st.floats() | st.integers() | st.none() | st.booleans()

    with closing(Store(f"sqlite:///{(tmp_path / 'app.db').as_posix()}")) as store:

        @settings(max_examples=60, deadline=None, database=None)
        @given(
            words=st.lists(st.text(max_size=20), min_size=4, max_size=4),
            telemetry=st.dictionaries(names, values, max_size=3),
        )
        def try_it(words: list[str], telemetry: dict[str, Any]) -> None:
            text, old, new, who = words
            store.add_correction(
                Correction(text=text, old=old, new=new, who=who, at=NOON, telemetry=telemetry)
            )
            with contextlib.suppress(CoreError):
                labelled_tickets(frame, corrections=store.corrections()[-1:])

        try_it()
