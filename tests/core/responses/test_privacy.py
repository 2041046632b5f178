"""Nothing that was planted reaches the server, the log or an export, whatever goes wrong."""

import logging
import re

import pytest
from hypothesis import HealthCheck, given, settings

from core.responses.evidence import Measurement, PastTicket, Predicted, TicketFacts
from core.responses.export import as_markdown
from core.responses.provider import Access
from core.responses.responder import Responder
from core.responses.runbooks import Passage, Runbook
from core.responses.writing import Writing
from tests.core.responses.scripted_server import (
    TOKEN,
    chunk,
    plain,
    scripted_server,
    streamed,
)
from tests.core.responses.secrets import planted


def repeats(handler):
    """Answer with what was asked, as a careless or a bought server may do."""
    _, _, body = handler.server.received[-1]
    handler.begin()
    handler.send(chunk(body.decode(), "stop"))
    handler.send("data: [DONE]\n\n")


def refuses(handler):
    """Refuse with what was asked in the words of the refusal."""
    _, _, body = handler.server.received[-1]
    plain(400, body)(handler)


ANSWERS = {"answers": streamed(), "repeats": repeats, "refuses": refuses}


@pytest.mark.parametrize("answer", sorted(ANSWERS))
def test_secret_when_it_stands_in_any_evidence_then_it_is_in_no_bytes_no_log_and_no_export(
    answer, caplog
):
    with scripted_server() as server:
        server.answers = [ANSWERS[answer]]

        @settings(
            max_examples=40,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        )
        @given(planted(), planted(), planted())
        def check(in_ticket, in_past, in_runbook):
            caplog.clear()
            runbook = Runbook(
                name="r",
                title="Of " + in_runbook[1].splitlines()[0],
                categories=("Network",),
                language="en",
                passages=(Passage(heading="Steps", part="steps", text="1. " + in_runbook[1]),),
                words=frozenset(),
            )
            responder = Responder([runbook], server.access())
            prepared = responder.prepare(
                TicketFacts(
                    text=in_ticket[1],
                    predicted=Predicted(category="Network", confidence=0.9),
                    measurements=(
                        Measurement(
                            name="x", label="CPU", value=1.0, words="1 %", source=in_past[1]
                        ),
                    ),
                    forecast=in_past[1],
                    similar=(PastTicket(text=in_past[1], category=in_past[1], similarity=0.5),),
                )
            )
            with caplog.at_level(logging.DEBUG):
                written = Writing(responder.provider("huggingface"), prepared).start().result(30)
            path, headers, body = server.received[-1]
            headers = {name: value for name, value in headers.items() if name != "Authorization"}
            exported = as_markdown(written, prepared)
            offline = Writing(responder.provider("offline"), prepared).start().result(30)
            places = {
                "bytes": body.decode(),
                "head": f"{path} {headers}",
                "log": caplog.text,
                "export": exported,
                "offline export": as_markdown(offline, prepared),
                "print": repr(prepared.masks),
            }
            for secret in (*in_ticket[0], *in_past[0], *in_runbook[0]):
                for place, text in places.items():
                    assert secret.casefold() not in text.casefold(), place
            assert TOKEN not in "".join(places.values())

        check()


def test_name_when_the_model_repeats_it_then_the_reply_has_it_and_the_export_has_not():
    with scripted_server() as server:
        server.answers = [
            streamed(
                "## Acknowledgement\n\nHOST_1 is slow, key SECRET_1. \n\n## Steps\n\n1. Wait [1]"
            )
        ]
        responder = Responder([], server.access())
        prepared = responder.prepare(TicketFacts(text="web-14 is slow, password: hunter2!"))
        written = Writing(responder.provider("huggingface"), prepared).start().result(30)
    assert "web-14 is slow, key SECRET_1." in written.reply.markdown
    assert "HOST_1 is slow, key SECRET_1." in as_markdown(written, prepared)
    assert "web-14" not in as_markdown(written, prepared)


def test_export_when_runbook_and_past_are_hostile_then_markdown_reads_nothing_of_them():
    hostile = "<img src=//192.0.2.1/x> ![x](http://192.0.2.1/x) `</code>"
    past = PastTicket(text="web-14 is slow", category=hostile, similarity=0.9)
    access = Access(base_url="http://127.0.0.1/v1", model="", token="")
    responder = Responder([], access)
    prepared = responder.prepare(TicketFacts(text=hostile, similar=(past,)))
    written = Writing(responder.provider("offline"), prepared).start().result(30)
    exported = as_markdown(written, prepared)
    assert "<img src=" in exported
    outside_of_code = re.sub(r"`[^`\n]*`", "", exported)
    assert "<" not in outside_of_code
    assert "](" not in outside_of_code
