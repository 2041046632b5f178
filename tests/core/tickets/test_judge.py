import pytest

from core import artifacts
from core.errors import MissingDataError
from core.tickets.judge import judge
from core.tickets.predict import load_model
from core.tickets.train import train
from tests.core.tickets.some_tickets import some_tickets

FRAME = some_tickets(300)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    report = train(FRAME, folder, candidates=["logistic"])
    artifacts.activate(folder, "tickets", report.version)
    return load_model(folder)


def test_a_new_file_is_judged_beside_its_most_frequent_category(model):
    frame = some_tickets(200, seed=4)
    found = judge(model, frame)
    assert not found.is_seen
    assert found.evaluation == model.evaluate(frame)
    frequent = frame.ticket_category.value_counts()
    assert found.majority.title == f"Always {frequent.index[0]}"
    assert found.majority.accuracy.value == pytest.approx(frequent.iloc[0] / 200)
    gain = found.evaluation.weighted_f1.value - found.majority.weighted_f1.value
    assert found.majority.gain.value == pytest.approx(gain)
    assert 0 < found.majority.gain.low < gain < found.majority.gain.high


def test_the_file_of_the_training_is_known_again(model):
    found = judge(model, FRAME)
    assert found.is_training_data
    assert found.n_seen == model.report.n_tickets == 264  # the others were held back
    assert found.is_seen


def test_some_tickets_of_the_training_are_counted_whatever_their_category(model):
    frame = some_tickets(50, seed=4)
    frame.loc[:9, "ticket_text"] = FRAME.ticket_text[:10]
    frame.loc[10, "ticket_text"] = " "
    found = judge(model, frame)
    assert not found.is_training_data
    assert found.n_seen == 9  # one of the ten is held back from every version
    assert found.is_seen


def test_a_file_without_a_category_cannot_be_judged(model):
    with pytest.raises(MissingDataError, match="None of the 300 rows"):
        judge(model, FRAME.assign(ticket_category=None))
