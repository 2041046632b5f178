import numpy as np
import pandas as pd
import pytest

from core.errors import SchemaError
from core.tickets.features import Columns, Inputs, columns_of, inputs_of
from core.tickets.preprocess import Encoder
from tests.core.tickets.some_tickets import some_tickets

FRAME = some_tickets(120)
INPUTS = inputs_of(FRAME, columns_of(FRAME))
LATER = some_tickets(30, seed=1)
LATER.loc[0, "task_type"] = "never seen"
LATER.loc[1, ["cpu_usage", "memory_usage", "task_type"]] = None
LATER.loc[2, "ticket_text"] = ""


@pytest.mark.parametrize("literal", [False, True])
def test_the_encoder_gives_what_the_column_transformer_gives(literal):
    encoder, preprocessor, matrix = Encoder.fit(INPUTS, literal=literal)
    assert np.allclose(encoder.matrix(INPUTS, literal=literal).toarray(), matrix.toarray())
    later = inputs_of(LATER, INPUTS.columns)
    expected = preprocessor.transform(later.frame()).toarray()
    assert np.allclose(encoder.matrix(later, literal=literal).toarray(), expected, atol=1e-6)


def test_both_settings_give_the_same_matrix():
    quick, literal = (Encoder.fit(INPUTS, literal=literal)[2] for literal in (False, True))
    assert np.allclose(quick.toarray(), literal.toarray(), atol=1e-6)


def test_a_missing_number_becomes_the_median_and_not_zero():
    encoder, _, _ = Encoder.fit(INPUTS)
    nothing = encoder.telemetry(Inputs.of_texts(["x"], INPUTS.columns))[0]
    medians = FRAME[["cpu_usage", "memory_usage"]].median()
    assert nothing[:2] * encoder.scales[:2] == pytest.approx(medians.tolist())


def test_an_unknown_category_fills_no_column():
    encoder, _, _ = Encoder.fit(INPUTS)
    row = encoder.telemetry(inputs_of(LATER.iloc[:1], INPUTS.columns))[0]
    assert row[len(encoder.scales) :].tolist() == [0.0, 0.0, 0.0]


def test_text_alone_is_enough():
    only_text = some_tickets(60, telemetry=False)
    encoder, _, matrix = Encoder.fit(inputs_of(only_text, columns_of(only_text)))
    assert encoder.n_before_text == 0
    assert matrix.shape == (60, len(encoder.terms))


@pytest.mark.parametrize("literal", [False, True])
@pytest.mark.parametrize("texts", [["one two", "three four"], ["", ""]])
def test_tickets_without_a_common_word_are_one_sentence(texts, literal):
    inputs = inputs_of(pd.DataFrame({"ticket_text": texts}), Columns(numeric=(), categorical=()))
    with pytest.raises(SchemaError, match="no word of two letters or more occurs in 2 of these 2"):
        Encoder.fit(inputs, literal=literal)


def test_tickets_that_fill_every_cell_give_the_same_sparse_matrix():
    full = pd.DataFrame({"ticket_text": ["psu is down"] * 4, "cpu_usage": [1.0, 2.0, 3.0, 4.0]})
    inputs = inputs_of(full, columns_of(full))
    encoder, _, matrix = Encoder.fit(inputs)
    assert matrix.toarray().all()
    assert np.allclose(encoder.matrix(inputs).toarray(), matrix.toarray())


@pytest.mark.parametrize("name", ["cpu_usage", "task_type"])
def test_a_column_that_only_later_tickets_have_does_no_harm(name):
    inputs = inputs_of(FRAME.assign(**{name: None}), INPUTS.columns)
    encoder, preprocessor, matrix = Encoder.fit(inputs)
    later = inputs_of(LATER, INPUTS.columns)
    found = encoder.matrix(later)
    assert found.shape[1] == matrix.shape[1]
    assert np.isfinite(found.toarray()).all()
    assert np.allclose(found.toarray(), preprocessor.transform(later.frame()).toarray(), atol=1e-6)
