"""The reply page in each of its states: offline, with a scripted language model, with a draft."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

import config
from core import resources
from tests.core.responses.scripted_server import Server, chunk, plain, scripted_server, streamed

MAIN = str(config.ROOT / "pages" / "main.py")
TICKET = (
    "Since this morning web-14 is slow, one process spins since the release, ask bob@corp.example"
)
HOSTILE = "<script>alert(1)</script> ![x](http://192.0.2.1/x.png) [a](javascript:b) web-14 is slow"
DRAFT = {
    "host": "gandalf",
    "text": "Host gandalf is predicted to fail within 50 s. <b>cores</b> busy",
    "metrics": {"cpu_percent": 97.5, "memory_percent": None, "temperature_c": 71.0},
}
REPLY = (
    "## Acknowledgement\n\nHOST_1 is slow [1]. <b>bold</b> ![x](http://192.0.2.1/y.png)\n\n"
    "## Hypotheses\n\n- **Confirmed:** The disk is broken [77].\n\n## Next steps\n\n"
    "1. Run `top` [1]\n"
)

Open = Callable[..., AppTest]


@pytest.fixture
def server() -> Iterator[Server]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return what opens the page with the project's runbooks and without a ticket model."""
    monkeypatch.setenv("RUNBOOKS_DIR", str(config.ROOT / "data" / "runbooks"))

    def run(server: Server | None = None, **state: object) -> AppTest:
        if server is not None:
            monkeypatch.setenv("HF_BASE_URL", server.access().base_url)
            monkeypatch.setenv("HF_MODEL", "org/m")
        app = AppTest.from_file(MAIN, default_timeout=60)
        app.switch_page("ai_response.py")
        for key, value in state.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception
        return app

    return run


def generate(app: AppTest, text: str = TICKET) -> AppTest:
    # What is typed arrives with the click, as in a browser.
    app.text_area(key="reply_text").set_value(text)
    app.button(key="reply_generate").click().run()
    for _ in range(100):
        writing = app.session_state["reply_writing"]
        if not writing.is_running:
            break
        time.sleep(0.1)
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = ("markdown", "caption", "text", "header", "code", "warning", "info")
    return "\n".join(element.value for kind in kinds for element in app.main.get(kind))


def test_page_when_nothing_was_asked_then_it_says_what_to_do_and_what_a_token_would_add(opened):
    app = opened()
    assert app.title[0].value == "AI Response"
    assert app.header[0].value == "What do we answer?"
    assert "With HF_TOKEN set, a language model" in said(app)
    assert "No reply was saved yet." in said(app)
    app.button(key="reply_generate").click().run()
    assert "Paste a ticket first" in said(app)
    assert "reply_writing" not in app.session_state


def test_reply_when_generated_offline_then_it_has_its_parts_and_says_who_wrote_it(opened):
    app = generate(opened())
    assert app.header[0].value == "A reply from measured facts, offline"
    words = said(app)
    for part in ("## Acknowledgement", "## Hypotheses", "## Next steps", "## Questions"):
        assert part in words
    assert "without a language model" in words
    assert "web-14" in words
    assert "Nothing leaves this machine." in words
    assert r"offline\, no language model" in words


def test_reply_when_another_language_is_chosen_then_it_is_written_in_it(opened):
    app = opened()
    app.selectbox(key="reply_language").set_value("de")
    assert "## Rückmeldung" in said(generate(app))


def test_draft_when_handed_over_then_ticket_and_measured_values_are_in_the_reply(opened):
    app = generate(opened(ticket_draft=DRAFT), DRAFT["text"])
    words = said(app)
    assert "CPU 98 %" in words or "CPU 97.5 %" in words
    assert "**Confirmed:**" in words
    app.toggle(key="reply_telemetry").set_value(False).run()
    assert not any(one.key.startswith("reply_item_measured") for one in app.toggle)


def test_reply_when_a_language_model_writes_then_only_masked_text_left_and_changes_are_shown(
    opened, server
):
    server.answers = [streamed(REPLY)]
    app = generate(opened(server))
    words = said(app)
    assert r"web-14 is slow :small[[\[1\]](#evidence-1)]. bold x" in words
    assert "192.0.2.1" not in words
    assert "**Cannot tell:** The disk is broken" in words
    assert "there is no such evidence" in words
    assert "org" in words
    assert "7 \\+ 9 tokens" in words
    (_, _, body) = server.received[0]
    assert b"web-14" not in body
    assert b"bob@" not in body
    shown = [element.value for element in app.code if element.value.startswith("{")]
    assert shown[0].encode() == body
    assert not any(element.allow_html for element in app.markdown)


def test_reply_when_the_model_fails_midway_then_its_words_stay_and_offline_is_offered(
    opened, server
):
    server.answers = [
        lambda handler: (
            handler.begin(),
            handler.send(chunk("These first words ")),
            handler.send('data: {"error": {"message": "out of memory"}}\n\n'),
        )
    ]
    app = generate(opened(server))
    assert "These first words" in said(app)
    assert "broke off with an error" in app.warning[0].value
    app.button(key="reply_offline").click().run()
    assert not app.exception
    assert "without a language model" in said(app)


def test_reply_when_the_token_is_wrong_then_one_sentence_says_what_to_do(opened, server):
    server.answers = [plain(401, "{}")]
    app = generate(opened(server))
    assert "HF_TOKEN is missing or wrong" in app.warning[0].value.replace("\\", "")


def test_reply_when_the_server_is_gone_then_the_page_says_so_and_answers_offline(opened, server):
    server.server_close()  # nobody listens there any more
    app = generate(opened(server))
    assert "There is no connection to 127.0.0.1" in app.warning[0].value.replace("\\", "")
    app.button(key="reply_offline").click().run()
    assert not app.exception
    assert "without a language model" in said(app)


def test_stop_when_pressed_then_the_words_stay_and_the_server_is_left(opened, server):
    server.answers = [
        lambda handler: (handler.begin(), handler.send(chunk("Some words ")), handler.wait(60))
    ]
    app = opened(server)
    app.text_area(key="reply_text").set_value(TICKET).run()
    app.button(key="reply_generate").click().run()
    assert "Some words" in said(app)
    app.button(key="reply_stop").click().run()
    app.session_state["reply_writing"].wait(5)
    app.run()
    assert not app.exception
    assert "Some words" in said(app)
    assert "Stopped." in app.info[0].value
    assert server.hung_up.wait(5)


def test_reply_when_edited_rated_and_saved_then_the_store_and_the_history_have_it(opened, admin):
    app = generate(opened())
    (edit,) = [area for area in app.text_area if area.key.startswith("reply_edit")]
    edit.set_value("My own words")
    (comment,) = [field for field in app.text_input if field.key.startswith("reply_comment")]
    comment.set_value("too long")
    app.button(key="reply_save").click().run()
    assert not app.exception
    (kept,) = resources.store().replies(10)
    assert (kept.text, kept.ticket, kept.is_edited) == ("My own words", TICKET, True)
    assert (kept.provider, kept.model, kept.thumb) == ("offline", "", 0)
    assert kept.comment == "too long"
    app.run()
    assert "My own words" in [element.value for element in app.code]


def test_reply_when_a_viewer_has_it_written_then_saving_says_who_may(opened):
    button = generate(opened()).button(key="reply_save")
    assert button.disabled
    assert button.help == "Sign in as an admin to save replies"


def test_ticket_when_it_is_hostile_then_it_is_shown_as_the_characters_that_it_is(opened):
    app = generate(opened(), HOSTILE)
    for element in (*app.markdown, *app.caption, *app.warning):
        assert "192.0.2.1" not in element.value
        assert "<script" not in element.value
    assert any(HOSTILE in element.value for element in app.text)


def test_reply_when_a_live_forecast_was_handed_over_then_it_is_evidence_of_its_own(opened):
    forecast = "Probability of failure within 50 s: 91 %. CPU 97 %, up 4 points a minute"
    app = opened(ticket_draft=DRAFT | {"forecast": forecast})
    assert any(forecast in element.value for element in app.text)
    app.toggle(key="reply_telemetry").set_value(False).run()
    assert not any(forecast in element.value for element in app.text)


def test_evidence_when_an_item_is_left_out_then_the_reply_neither_has_nor_cites_it(opened):
    app = opened(ticket_draft=DRAFT)
    items = [one for one in app.toggle if one.key.startswith("reply_item_measured-cpu_percent")]
    items[0].set_value(False).run()
    app = generate(app, DRAFT["text"])
    evidence = app.session_state["reply_writing"].prepared.evidence
    assert [item.number for item in evidence] == list(range(1, len(evidence) + 1))
    assert "cpu_percent" not in {item.topic for item in evidence}
    assert "temperature_c" in {item.topic for item in evidence}
    assert "CPU 98 %" not in said(app)
    assert "Left out" in "".join(one.label for one in app.toggle)


def test_reply_when_it_cites_evidence_then_each_number_leads_to_what_it_cites(opened):
    app = generate(opened(ticket_draft=DRAFT), DRAFT["text"])
    card = next(one.value for one in app.markdown if "## Acknowledgement" in one.value)
    led_to = set(re.findall(r"\]\(#evidence-(\d+)\)", card))
    listed = {
        one.value.removeprefix("###### Evidence ")
        for one in app.markdown
        if one.value.startswith("###### Evidence ")
    }
    assert led_to == listed != set()
    assert any("CPU: 98 %" in one.value for one in app.text)


def test_reply_when_regenerated_then_it_is_written_anew_from_the_same_evidence(opened):
    app = generate(opened())
    before = app.session_state["reply_number"]
    app.button(key="reply_again").click().run()
    assert not app.exception
    assert app.session_state["reply_number"] == before + 1
    assert "Next steps" in "".join(element.value for element in app.markdown)


def test_reply_when_the_ticket_is_another_one_then_it_says_whose_reply_this_is(opened):
    app = generate(opened())
    assert "To another ticket" not in said(app)
    app.text_area(key="reply_text").set_value("VPN is down for the sales team").run()
    assert "this is the reply to “Since this morning web\\-14 is slow" in said(app)
    app = generate(app, "VPN is down for the sales team")
    assert "To another ticket" not in said(app)
    # A draft from another page, too.
    app.session_state["ticket_draft"] = DRAFT
    app.run()
    assert "this is the reply to “VPN is down for the sales team”" in said(app)


def test_reply_when_another_language_or_tone_is_chosen_then_it_says_what_this_one_is(opened):
    app = generate(opened())
    app.selectbox(key="reply_language").set_value("de").run()
    assert "Written in English, plain. Generate writes it in German, plain." in said(app)


def test_form_when_the_page_was_left_then_what_was_chosen_is_still_there(opened):
    app = opened(ticket_draft=DRAFT)
    app.text_input(key="reply_names").set_value("payroll, Meyer")
    app.selectbox(key="reply_language").set_value("de")
    app.selectbox(key="reply_tone").set_value("friendly")
    app.toggle(key="reply_category").set_value(False)
    app.run()
    cpu = next(one.key for one in app.toggle if one.key.startswith("reply_item_measured-cpu"))
    app.toggle(key=cpu).set_value(False).run()
    app.switch_page("model_analytics.py").run()
    app.switch_page("ai_response.py").run()
    assert not app.exception
    assert app.text_input(key="reply_names").value == "payroll, Meyer"
    assert app.selectbox(key="reply_language").value == "de"
    assert app.selectbox(key="reply_tone").value == "friendly"
    assert not app.toggle(key="reply_category").value
    assert not app.toggle(key=cpu).value
    assert app.toggle(key="reply_telemetry").value


def test_telemetry_when_it_was_off_then_a_draft_that_comes_brings_its_own(opened):
    app = opened()
    assert not any(one.value for one in app.toggle if one.label == "Telemetry")
    app.session_state["ticket_draft"] = DRAFT
    app.run()
    app.toggle(key="reply_telemetry").set_value(False).run()
    app.session_state["ticket_draft"] = DRAFT | {"text": "Host gandalf again"}
    app.run()
    assert app.toggle(key="reply_telemetry").value
