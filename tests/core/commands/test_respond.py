"""The command `respond`: a reply on standard output, what was done about it on standard error."""

import json

import pytest

import config
from core import artifacts
from core.tickets.train import train
from tests.core.commands.answer import in_a_process
from tests.core.tickets.some_tickets import some_tickets

TEXT = "the scheduler on web-14 is slow and every process stuck, cores hot, ask bob@corp.example"


@pytest.fixture
def respond(run, own_folders, monkeypatch):
    """Run the command with the project's runbooks."""
    monkeypatch.setenv("RUNBOOKS_DIR", str(config.ROOT / "data" / "runbooks"))
    return lambda *arguments: run("respond", *arguments)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    report = train(some_tickets(400), folder, candidates=["logistic"])
    artifacts.activate(folder, "tickets", report.version)
    return folder


def test_respond_when_there_is_a_model_then_category_and_past_tickets_are_in_the_reply(
    respond, trained
):
    answer = respond("--text", TEXT, "--models", trained, "--json")
    assert answer.code == 0
    document = answer.json
    assert document["provider"] == "offline"
    assert document["model"] == ""
    assert "processor time" in document["parts"]["acknowledgement"]
    assert "web-14" in document["reply"]
    kinds = [item["kind"] for item in document["evidence"]]
    assert {"ticket", "category", "runbook", "similar"} == set(kinds)
    assert document["masked"]["EMAIL"] == 1
    assert document["notes"] == []


def test_respond_when_there_is_no_model_then_it_says_so_and_writes_all_the_same(respond):
    answer = respond("--text", TEXT, "--language", "de", "--tone", "friendly")
    assert answer.code == 0
    assert answer.out.startswith("## Rückmeldung\n")
    assert "ohne Sprachmodell" in answer.out
    assert "python -m core tickets train" in answer.err


def test_respond_when_the_text_comes_on_standard_input_then_it_is_read():
    answer = in_a_process("respond", "--text", "-", given=TEXT.encode())
    assert answer.code == 0
    assert "web-14" in answer.out


@pytest.mark.parametrize("text", ["", "  \n "])
def test_respond_when_the_ticket_is_empty_then_that_is_said(respond, text):
    assert "The ticket is empty" in respond("--text", text).refused()


def test_respond_when_offline_then_a_preview_says_that_nothing_leaves(respond):
    assert respond("--text", TEXT, "--preview").out.startswith("Nothing")


def test_respond_when_the_language_model_fails_then_the_offline_reply_comes_with_the_reason(
    respond, monkeypatch
):
    monkeypatch.setenv("HF_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("HF_TIMEOUT_S", "1")
    answer = respond("--text", TEXT)
    assert answer.code == 0
    assert "This is the offline reply." in answer.err
    assert "without a language model" in answer.out


def test_respond_when_a_language_model_is_demanded_and_fails_then_that_is_an_error(
    respond, monkeypatch
):
    monkeypatch.setenv("HF_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("HF_TIMEOUT_S", "1")
    answer = respond("--text", TEXT, "--provider", "huggingface")
    assert answer.code == 2
    assert answer.out == ""
    assert "127.0.0.1:9" in answer.err


def test_respond_when_a_preview_of_a_language_model_is_asked_then_it_is_the_masked_body(
    respond, monkeypatch
):
    monkeypatch.setenv("HF_TOKEN", "hf_not_a_real_token")
    answer = respond("--text", TEXT, "--preview")
    body = json.loads(answer.out)
    assert body["stream"] is True
    assert "web-14" not in answer.out
    assert "bob@" not in answer.out
    assert "hf_not_a_real_token" not in answer.out + answer.err
