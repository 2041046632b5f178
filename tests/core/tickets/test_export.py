import csv
import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SchemaError
from core.tickets.abstain import Routing
from core.tickets.export import ANSWER_COLUMNS, answered_csv, answered_lines, neutralised
from core.tickets.predict import BatchPrediction

ROUTE = Routing(demanded=0.8, threshold=0.0, coverage=1.0, precision=0.9, low=0.8, high=0.95)
CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DANGEROUS = st.tuples(st.sampled_from("=+-@\t\r"), CELLS).map("".join)


def answers(categories):
    n = len(categories)
    return BatchPrediction(
        categories=np.array(categories, dtype=object),
        confidence=np.linspace(0.5, 1.0, n),
        is_familiar=np.arange(n) % 2 == 1,
        routing=ROUTE,
        model_version="v0001",
    )


def read_back(data):
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@given(DANGEROUS)
def test_no_cell_begins_a_formula_but_a_number(cell):
    safe = neutralised(cell)
    if safe == cell:
        assert re.fullmatch(r"[+-][0-9.,]+([eE][+-]?[0-9]+)?%?", cell)
    else:
        assert safe == f"'{cell}"


@given(
    CELLS.filter(lambda cell: not re.match(r"[ \n\v\f\ufeff\u200b\xa0]*[=+\-@＝＋－＠\t\r]", cell))
)
def test_other_cells_stay_as_they_are(cell):
    assert neutralised(cell) == cell


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_stay_numbers(number):
    assert neutralised(repr(number)) == repr(number)


@pytest.mark.parametrize("number", ["-3.5", "+7", "-3,5", "-1e-7", "+.5", "-12%"])
def test_signed_numbers_stay_as_people_write_them(number):
    assert neutralised(number) == number


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        "@SUM(A1)",
        "+cmd|' /C calc'!A0",
        "-1+1",
        "-",
        "+49 170",
        "-3\n",
        "-٣",
        " =1",
        "\n=1",
        "\ufeff=1",
        "＝1+1",
    ],
)
def test_what_only_begins_like_a_number_is_text(formula):
    assert neutralised(formula) == f"'{formula}"


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=6))
def test_the_file_reads_back_with_the_answers_beside_every_row_in_its_order(rows):
    batch = answers([f"kind {i}" for i in range(len(rows))])
    header, *found = read_back(answered_csv(["a", "=b"], rows, batch))
    assert header == ["a", "'=b", *ANSWER_COLUMNS]
    assert len(found) == len(rows)
    for i, (row, cells) in enumerate(zip(rows, found, strict=True)):
        assert cells[:2] == [neutralised(cell) for cell in row]
        assert cells[2] == f"kind {i}"
        assert float(cells[3]) == pytest.approx(batch.confidence[i], abs=1e-4)
        assert cells[4] == ("person" if i % 2 == 0 else "automatic")


def test_a_category_that_is_a_formula_is_neutralised_too():
    assert list(answered_lines(["t"], [["x"]], answers(["=evil()"])))[1][1] == "'=evil()"


@pytest.mark.parametrize("name", ["route", "Confidence", " predicted_category"])
def test_a_file_that_has_such_a_column_is_refused(name):
    with pytest.raises(SchemaError, match=r"already.*rename or remove"):
        list(answered_lines(["t", name], [["x", "y"]], answers(["a"])))


def test_answers_of_another_file_are_a_mistake():
    with pytest.raises(ValueError, match="zip"):
        list(answered_lines(["t"], [["x"], ["y"]], answers(["a"])))
