"""Replies without a language model: from the facts, different for each, and the same again."""

import pytest

from core.dataset import CATEGORIES
from core.responses.check import check
from core.responses.evidence import PastTicket, Predicted
from core.responses.provider import LANGUAGES, TONES
from core.responses.structure import HEADINGS
from core.responses.writing import Writing
from tests.core.responses.facts import CPU_TICKET, facts, measured, responder


def written(known, **how):
    opened = responder()
    prepared = opened.prepare(known, **how)
    return Writing(opened.provider("offline"), prepared).start().result(10)


def parts(known, **how):
    done = written(known, **how)
    assert done.problem == ""
    assert done.reply.notes == ()
    assert done.reply.parts is not None
    return done.reply.parts


def test_reply_when_everything_is_known_then_it_rests_on_all_of_it():
    reply = parts(facts())
    assert "a machine short of processor time [2]" in reply.acknowledgement
    assert "CPU 97 %, higher than 99 % of the last day [3]" in reply.acknowledgement
    assert "web-14" in reply.acknowledgement
    assert "filed the same way" in reply.acknowledgement
    first, second, *_ = reply.hypotheses
    assert (first.status, first.text) == (
        "confirmed",
        "The processors are busy nearly all the time: "
        "CPU 97 %, higher than 99 % of the last day [3].",
    )
    assert second.status == "likely"
    assert "release" in second.text or "spins" in second.text
    assert reply.steps[0].startswith("See which processes hold the cores: `top ")
    assert len(reply.steps) >= 4
    assert reply.questions
    assert "without a language model" in reply.rest


def test_reply_when_the_numbers_are_calm_then_it_says_so_and_confirms_nothing():
    reply = parts(facts(measurements=(measured("cpu_percent", 12.0),)))
    assert "CPU 12 % [3]" in reply.acknowledgement
    assert "confirmed" not in [one.status for one in reply.hypotheses]
    assert any("speaks against it" in one.text for one in reply.hypotheses)


def test_reply_when_a_drafted_ticket_lists_calm_readings_then_none_of_them_speaks_for_a_cause():
    draft = (
        "Host web-14 is worth watching.\n\nMeasured at 2026-03-04 12:00:00 UTC:\n"
        "- CPU: 12 %\n- Network errors: 0 per s\n- Network traffic: 4.8 kB/s"
    )
    network = Predicted(category="Network", confidence=0.9)
    reply = parts(facts(draft, predicted=network, measurements=()))
    assert "likely" not in [one.status for one in reply.hypotheses]
    told = parts(facts("errors and drops on eth0", predicted=network, measurements=()))
    assert "likely" in [one.status for one in told.hypotheses]


def test_reply_when_nothing_was_measured_then_it_says_so_and_asks_for_it():
    reply = parts(facts("the intranet is slow", measurements=()))
    assert "Nothing was measured" in reply.acknowledgement
    assert "What do processor, memory and disk of the machine show at that time?" in reply.questions
    assert "Which machine or service is it?" in reply.questions
    assert not [one for one in reply.hypotheses if one.status == "confirmed"]


def test_reply_when_the_ticket_says_since_when_and_where_then_that_is_not_asked():
    reply = parts(facts(measurements=()))
    assert "Since when does it happen, and is it there all the time?" not in reply.questions
    assert "Which machine or service is it?" not in reply.questions


def test_reply_when_the_model_is_unsure_then_so_is_the_reply():
    unsure = Predicted(category="Network", confidence=0.7, is_unsure=True)
    said = parts(facts(predicted=unsure)).acknowledgement
    assert "first guess" in said or "does not settle it" in said


def test_reply_when_past_tickets_were_filed_otherwise_then_that_is_said():
    other = PastTicket(text="vpn down", category="Network", similarity=0.5)
    assert "filed under Network" in parts(facts(similar=(other,))).acknowledgement
    faint = PastTicket(text="vpn down", category="Network", similarity=0.05)
    assert "filed under" not in parts(facts(similar=(faint,))).acknowledgement


def test_reply_when_nothing_is_known_then_it_still_has_its_parts_and_claims_nothing():
    reply = parts(facts("xyzzy", predicted=None, measurements=(), similar=()))
    assert [one.status for one in reply.hypotheses] == ["cannot tell"]
    assert len(reply.steps) == 3
    assert "No runbook fits" in reply.acknowledgement


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", [*CATEGORIES, "Access rights"])
def test_reply_when_any_category_is_named_then_every_sentence_is_whole(category, language):
    for tone in TONES:
        done = written(facts(category=category), language=language, tone=tone)
        text = done.reply.markdown
        assert "{" not in text
        assert "}" not in text
        assert "  " not in text.replace("\n", "")
        assert all(f"## {heading}" in text for heading in HEADINGS[language].values())


def test_reply_when_category_facts_tone_or_language_differ_then_it_reads_differently():
    texts = {
        written(facts(category=category, text=text, measurements=values), **how).reply.markdown
        for category in ("Network", "Power", "Performance-CPU")
        for text in (CPU_TICKET, "links flap and packets drop on the switch")
        for values in ((), (measured("cpu_percent", 97.0),), (measured("errors_per_s", 4.0),))
        for how in ({}, {"tone": "formal"}, {"language": "de"})
    }
    assert len(texts) == 54


def test_reply_when_asked_again_then_it_is_the_same():
    assert written(facts()).reply == written(facts()).reply


def test_reply_when_it_is_german_then_steps_come_from_a_german_runbook():
    reply = parts(facts("Alles langsam, der Prozess dreht durch"), language="de")
    assert reply.steps[0].startswith("Nachsehen, welche Prozesse die Kerne belegen")
    assert "ohne Sprachmodell" in reply.rest


def test_reply_when_the_ticket_is_hostile_or_empty_then_none_of_it_is_repeated():
    for text in (
        "",
        "\x00\ud800",
        "<script>alert(1)</script> canary-word",
        "[1] [99] **canary-word**" * 500,
    ):
        done = written(
            facts(text, similar=(PastTicket(text=text, category="x](http://e)", similarity=0.9),))
        )
        assert done.reply.parts is not None
        assert "canary-word" not in done.reply.markdown
        assert "script" not in done.reply.markdown
        assert "http" not in done.reply.markdown


def test_reply_when_checked_again_then_nothing_is_left_to_change():
    opened = responder()
    prepared = opened.prepare(facts())
    done = Writing(opened.provider("offline"), prepared).start().result(10)
    again = check(done.reply.markdown, prepared.evidence, "en")
    assert again == done.reply


@pytest.mark.parametrize(
    "text",
    ["Duplicate entry for key: memory", "pass: memory", "password: Memory"],
)
def test_reply_when_a_word_of_the_category_passes_for_a_password_then_no_word_of_it_is_hidden(text):
    known = facts(
        text, category="Performance-Memory", measurements=(measured("memory_percent", 96),)
    )
    usual = written(facts("hello", category="Performance-Memory", measurements=known.measurements))
    reply = written(known)
    assert "SECRET" not in reply.reply.markdown
    assert "a machine short of memory" in reply.reply.markdown
    assert reply.reply.parts.steps[0] == usual.reply.parts.steps[0]
