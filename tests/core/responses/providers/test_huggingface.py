"""The language model's provider against a scripted server: every answer, every fault."""

import json
import logging
import time
import traceback

import pytest
import requests

import core.errors as errors
from core.errors import LLMError
from core.responses.provider import Access
from core.responses.redaction import placeholders
from core.responses.refusals import RETRIED, WORDS_OF
from core.responses.registry import create_provider
from core.responses.responder import Responder
from core.responses.writing import Writing
from tests.core.responses.facts import CPU_TICKET, RUNBOOKS, facts
from tests.core.responses.providers.asking import REQUEST, ask, cut, raw, refused, write
from tests.core.responses.scripted_server import (
    GOOD,
    TOKEN,
    chunk,
    plain,
    reset,
    streamed,
)

# Good answers


def test_reply_when_streamed_then_the_text_comes_as_it_was_sent_with_tokens(server):
    server.answers = [streamed()]
    text, usage = ask(server.access())
    assert text.split() == GOOD.split()
    assert (usage.model, usage.is_cut) == ("m", False)
    assert (usage.prompt_tokens, usage.reply_tokens) == (7, 9)
    path, headers, body = server.received[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Content-Type"] == "application/json"
    assert body.decode() == create_provider("huggingface", server.access()).payload(REQUEST)


def test_reply_when_the_base_is_a_completions_route_then_a_prompt_is_sent(server):
    body = {"choices": [{"text": "CPU is high [3].", "finish_reason": "stop"}]}
    server.answers = [plain(200, json.dumps(body))]
    base = server.access().base_url.replace("/v1", "/featherless-ai/v1/completions")
    text, _ = ask(server.access(base_url=base))
    assert text == "## Acknowledgement\n\nCPU is high [3]."
    path, _, sent = server.received[0]
    assert path == "/featherless-ai/v1/completions"
    assert json.loads(sent)["prompt"].endswith("## Acknowledgement\n")
    assert "messages" not in json.loads(sent)
    assert "inputs" not in json.loads(sent)


@pytest.mark.parametrize(
    ("base", "model"),
    [
        ("https://router.huggingface.co/v1", "org/name:featherless-ai"),
        ("https://router.huggingface.co/featherless-ai/v1", "org/name"),
        ("https://router.huggingface.co/featherless-ai/v1/completions", "org/name"),
        ("http://127.0.0.1:11434/v1", "org/name:featherless-ai"),
    ],
)
def test_model_when_the_route_is_one_providers_then_it_has_no_suffix(base, model):
    access = Access(base_url=base, model="org/name:featherless-ai", token=TOKEN)
    assert json.loads(create_provider("huggingface", access).payload(REQUEST))["model"] == model


THOUGHT = 'data: {"choices": [{"delta": {"reasoning_content": "hm"}}]}\n\n'
WHOLE = '{"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}]}'


@pytest.mark.parametrize(
    ("answer", "text", "is_cut"),
    [
        (streamed("all good", end=""), "all good ", False),
        (streamed("all good", reason=None), "all good ", False),
        (streamed("all good", reason="length"), "all good ", True),
        (streamed("all good", end="", reason=None), "all good ", True),
        (raw(": hm\n\n", "event: x\n\n", chunk("a"), "\n\ndata:\n\ndata: [DONE]\n\n"), "a", False),
        (raw(chunk("a").replace("\n\n", "\r\n\r\n"), "data: [DONE]\r\n\r\n"), "a", False),
        (raw(chunk("a\u2028b \u00e9 91 °C"), "data: [DONE]"), "a\u2028b é 91 °C", False),
        (raw('data: {"choices": [{"delta": {}}]}\n\n', chunk("a", "stop")), "a", False),
        (raw(THOUGHT, chunk("a", "stop")), "a", False),
        (raw('data: {"choices": []}\n\n', chunk("a", "stop")), "a", False),
        (raw(*[bytes([byte]) for byte in chunk("é°", "stop").encode()]), "é°", False),
        (raw(chunk("caf\u00e9", "stop").encode("latin-1")), "caf\ufffd", False),
        (plain(200, WHOLE), "whole", False),
    ],
)  # fmt: skip
def test_stream_when_it_is_odd_but_sound_then_it_is_read(server, answer, text, is_cut):
    server.answers = [answer]
    found, usage = ask(server.access())
    assert found == text
    assert usage.is_cut == is_cut


# Refusals: one row of the table each

BODIES = {
    400: '{"error": {"message": "The requested model is not right", "code": "x"}}',
    401: '{"error": "Invalid username or password."}',
    402: '{"error": "You have depleted your monthly included credits."}',
    403: '{"error": "This authentication method does not have sufficient permissions"}',
    404: '{"detail": "Not Found"}',
    413: '{"message": "Payload Too Large"}',
    422: '{"statusCode": 422, "code": "FST_ERR_VALIDATION", "message": "Validation error"}',
    429: '{"error": {"message": "Rate limit reached", "type": "rate", "param": null, "code": 429}}',
    500: "<html><body><h1>Internal error</h1></body></html>",
    502: "",
    503: '{"error": {"message": "Loading model", "code": 503}}',
    504: '{"detail": [{"msg": "timed out"}]}',
}
REMEDY = {
    400: ("LLMModelError", "HF_MODEL"),
    401: ("LLMAuthError", "HF_TOKEN is missing or wrong"),
    402: ("LLMCreditsError", "credits of this token are used up"),
    403: ("LLMAuthError", "Make calls to Inference Providers"),
    404: ("LLMModelError", "Check HF_BASE_URL and HF_MODEL"),
    413: ("LLMModelError", "too long"),
    422: ("LLMResponseError", "in the log"),
    429: ("LLMRateLimitedError", "Try again in a minute"),
    500: ("LLMUnavailableError", "Try again later"),
    502: ("LLMUnavailableError", "Try again later"),
    503: ("LLMUnavailableError", "no capacity"),
    504: ("LLMUnavailableError", "smaller one"),
}


def test_table_when_tested_then_no_row_is_left_out():
    assert set(BODIES) == set(REMEDY) == set(WORDS_OF)


@pytest.mark.parametrize("status", sorted(BODIES))
def test_refusal_when_a_status_comes_then_its_error_says_what_to_do(server, no_pauses, status):
    server.answers = [plain(status, BODIES[status], **{"x_request_id": "req-7"})]
    problem = refused(server.access())
    name, remedy = REMEDY[status]
    assert type(problem) is getattr(errors, name)
    assert remedy in str(problem)
    assert "req-7" in problem.server_said
    assert "<" not in problem.server_said
    assert server.posts == (3 if status in RETRIED else 1)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": "plain words"}', "plain words"),
        ('{"error": {"message": "plain words", "code": 1}}', "plain words"),
        ('{"message": "plain words"}', "plain words"),
        ('{"detail": "plain words"}', "plain words"),
        ('{"detail": [{"loc": ["body"], "msg": "plain words"}]}', "plain words"),
        ("<h1>plain words</h1>", "plain words"),
        ("[]", "[]"),
        ('"plain words"', "plain words"),
    ],
)
def test_refusal_when_a_body_has_another_shape_then_its_words_are_found(server, body, said):
    server.answers = [plain(400, body)]
    assert refused(server.access()).server_said == said


@pytest.mark.parametrize(
    "body",
    [
        '{"error": {"type": "exceed_context_size_error", "n_ctx": 4096}}',
        '{"error": {"message": "maximum context length is 8192 tokens"}}',
        '{"message": "prompt too long"}',
    ],
)
def test_refusal_when_the_prompt_is_too_long_then_that_is_said(server, body):
    server.answers = [plain(400, body)]
    assert "too long for this model" in str(refused(server.access()))


def test_refusal_when_the_model_is_unknown_then_the_nearest_served_are_named(server):
    server.answers = [plain(400, '{"error": {"code": "model_not_supported", "message": "no"}}')]
    server.models = ["meta-llama/Llama-3.1-8B-Instruct", "google/gemma-3-27b-it", "zai/GLM-5.2"]
    problem = refused(server.access(model="meta-lama/Llama-3.1-8B-Instruct"))
    assert type(problem) is errors.LLMModelError
    assert "Served there and nearest: meta-llama/Llama-3.1-8B-Instruct" in str(problem)
    assert "GLM" not in str(problem)


def test_refusal_when_the_list_of_models_is_broken_then_the_refusal_is_said_all_the_same(server):
    server.answers = [plain(404, '{"error": "model not found"}')]
    server.models = [{"x": 1}, None, 7]  # type: ignore[list-item]
    assert "is not served there" in str(refused(server.access()))


def test_refusal_when_it_is_of_the_moment_then_the_next_try_answers(server, no_pauses):
    server.answers = [plain(429, "{}"), plain(503, "{}"), streamed("fine")]
    assert ask(server.access())[0] == "fine "
    assert server.posts == 3


def test_refusal_when_the_wait_would_pass_the_deadline_then_it_is_not_begun(server):
    server.answers = [plain(429, "{}", Retry_After="3600"), streamed()]
    assert isinstance(refused(server.access(timeout_s=5.0)), errors.LLMRateLimitedError)
    assert server.posts == 1


def test_refusal_when_it_says_when_to_come_back_then_that_is_kept_to(server):
    server.answers = [plain(503, "{}", Retry_After="0.3"), streamed("fine")]
    began_s = time.monotonic()
    assert ask(server.access())[0] == "fine "
    assert time.monotonic() - began_s >= 0.3


def test_redirect_when_it_comes_then_it_is_not_followed_and_the_token_stays(server):
    server.answers = [plain(307, "", Location="http://127.0.0.1:9/v1/chat/completions")]
    assert "token is not sent" in str(refused(server.access()))
    assert server.posts == 1


def test_status_when_nobody_has_heard_of_it_then_it_is_named(server):
    server.answers = [plain(418, "{}")]
    assert "status 418" in str(refused(server.access()))


# Secrets


def test_token_when_it_is_missing_or_would_go_astray_then_nothing_is_sent(server):
    router = "https://router.huggingface.co/v1"
    for token in ("", "sk-123456789"):
        problem = refused(Access(base_url=router, model="m", token=token))
        assert "HF_TOKEN" in str(problem)
    far = refused(Access(base_url="http://llm.example/v1", model="m", token=TOKEN))
    assert "in clear" in str(far)


def test_token_when_netrc_and_proxies_stand_ready_then_it_goes_where_it_was_meant_to(
    server, tmp_path, monkeypatch
):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password stolen\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.answers = [streamed("fine")]
    assert ask(server.access())[0] == "fine "
    assert server.received[0][1]["Authorization"] == f"Bearer {TOKEN}"
    ask(server.access(token=""))
    assert "Authorization" not in server.received[1][1]


def test_proxy_when_it_is_set_then_the_request_goes_through_it(server):
    server.answers = [streamed("fine")]
    proxy = server.access().base_url.removesuffix("/v1")
    access = server.access(base_url="http://llm.invalid/v1", proxy=proxy, token="")
    assert ask(access)[0] == "fine "
    assert server.received[0][0] == "http://llm.invalid/v1/chat/completions"


def test_failure_when_logged_then_neither_token_nor_ticket_is_in_log_or_traceback(
    server, no_pauses, caplog
):
    masked = REQUEST.evidence[0].text
    echo = {"error": {"message": f"bad request: {masked} Bearer {TOKEN}"}}
    answers = [plain(400, json.dumps(echo)), plain(500, f"token={TOKEN} is odd"), reset, cut]
    for answer in answers:
        server.answers = [answer]
        with caplog.at_level(logging.DEBUG):
            assert write(server).problem
        problem = refused(server.access())
        told = "".join(traceback.format_exception(problem))
        for text in (caplog.text, told, str(problem)):
            assert TOKEN not in text
            assert CPU_TICKET[:30] not in text
            assert "seem to spin" not in text
            assert masked[:30] not in text
    assert "they repeat the ticket" in caplog.text
    assert "is odd" in caplog.text


def test_access_when_printed_then_the_token_is_not_told(server):
    assert TOKEN not in repr(server.access())
    assert TOKEN not in repr(create_provider("huggingface", server.access()))


def test_payload_when_previewed_then_it_is_what_is_sent_and_its_placeholders_can_be_found(server):
    opened = Responder(RUNBOOKS, server.access())
    prepared = opened.prepare(facts())
    shown = opened.provider("huggingface").payload(prepared.request)
    assert placeholders(shown)
    server.answers = [streamed()]
    Writing(opened.provider("huggingface"), prepared).start().result(10)
    assert server.received[0][2].decode() == shown


def test_errors_of_requests_when_they_come_then_each_is_one_of_ours(server, monkeypatch, no_pauses):
    kinds = [
        kind
        for kind in vars(requests.exceptions).values()
        if isinstance(kind, type) and issubclass(kind, requests.RequestException)
    ]
    assert len(kinds) > 15
    for kind in kinds:
        fault = kind("x", "y", 1) if kind is requests.exceptions.JSONDecodeError else kind("x")

        def raises(*_, fault=fault, **__):
            raise fault

        monkeypatch.setattr(requests.Session, "request", raises)
        assert isinstance(refused(server.access()), LLMError)
