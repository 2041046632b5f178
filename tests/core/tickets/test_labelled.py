from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from core.errors import MissingDataError, SchemaError, TooFewSamplesError
from core.store import Correction
from core.tickets.corpus import prepare
from core.tickets.labelled import MAX_TICKETS, check_learnable, labelled_tickets, sampled
from tests.core.tickets.some_tickets import some_tickets


def correction(text, new, day=1, **telemetry):
    at = datetime(2025, 3, day, tzinfo=UTC)
    return Correction(text=text, old="General", new=new, who="ada", at=at, telemetry=telemetry)


def test_rows_without_a_text_or_a_category_are_left_out_and_counted():
    frame = pd.DataFrame(
        {
            "ticket_text": ["a", None, " ", "b", "c"],
            "ticket_category": ["X", "X", "X", None, " Y "],
        }
    )
    tickets = labelled_tickets(frame)
    assert tickets.inputs.texts.tolist() == ["a", "c"]
    assert tickets.labels.tolist() == ["X", "Y"]
    assert tickets.notes == ("3 of 5 rows have no text or no category.",)


def test_an_empty_text_with_telemetry_is_a_ticket():
    frame = pd.DataFrame({"ticket_text": [None], "ticket_category": ["X"], "cpu_usage": [99]})
    assert len(labelled_tickets(frame).inputs) == 1


def test_a_correction_replaces_the_label_and_the_latest_counts():
    frame = pd.DataFrame({"ticket_text": ["a", "b", "a"], "ticket_category": ["X", "X", "X"]})
    said = [correction("a", "Z", 5), correction("a", "Y", 2)]
    assert labelled_tickets(frame, corrections=said).labels.tolist() == ["Z", "X", "Z"]


def test_a_correction_without_a_text_changes_and_adds_nothing():
    frame = pd.DataFrame(
        {
            "ticket_text": ["a", None, " ", ""],
            "ticket_category": ["X", "Y", "Y", "Z"],
            "cpu_usage": [50.0, 10.0, 20.0, 99.0],
        }
    )
    said = [correction("", "Power", cpu_usage=99.0), correction(" ", "Water", cpu_usage=20.0)]
    assert labelled_tickets(frame, corrections=said).labels.tolist() == ["X", "Y", "Y", "Z"]


def test_a_correction_of_another_ticket_is_added_as_old_and_with_what_was_measured():
    frame = some_tickets(5, timestamps=True)
    said = correction("new one", "Y", 9, cpu_usage=97.0)
    tickets = labelled_tickets(frame, corrections=[said])
    assert tickets.inputs.texts[-1] == "new one"
    assert tickets.labels[-1] == "Y"
    added = dict(zip(tickets.inputs.columns.numeric, tickets.inputs.numbers[-1], strict=True))
    assert added.pop("cpu_usage") == 97.0
    assert np.isnan(list(added.values())).all()
    assert tickets.moments[-1] == tickets.moments[:-1].min()


def test_corrections_of_other_tickets_are_learnt_from_and_never_tested_on():
    said = [correction(f"word{i} other{i} third{i}", "Y") for i in range(60)]
    corpus = prepare(some_tickets(300, timestamps=True), said, 7)
    texts = corpus.tickets.inputs.texts
    new = {one.text for one in said}
    assert new <= set(texts[corpus.split.train].tolist())
    assert corpus.split.kind == "newest"
    assert not new & set(texts[corpus.split.test].tolist())


def test_of_more_tickets_than_are_learnt_from_the_corrected_ones_are_all_kept():
    n = 4 * MAX_TICKETS
    frame = pd.DataFrame({"ticket_text": [f"t{i}" for i in range(n)], "ticket_category": "X"})
    said = [correction(f"t{i}", "Y") for i in range(20)] + [correction("new one", "Z")]
    tickets = labelled_tickets(frame, corrections=said)
    learnt = sampled(tickets, 7, corrections=said)
    assert len(learnt.inputs) == len(set(learnt.inputs.texts)) == MAX_TICKETS
    assert np.sum(learnt.labels == "Y") == 20
    assert np.sum(learnt.labels == "Z") == 1


def test_times_of_any_zone_are_one_time():
    frame = pd.DataFrame(
        {
            "ticket_text": ["a", "b", "c"],
            "ticket_category": ["X", "X", "X"],
            "timestamp": ["2025-01-01T12:00:00+02:00", "2025-01-01 10:00", "yesterday"],
        }
    )
    moments = labelled_tickets(frame).moments
    assert moments[0] == moments[1] == np.datetime64("2025-01-01T10:00")
    assert np.isnat(moments[2])


def test_columns_that_are_not_there_are_named():
    with pytest.raises(
        SchemaError, match=r"ticket_category is not there, found are ticket_text, x"
    ):
        labelled_tickets(pd.DataFrame({"ticket_text": ["a"], "x": [1]}))


def test_a_file_without_a_labelled_ticket_is_one_sentence():
    with pytest.raises(MissingDataError, match="None of the 2 rows has both"):
        labelled_tickets(pd.DataFrame({"ticket_text": ["a", ""], "ticket_category": [None, "X"]}))


@pytest.mark.parametrize(
    ("labels", "n", "says"),
    [
        (["A", "B"], 10, "at least 20 labelled tickets; there are 10"),
        (["A"], 30, "all 30 tickets are 'A'"),
        ([str(i) for i in range(30)], 30, "30 categories, nearly all with a ticket or two"),
    ],
)
def test_tickets_that_cannot_be_learnt_from_are_one_sentence(labels, n, says):
    frame = pd.DataFrame(
        {
            "ticket_text": [f"ticket {i}" for i in range(n)],
            "ticket_category": [labels[i % len(labels)] for i in range(n)],
        }
    )
    with pytest.raises(TooFewSamplesError, match=says):
        check_learnable(labelled_tickets(frame))


def test_equal_texts_without_telemetry_are_refused():
    frame = pd.DataFrame({"ticket_text": ["help"] * 40, "ticket_category": list("AB") * 20})
    with pytest.raises(SchemaError, match="same text and there is no telemetry"):
        check_learnable(labelled_tickets(frame))
