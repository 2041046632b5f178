"""What every reply provider keeps to, those that are there and any that is added."""

import contextlib

import pytest

from core.errors import LLMError, UnknownNameError
from core.responses.provider import Provider, Usage
from core.responses.registry import create_provider, default_provider, provider_names, register
from tests.core.responses.facts import facts, responder
from tests.core.responses.scripted_server import scripted_server, streamed

every_provider = pytest.mark.parametrize("name", provider_names())
REQUEST = responder().prepare(facts()).request


def everything(pieces):
    """Return all pieces and what is said at their end."""

    def through():
        ended.append((yield from pieces))

    ended = []
    return list(through()), ended[0]


@pytest.fixture
def access():
    with scripted_server() as server:
        server.answers = [streamed()]
        yield server.access()


def test_the_providers_of_the_issue_are_there_offline_first():
    assert provider_names()[0] == "offline"
    assert "huggingface" in provider_names()


@every_provider
def test_it_says_what_it_is(name, access):
    provider = create_provider(name, access)
    assert provider.name == name
    assert provider.title
    assert isinstance(provider.model, str)


@every_provider
def test_it_yields_text_and_ends_with_what_is_to_be_said_of_it(name, access):
    pieces = create_provider(name, access).write(REQUEST)
    text, usage = everything(pieces)
    assert isinstance(usage, Usage)
    assert all(isinstance(piece, str) for piece in text)
    assert "".join(text).strip()


@every_provider
def test_it_can_be_stopped_before_and_after_its_first_word(name, access):
    provider = create_provider(name, access)
    provider.stop()
    provider = create_provider(name, access)
    pieces = provider.write(REQUEST)
    next(pieces)
    provider.stop()
    pieces.close()
    assert list(pieces) == []


@every_provider
def test_its_payload_is_the_same_each_time_and_holds_no_token(name, access):
    provider = create_provider(name, access)
    assert provider.payload(REQUEST) == provider.payload(REQUEST)
    assert access.token not in provider.payload(REQUEST)


@every_provider
def test_it_fails_with_our_own_errors_only(name):
    with scripted_server() as server:
        server.answers = [lambda handler: handler.connection.close()]
        pieces = create_provider(name, server.access(timeout_s=1.0)).write(REQUEST)
        # Who asks nobody cannot fail so.
        with contextlib.suppress(LLMError):
            assert "".join(everything(pieces)[0])


def test_a_name_that_nobody_has_is_refused_with_those_there_are(access):
    with pytest.raises(UnknownNameError, match="offline, huggingface"):
        create_provider("gpt", access)


def test_a_name_is_given_once_and_looks_like_one(access):
    class Other(Provider):
        name = "offline"
        title = "x"

        def write(self, request):
            yield ""
            return Usage()

    with pytest.raises(ValueError, match="two reply providers"):
        register(Other)
    Other.name = "not a name"
    with pytest.raises(ValueError, match="like a variable"):
        register(Other)


def test_default_is_offline_until_a_model_can_be_reached(access):
    router = {"base_url": "https://router.huggingface.co/v1", "model": "m"}
    make = type(access)
    assert default_provider(make(**router)) == "offline"
    assert default_provider(make(**router, token="hf_x")) == "huggingface"
    assert default_provider(make(base_url="http://127.0.0.1:11434/v1", model="m")) == "huggingface"
