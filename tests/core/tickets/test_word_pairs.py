import pickle

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from core.tickets.word_pairs import WordPairCounts
from tests.core.tickets.some_tickets import some_tickets

TEXTS = some_tickets(80).ticket_text.tolist()
ODD = ["", "a", "packets packets", "PACKETS Dropped", "日本語 чай ñandú", "\x00\ud800 link\tlink"]


def test_counts_are_those_of_scikit_learn():
    ours = WordPairCounts(max_features=10_000)
    theirs = CountVectorizer(ngram_range=(1, 2), min_df=2)
    fitted = ours.fit_transform(TEXTS), theirs.fit_transform(TEXTS)
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    assert (fitted[0] != fitted[1]).nnz == 0
    later = ours.transform(TEXTS[:5] + ODD), theirs.transform(TEXTS[:5] + ODD)
    assert (later[0] != later[1]).nnz == 0


def test_what_was_fitted_is_what_is_transformed():
    ours = WordPairCounts(max_features=60)
    assert (ours.fit_transform(TEXTS) != ours.transform(TEXTS)).nnz == 0


def test_the_most_frequent_terms_stay():
    ours = WordPairCounts(max_features=2, min_df=1).fit(["disk full", "disk", "full", "disk slow"])
    assert ours.terms_ == ["disk", "full"]


def test_a_pair_does_not_reach_over_the_end_of_a_ticket():
    ours = WordPairCounts(min_df=1).fit(["disk full", "psu dead"])
    assert ours.terms_ == ["dead", "disk", "disk full", "full", "psu", "psu dead"]


@pytest.mark.parametrize("texts", [[], [""], ["one two", "three four"], ["!?", "…"]])
def test_texts_that_share_no_word_are_refused(texts):
    with pytest.raises(ValueError, match="no word occurs in 2 texts"):
        WordPairCounts().fit(texts)


def test_a_pickled_one_counts_the_same():
    ours = WordPairCounts().fit(TEXTS)
    again = pickle.loads(pickle.dumps(ours))  # noqa: S301 - pickled in this line
    assert (ours.transform(TEXTS) != again.transform(TEXTS)).nnz == 0
    assert np.array_equal(ours.get_feature_names_out(), again.get_feature_names_out())
