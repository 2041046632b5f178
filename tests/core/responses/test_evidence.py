"""Evidence is numbered, complete and masked before a provider sees it."""

from core.responses.evidence import evidence_of
from tests.core.responses.facts import RUNBOOKS, facts, measured, responder


def test_evidence_when_made_then_each_item_has_its_number_its_words_and_its_source():
    items = evidence_of(facts(forecast="Host web-14 is predicted to fail."), RUNBOOKS, "en")
    assert [item.number for item in items] == list(range(1, len(items) + 1))
    kinds = [item.kind for item in items]
    assert kinds == sorted(
        kinds, key=["ticket", "category", "forecast", "measured", "runbook", "similar"].index
    )
    said = {item.kind: item for item in reversed(items)}
    assert said["category"].text == "Predicted category: Performance-CPU, probability 91 %"
    assert said["measured"].text == "CPU: 97 %; higher than 99 % of this host's last day"
    assert said["forecast"].source == "live failure prediction"
    assert said["runbook"].source == "runbook Processor saturated, Likely causes"
    assert said["similar"].source == "past ticket, filed under Performance-CPU, 60 % alike"


def test_evidence_when_nothing_but_the_text_is_known_then_it_is_the_ticket_alone():
    bare = facts("zzz", predicted=None, measurements=(), similar=())
    (item,) = evidence_of(bare, RUNBOOKS, "en")
    assert (item.number, item.kind, item.text) == (1, "ticket", "zzz")


def test_evidence_when_the_ticket_is_a_book_then_its_beginning_is_taken():
    items = evidence_of(facts("slow " * 100_000), RUNBOOKS, "en")
    assert len(items[0].text) == 6_000


def test_prepare_when_names_stand_in_any_item_then_the_request_has_none_of_them():
    prepared = responder().prepare(
        facts(
            forecast="Host web-14 fails within 50 s.",
            measurements=(measured("cpu_percent", 97.0),),
            names=("gandalf",),
            similar=(),
        )
    )
    masked = "\n".join(f"{item.text} {item.source}" for item in prepared.request.evidence)
    for name in ("web-14", "10.0.0.3", "bob@corp.example"):
        assert name not in masked
        assert any(name in item.text for item in prepared.evidence)
    assert "HOST_1 is predicted" in masked or "Host HOST_" in masked
    assert prepared.masks.restore(masked).count("web-14") == 2
    assert "web-14" not in repr(prepared.masks)
