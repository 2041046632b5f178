"""The provider against llama.cpp's own server, which nobody here wrote."""

import json
import urllib.request
from importlib.util import find_spec

import pytest

from core.errors import LLMAuthError, LLMModelError
from core.responses.provider import Access
from core.responses.registry import create_provider
from core.responses.responder import Responder
from core.responses.writing import Writing
from tests.core.responses.facts import facts
from tests.core.responses.real_server import KEY, real_server
from tests.core.responses.tiny_model import SENTENCE

pytestmark = pytest.mark.skipif(
    find_spec("xllamacpp") is None or find_spec("gguf") is None,
    reason="xllamacpp and gguf are not installed (requirements-dev.txt)",
)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Start the server and return its base address."""
    with real_server(tmp_path_factory.mktemp("model"), prefix="/featherless-ai") as address:
        yield address


def access(base, **changes):
    return Access(**{"base_url": base, "model": "tiny", "token": KEY, "timeout_s": 60.0} | changes)


def small(text="CPU is slow"):
    return facts(text, measurements=(), similar=(), predicted=None)


def written(base, known, **changes):
    opened = Responder([], access(base, **changes))
    return Writing(opened.provider("huggingface"), opened.prepare(known)).start().result(60)


def test_chat_when_streamed_then_the_reply_is_the_models_sentence_with_its_tokens(base):
    done = written(base, small())
    assert done.problem == ""
    assert "CPU is near 91 °C" in done.reply.markdown
    assert done.reply.parts.steps == ("Run `top`.",)
    assert done.reply.notes[0] == "Taken out: [3], [2], for there is no such evidence."
    assert done.usage.prompt_tokens > 100
    assert done.usage.reply_tokens >= 6
    assert not done.usage.is_cut
    assert done.first_word_s <= done.total_s


def test_completions_route_when_the_base_names_it_then_it_works_as_well(base):
    provider = create_provider("huggingface", access(f"{base}/completions"))
    request = Responder([], access(base)).prepare(small()).request
    text = "".join(provider.write(request))
    assert "CPU is near 91 °C" in text


def test_whole_answer_when_the_server_does_not_stream_then_it_is_read_too(base, server):
    body = json.loads(
        create_provider("huggingface", access(base)).payload(
            Responder([], access(base)).prepare(small()).request
        )
    )
    del body["stream"], body["stream_options"]
    asked = urllib.request.Request(
        f"{base}/chat/completions",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(asked, timeout=60) as answer:
        whole = answer.read()

    def replay(handler):
        handler.begin(200, "application/json", Content_Length=str(len(whole)))
        handler.send(whole)

    server.answers = [replay]
    request = Responder([], access(base)).prepare(small()).request
    assert "".join(create_provider("huggingface", server.access()).write(request)) == SENTENCE


def test_key_when_wrong_then_the_token_is_named_and_not_shown(base):
    with pytest.raises(LLMAuthError, match="HF_TOKEN is missing or wrong") as refused:
        list(
            create_provider("huggingface", access(base, token="hf_wrong_token_000")).write(
                Responder([], access(base)).prepare(small()).request
            )
        )
    assert "Invalid API Key" in refused.value.server_said
    assert "hf_wrong" not in str(refused.value)


def test_ticket_when_it_is_longer_than_the_context_then_that_is_said(base):
    done = written(base, small("zq " * 2_000))
    assert "too long for this model" in done.problem


def test_address_when_it_is_wrong_then_it_is_named(base):
    with pytest.raises(LLMModelError, match="Check HF_BASE_URL"):
        list(
            create_provider("huggingface", access(base.replace("/v1", "/v9"))).write(
                Responder([], access(base)).prepare(small()).request
            )
        )


def test_writing_when_stopped_then_the_server_serves_the_next_one(base):
    opened = Responder([], access(base))
    writing = Writing(opened.provider("huggingface"), opened.prepare(small())).start()
    writing.stop()
    assert writing.result(10).is_stopped
    assert "CPU is near" in written(base, small()).reply.markdown
