"""The language model's provider against a scripted server: every answer, every fault."""

import threading
import time
import tracemalloc

import pytest

import core.errors as errors
from core.responses.provider import Access
from core.responses.responder import Responder
from core.responses.writing import Writing
from tests.core.responses.facts import RUNBOOKS, facts
from tests.core.responses.providers.asking import ask, cut, raw, refused, write
from tests.core.responses.scripted_server import (
    chunk,
    plain,
    reset,
    streamed,
)


@pytest.mark.parametrize(
    "answer",
    [
        plain(200, "this is not json"),
        plain(200, "[1, 2]"),
        plain(200, "{}"),
        plain(200, '{"choices": []}'),
        plain(200, '{"choices": [{"message": {"content": null}}]}'),
        plain(200, '{"choices": [{"message": {"content": 7}}]}'),
        plain(200, '{"choices": "x"}'),
        plain(200, b"\x00\xff\xfe"),
        plain(200, ""),
        raw("data: {not json}\n\n"),
        raw("data: [1]\n\n"),
        raw("data: [DONE]\n\n"),
        raw(""),
        raw("junk junk junk\n" * 10),
    ],
)
def test_answer_when_it_is_junk_then_it_is_called_unreadable_and_not_asked_again(server, answer):
    server.answers = [answer]
    problem = refused(server.access())
    assert type(problem) is errors.LLMResponseError
    assert "cannot be read" in str(problem)
    assert server.posts == 1


def test_stream_when_an_error_comes_in_the_middle_then_the_text_is_kept_and_it_is_said(server):
    broken = 'data: {"error": {"message": "CUDA out of memory", "code": 500}}\n\n'
    server.answers = [raw(chunk("first "), chunk("words "), broken)]
    done = write(server)
    assert "broke off with an error" in done.problem
    assert "first words" in done.reply.markdown


def test_stream_when_it_is_cut_then_the_text_is_kept_and_it_is_not_asked_again(server):
    server.answers = [cut]
    done = write(server)
    assert "broke off" in done.problem
    assert "first words" in done.reply.markdown
    assert server.posts == 1


def test_connection_when_it_is_reset_then_it_is_tried_again(server, no_pauses):
    server.answers = [reset, reset, streamed("fine")]
    assert ask(server.access())[0] == "fine "
    server.answers = [reset]
    assert isinstance(refused(server.access()), errors.LLMUnavailableError)


def test_connection_when_there_is_no_server_then_its_place_is_named(no_pauses):
    problem = refused(Access(base_url="http://127.0.0.1:9/v1", model="m"))
    assert type(problem) is errors.LLMUnavailableError
    assert "127.0.0.1:9" in str(problem)


@pytest.mark.parametrize(
    "answer",
    [
        raw(*[chunk("w ")] * 1000, pause_s=0.1),
        raw(*["x"] * 1000, pause_s=0.1),
        raw(*[": still here\n"] * 1000, pause_s=0.1),
        raw("", pause_s=60),
        lambda handler: handler.wait(60),
        plain(503, "{}", Retry_After="0.4"),
    ],
    ids=[
        "drips words",
        "drips without a line",
        "drips comments",
        "goes silent",
        "no answer",
        "busy",
    ],
)
def test_server_when_it_is_slow_then_the_deadline_holds_for_all_of_it(server, answer):
    server.answers = [answer]
    # Without a deadline for all of it, each of these would take minutes and end in another way.
    problem = refused(server.access(timeout_s=1.0))
    assert isinstance(problem, (errors.LLMTimeoutError, errors.LLMUnavailableError))
    if server.posts == 1:
        assert "HF_TIMEOUT_S" in str(problem)


def test_body_when_it_never_ends_then_it_is_cut_and_memory_stays_small(server):
    server.answers = [raw(*[chunk("word " * 1000)] * 2000)]
    tracemalloc.start()
    text, usage = ask(server.access())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert usage.is_cut
    assert len(text) < 40_000
    assert peak < 20_000_000


@pytest.mark.parametrize("kind", ["text/event-stream", "application/json"])
def test_body_when_it_is_huge_without_a_line_then_it_is_refused(server, kind):
    server.answers = [raw(*[b"x" * 100_000] * 200, kind=kind)]
    assert "cannot be read" in str(refused(server.access()))


# Stop


@pytest.mark.parametrize("words", [0, 3])
def test_writing_when_stopped_then_it_ends_at_once_keeps_its_text_and_hangs_up(server, words):
    server.answers = [stalls(words)]
    opened = Responder(RUNBOOKS, server.access(timeout_s=60.0))
    writing = Writing(opened.provider("huggingface"), opened.prepare(facts())).start()
    latest_s = time.monotonic() + 10
    while writing.text().count("w") < words or not server.received:
        assert time.monotonic() < latest_s
        time.sleep(0.01)
    writing.stop()
    done = writing.result(5)
    assert done.is_stopped
    assert done.problem == ""
    assert done.reply.markdown.count("w ") >= words - 1
    assert server.hung_up.wait(5)


def stalls(words):
    def answer(handler):
        if words:
            handler.begin()
        for _ in range(words):
            handler.send(chunk("w "))
        handler.wait(60)

    return answer


def test_writing_when_stopped_before_it_began_then_nothing_is_sent(server):
    server.answers = [streamed()]
    opened = Responder(RUNBOOKS, server.access())
    writing = Writing(opened.provider("huggingface"), opened.prepare(facts()))
    writing.stop()
    assert writing.start().result(5).is_stopped
    assert server.received == []


def test_writing_when_stopped_while_it_waits_to_try_again_then_it_ends_at_once(server):
    server.answers = [plain(503, "{}", Retry_After="20")]
    opened = Responder(RUNBOOKS, server.access(timeout_s=60.0))
    writing = Writing(opened.provider("huggingface"), opened.prepare(facts())).start()
    while not server.received:
        time.sleep(0.01)
    time.sleep(0.1)
    writing.stop()
    assert writing.result(5).is_stopped
    assert server.posts == 1


def test_writing_when_it_is_over_then_no_thread_is_left(server):
    server.answers = [streamed()]
    before = set(threading.enumerate())
    write(server)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()
