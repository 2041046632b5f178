from datetime import UTC, datetime

import pytest

from core import artifacts
from core.store import Correction
from core.tickets.predict import load_model
from core.tickets.review import review_queue
from core.tickets.train import train
from tests.core.tickets.some_tickets import some_tickets


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    report = train(some_tickets(400), folder, candidates=["logistic"])
    artifacts.activate(folder, "tickets", report.version)
    return load_model(folder)


def correction(text, new, day=1, old="Network"):
    return Correction(text=text, old=old, new=new, who="ada", at=datetime(2025, 3, day, tzinfo=UTC))


def test_what_the_model_has_wrong_goes_before_what_it_knows(model):
    known = correction("psu breaker outage ups battery", "Power")
    wrong = correction("slow busy load stuck process", "Power")
    new = correction("flood in the cellar of building four", "Water")
    queue = review_queue(model, [known, wrong, new])
    assert [item.correction for item in queue] == [new, wrong, known]
    assert queue[1].category == "Performance-CPU"
    assert queue[1].surprise > 1.0 > queue[2].surprise


def test_near_duplicates_are_one_item_and_count(model):
    form = "please give desk {} in room {} a new printer with colour and a manual"
    many = [correction(form.format(i, i + 7), "Power", day=i + 1) for i in range(5)]
    single = correction("slow busy load stuck process on the scheduler", "Power")
    queue = review_queue(model, [single, *many])
    assert [item.n_alike for item in queue] == [5, 1]
    assert queue[0].correction == many[-1]


def test_people_who_disagree_are_named_as_a_dispute(model):
    said = [
        correction("vm-1 is slow and hot", "Power", 1),
        correction("vm-2 is slow and hot", "General", 2),
    ]
    (item,) = review_queue(model, said)
    assert item.disputed == ("General", "Power")
    assert item.correction == said[1]


def test_unlabelled_tickets_come_by_how_unsure_the_model_is(model):
    sure, unsure = "psu breaker outage ups battery rack", "something is somehow broken again"
    queue = review_queue(model, [], [sure, unsure])
    assert [item.text for item in queue] == [unsure, sure]
    assert queue[0].correction is None
    assert queue[0].confidence < queue[1].confidence


def test_nothing_to_review_is_no_queue(model):
    assert review_queue(model, []) == ()


def test_a_ticket_that_waits_and_was_corrected_is_one_ticket(model):
    texts = ["something is somehow broken again"] * 3 + ["psu breaker outage ups battery rack"]
    assert sum(item.n_alike for item in review_queue(model, [], texts)) == 4
    said = [correction(texts[0], "Power", 1), correction(texts[0], "General", 2)]
    queue = {item.text: item for item in review_queue(model, said, texts)}
    assert queue[texts[0]].n_alike == 3
    assert queue[texts[0]].n_corrected == 1
    assert queue[texts[3]].n_corrected == 0
