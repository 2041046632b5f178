"""From tickets to the matrix that models read: scaled numbers, one-hot words, TF-IDF terms."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from core.errors import SchemaError
from core.tickets.features import TEXT, Columns, Inputs

__all__ = ["Encoder", "build_preprocessor"]

MAX_TERMS = 25_000
MIN_TICKETS_PER_TERM = 2
# How WordPairCounts and TfidfVectorizer say that no term is left.
_NO_TERMS = ("no word occurs", "empty vocabulary", "no terms remain")


def build_preprocessor(columns: Columns, *, literal: bool = False) -> Any:
    """Return the ColumnTransformer over numbers, categories and text, not fitted.

    With `literal` the text is counted by scikit-learn's own TfidfVectorizer; otherwise by
    `WordPairCounts`, which counts the same terms in less than half the time.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    from core.tickets.word_pairs import WordPairCounts

    numeric = Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("scale", StandardScaler(with_mean=False)),
        ]
    )
    categorical = Pipeline(
        [
            (
                "impute",
                SimpleImputer(
                    strategy="most_frequent", missing_values=None, keep_empty_features=True
                ),
            ),
            ("one_hot", OneHotEncoder(handle_unknown="ignore")),
        ]
    )
    text: Any
    if literal:
        text = TfidfVectorizer(
            ngram_range=(1, 2), max_features=MAX_TERMS, min_df=MIN_TICKETS_PER_TERM
        )
    else:
        counts = WordPairCounts(max_features=MAX_TERMS, min_df=MIN_TICKETS_PER_TERM)
        text = Pipeline([("count", counts), ("tfidf", TfidfTransformer())])
    parts = [
        ("numeric", numeric, list(columns.numeric)),
        ("categorical", categorical, list(columns.categorical)),
        ("text", text, TEXT),
    ]
    # A part without columns has nothing to fit; the matrix stays sparse in any case.
    return ColumnTransformer([part for part in parts if part[2]], sparse_threshold=1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """A fitted preprocessor, applied to arrays instead of a DataFrame.

    The matrix is that of `preprocessor.transform`; for one ticket it is there in a tenth of the
    time, because no DataFrame is made and checked. Its columns are the numbers, then one per known
    value of each category, then the terms.
    """

    columns: Columns
    medians: npt.NDArray[np.float64]
    scales: npt.NDArray[np.float64]
    usual_words: tuple[str, ...]
    known_words: tuple[dict[str, int], ...]
    vectorizer: Any
    terms: npt.NDArray[np.object_]

    @classmethod
    def fit(cls, inputs: Inputs, *, literal: bool = False) -> tuple[Self, Any, Any]:
        """Return the encoder, the fitted ColumnTransformer and the matrix of these tickets.

        Raises
        ------
        SchemaError
            Where no word occurs in two of the tickets.
        """
        preprocessor = build_preprocessor(inputs.columns, literal=literal)
        try:
            matrix = preprocessor.fit_transform(inputs.frame())
        except ValueError as error:
            if not any(words in str(error) for words in _NO_TERMS):
                raise
            raise SchemaError(
                f"The tickets cannot be learnt from: no word of two letters or more occurs in "
                f"{MIN_TICKETS_PER_TERM} of these {len(inputs)} tickets."
            ) from error
        return cls.of(inputs.columns, preprocessor), preprocessor, as_trained(matrix, literal)

    @classmethod
    def of(cls, columns: Columns, preprocessor: Any) -> Self:
        """Return the encoder of a fitted ColumnTransformer."""
        parts = preprocessor.named_transformers_
        medians = scales = np.zeros(0)
        usual: tuple[str, ...] = ()
        known: tuple[dict[str, int], ...] = ()
        if columns.numeric:
            medians = parts["numeric"]["impute"].statistics_
            scales = parts["numeric"]["scale"].scale_
        if columns.categorical:
            usual = tuple(parts["categorical"]["impute"].statistics_)
            values = parts["categorical"]["one_hot"].categories_
            known = tuple({word: i for i, word in enumerate(words)} for words in values)
        text = parts["text"]
        return cls(
            columns=columns,
            medians=medians,
            scales=scales,
            usual_words=usual,
            known_words=known,
            vectorizer=text,
            terms=text.get_feature_names_out(),
        )

    @property
    def n_before_text(self) -> int:
        """Columns of the matrix before the first term."""
        return len(self.medians) + sum(map(len, self.known_words))

    @property
    def owners(self) -> tuple[str, ...]:
        """The column of the frame that each column of the matrix before the terms comes from."""
        names = [*self.columns.numeric]
        for name, known in zip(self.columns.categorical, self.known_words, strict=True):
            names.extend([name] * len(known))
        return tuple(names)

    def telemetry(self, inputs: Inputs) -> npt.NDArray[np.float64]:
        """Return the columns before the terms, of shape (n, n_before_text)."""
        matrix = np.zeros((len(inputs), self.n_before_text))
        n_numeric = len(self.medians)
        missing = np.isnan(inputs.numbers)
        matrix[:, :n_numeric] = np.where(missing, self.medians, inputs.numbers) / self.scales
        start = n_numeric
        for i, (known, usual) in enumerate(zip(self.known_words, self.usual_words, strict=True)):
            for row, word in enumerate(inputs.words[:, i]):
                at = known.get(usual if word is None else word)
                if at is not None:
                    matrix[row, start + at] = 1.0
            start += len(known)
        return matrix

    def text(self, inputs: Inputs) -> Any:
        """Return the terms' weights, a CSR matrix of shape (n, n_terms)."""
        return self.vectorizer.transform(inputs.texts)

    def matrix(self, inputs: Inputs, *, literal: bool = False) -> Any:
        """Return the CSR matrix of shape (n, n_before_text + n_terms)."""
        return self.join(self.telemetry(inputs), self.text(inputs), literal=literal)

    def join(self, telemetry: npt.NDArray[np.float64], text: Any, *, literal: bool = False) -> Any:
        """Return both halves of the matrix side by side."""
        import scipy.sparse as sp

        if not telemetry.shape[1]:
            return as_trained(text, literal)
        return as_trained(sp.hstack([sp.csr_matrix(telemetry), text], format="csr"), literal)


def as_trained(matrix: Any, literal: bool) -> Any:
    """Return the matrix in the precision that the models are trained in.

    Single precision halves the time of the linear models and changes no score.
    """
    import scipy.sparse as sp

    # Where every cell holds something, the ColumnTransformer hands out an array.
    sparse = sp.csr_matrix(matrix)
    return sparse if literal else sparse.astype(np.float32)
