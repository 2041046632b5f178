"""The columns that a ticket model may read, and how a frame or one ticket becomes them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from core.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CATEGORICAL",
    "LABEL",
    "MEASURED",
    "NUMERIC",
    "TEXT",
    "WORD",
    "Columns",
    "Inputs",
    "TextArray",
    "columns_of",
    "inputs_of",
    "inputs_of_one",
]

TEXT = "ticket_text"
LABEL = "ticket_category"
# scikit-learn's default token: two or more letters, digits or underscores.
WORD = re.compile(r"(?u)\b\w\w+\b")

# Each ratio and the two measurements it is made of; what is missing in one is missing in the ratio.
RATIOS: Mapping[str, tuple[str, str]] = {
    "cpu_mem_ratio": ("cpu_usage", "memory_usage"),
    "net_per_exec_time": ("network_traffic", "execution_time"),
    "power_per_instruction": ("power_consumption", "num_executed_instructions"),
}
MEASURED = (
    "cpu_usage",
    "memory_usage",
    "network_traffic",
    "power_consumption",
    "num_executed_instructions",
    "execution_time",
    "energy_efficiency",
)
NUMERIC = (
    *MEASURED,
    "anomaly_status",
    "ts_hour",
    "ts_dayofweek",
    "ts_month",
    *RATIOS,
)
CATEGORICAL = ("task_type", "task_priority", "task_status")

TextArray = npt.NDArray[np.object_]
NumberArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns that a model reads beside the text, in the order in which it reads them."""

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, the text last."""
        return (*self.numeric, *self.categorical, TEXT)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inputs:
    """What a model reads of n tickets.

    `texts` of shape (n,) holds str, `numbers` of shape (n, n_numeric) NaN where missing, `words` of
    shape (n, n_categorical) None where missing.
    """

    columns: Columns
    texts: TextArray
    numbers: NumberArray
    words: TextArray

    @classmethod
    def of_texts(cls, texts: Sequence[str], columns: Columns) -> Self:
        """Return tickets of which only the text is known."""
        return cls(
            columns=columns,
            texts=np.array(texts, dtype=object),
            numbers=np.full((len(texts), len(columns.numeric)), np.nan),
            words=np.full((len(texts), len(columns.categorical)), None, dtype=object),
        )

    def __len__(self) -> int:
        return len(self.texts)

    def rows(self, which: Any) -> "Inputs":
        """Return the rows of an index array or a slice."""
        return Inputs(
            columns=self.columns,
            texts=self.texts[which],
            numbers=self.numbers[which],
            words=self.words[which],
        )

    def without(self, hidden: set[str]) -> "Inputs":
        """Return the same tickets without these columns; a hidden text is the same for all."""
        numeric = [i for i, name in enumerate(self.columns.numeric) if name not in hidden]
        categorical = [i for i, name in enumerate(self.columns.categorical) if name not in hidden]
        hidden_text = np.full(len(self.texts), "hidden", dtype=object)
        return Inputs(
            columns=Columns(
                numeric=tuple(self.columns.numeric[i] for i in numeric),
                categorical=tuple(self.columns.categorical[i] for i in categorical),
            ),
            texts=hidden_text if TEXT in hidden else self.texts,
            numbers=self.numbers[:, numeric],
            words=self.words[:, categorical],
        )

    def frame(self) -> "pd.DataFrame":
        """Return them as the DataFrame that the preprocessor is fitted on."""
        import pandas as pd

        data: dict[str, Any] = dict(zip(self.columns.numeric, self.numbers.T, strict=True))
        # As objects: pandas would turn None into NaN, and the imputer looks for None.
        for name, words in zip(self.columns.categorical, self.words.T, strict=True):
            data[name] = pd.Series(words, dtype=object)
        return pd.DataFrame({**data, TEXT: pd.Series(self.texts, dtype=object)})


def columns_of(frame: "pd.DataFrame") -> Columns:
    """Return the columns of this frame that a model can learn from: those with a value at all."""
    held = {name for name in frame.columns if frame[name].notna().any()}
    held |= {name for name, parts in RATIOS.items() if held.issuperset(parts)}
    return Columns(
        numeric=tuple(name for name in NUMERIC if name in held),
        categorical=tuple(name for name in CATEGORICAL if name in held),
    )


def inputs_of(frame: "pd.DataFrame", columns: Columns) -> Inputs:
    """Return what a model with these columns reads of a frame; a column not there is missing.

    Raises
    ------
    SchemaError
        Where the frame has no column `ticket_text`.
    """
    if TEXT not in frame.columns:
        found = ", ".join(map(str, frame.columns[:20]))
        raise SchemaError(f"Tickets need a column {TEXT}; found are {found or 'no columns'}.")
    numbers = np.full((len(frame), len(columns.numeric)), np.nan)
    for i, name in enumerate(columns.numeric):
        if name in frame.columns:
            numbers[:, i] = _numbers(frame[name])
    words = np.full((len(frame), len(columns.categorical)), None, dtype=object)
    for i, name in enumerate(columns.categorical):
        if name in frame.columns:
            words[:, i] = _words(frame[name])
    _fill_ratios(numbers, columns, {n: _numbers(frame[n]) for n in _parts() if n in frame.columns})
    texts = _words(frame[TEXT])
    texts[texts == None] = ""  # noqa: E711 - an array compares element by element
    return Inputs(columns=columns, texts=texts, numbers=numbers, words=words)


def inputs_of_one(
    text: str, telemetry: Mapping[str, float | str | None], columns: Columns
) -> Inputs:
    """Return what a model with these columns reads of one ticket.

    Raises
    ------
    SchemaError
        Where the telemetry names no column of the fleet dataset, or holds no number for one.
    """
    values = {name: _number(name, telemetry[name]) for name in NUMERIC if name in telemetry}
    if unknown := sorted(telemetry.keys() - {*NUMERIC, *CATEGORICAL}):
        known = ", ".join((*NUMERIC, *CATEGORICAL))
        raise SchemaError(f"Telemetry {unknown[0][:40]!r} is not known; there are {known}.")
    numbers = np.array([[values.get(name, np.nan) for name in columns.numeric]], dtype=np.float64)
    words = np.full((1, len(columns.categorical)), None, dtype=object)
    for i, name in enumerate(columns.categorical):
        word = telemetry.get(name)
        words[0, i] = None if word is None or not str(word).strip() else str(word).strip()
    _fill_ratios(numbers, columns, {n: np.array([values[n]]) for n in _parts() if n in values})
    texts = np.empty(1, dtype=object)
    texts[0] = text
    return Inputs(columns=columns, texts=texts, numbers=numbers, words=words)


def _parts() -> set[str]:
    return {part for parts in RATIOS.values() for part in parts}


def _fill_ratios(
    numbers: NumberArray, columns: Columns, measured: Mapping[str, NumberArray]
) -> None:
    """Write each ratio whose parts were measured, where it is finite and was not given."""
    for name, (above, below) in RATIOS.items():
        if name in columns.numeric and above in measured and below in measured:
            column = numbers[:, columns.numeric.index(name)]
            with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
                ratio = measured[above] / measured[below]
            fill = np.isnan(column) & np.isfinite(ratio)
            column[fill] = ratio[fill]


def _numbers(series: Any) -> NumberArray:
    """Return a column as numbers; what is none, or not finite, is missing."""
    import pandas as pd

    found: NumberArray = pd.to_numeric(series, errors="coerce").to_numpy(
        dtype=np.float64, na_value=np.nan
    )
    return np.where(np.isfinite(found), found, np.nan)


def _words(series: Any) -> TextArray:
    """Return a column as str, None where missing."""
    values = series.astype(object)
    found: TextArray = values.where(values.notna(), None).to_numpy(dtype=object)
    is_other = np.fromiter(
        (v is not None and not isinstance(v, str) for v in found), dtype=bool, count=len(found)
    )
    found = found.copy()
    found[is_other] = [str(value) for value in found[is_other]]
    return found


def _number(name: str, value: float | str | None) -> float:
    if value is None:
        return float("nan")
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise SchemaError(
            f"Telemetry {name} needs a number and was {str(value)[:40]!r}."
        ) from error
    return number if np.isfinite(number) else float("nan")
