"""A sequence of ten steps by ten metrics, as people paste it, upload it and download it."""

import csv
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import numpy as np

from core.errors import MissingDataError, SchemaError, TooFewSamplesError
from core.failure.windows import LENGTH
from core.metrics import METRIC_NAMES, FloatArray, Sample, metric_spec

__all__ = ["ParsedSequence", "parse_sequence", "sequence_document"]

MAX_BYTES = 1_000_000
N_METRICS = len(METRIC_NAMES)
_SHAPE = f"{LENGTH} × {N_METRICS}"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ParsedSequence:
    """Ten steps of one host, oldest first.

    `values` of shape (10, 10) is in the order of METRIC_NAMES, NaN where a value is missing;
    `interval_s` is the time between two steps in seconds, None where it was not told.
    """

    values: FloatArray
    interval_s: float | None


def parse_sequence(data: bytes, name: str) -> ParsedSequence:
    """Return the sequence that `data` holds; `name` is what messages call it.

    Read are a JSON object with "sequence" (and optionally "features", the metrics in the order of
    its columns, and "interval_s"), a bare JSON array, and CSV with or without a line of metric
    names. Missing values are null in JSON and empty cells in CSV.

    Raises
    ------
    MissingDataError
        Where there is nothing, or nothing but missing values.
    SchemaError
        Where it has another shape, or a value that cannot be: the sentence names step and metric.
    """
    if len(data) > MAX_BYTES:
        raise SchemaError(
            f"{name} has {len(data):,} bytes; a sequence of {_SHAPE} values has a few thousand."
        )
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise SchemaError(
            f"{name} is neither JSON nor CSV: byte {error.start + 1} is not UTF-8."
        ) from error
    if not text:
        raise MissingDataError(f"{name} is empty; give {_SHAPE} values as JSON or CSV.")
    rows, features, interval_s = (
        _from_json(text, name)
        if text[0] in "{[" or name.lower().endswith(".json")
        else _from_csv(text, name)
    )
    return ParsedSequence(values=_values(rows, features, name), interval_s=interval_s)


def sequence_document(samples: Sequence[Sample], interval_s: float) -> dict[str, Any]:
    """Return the last ten samples as the JSON object that `parse_sequence` reads, null for gaps.

    TooFewSamplesError where there are fewer than ten.
    """
    if len(samples) < LENGTH:
        raise TooFewSamplesError(
            f"A sequence needs {LENGTH} samples, and there are {len(samples)}: "
            f"wait for {LENGTH - len(samples)} more."
        )
    chosen = samples[-LENGTH:]
    values = [sample.vector().tolist() for sample in chosen]
    return {
        "features": list(METRIC_NAMES),
        "sequence": [[None if math.isnan(v) else v for v in step] for step in values],
        "interval_s": interval_s,
        "timestamps": [
            sample.at.astimezone(UTC).isoformat().replace("+00:00", "Z") for sample in chosen
        ],
    }


def _from_json(text: str, name: str) -> tuple[object, Sequence[str], float | None]:
    """Return rows, names of their columns and interval of a JSON text."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise SchemaError(
            f"{name} is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise SchemaError(f"{name} cannot be read as JSON: {str(error)[:80]}.") from error
    if not isinstance(document, dict):
        return document, METRIC_NAMES, None
    if "sequence" not in document:
        found = ", ".join(repr(key[:40]) for key in list(document)[:5]) or "nothing"
        raise SchemaError(f"{name} has no 'sequence'; found is {found}.")
    features = document.get("features")
    if features is None:
        features = METRIC_NAMES
    elif not isinstance(features, list) or not all(isinstance(f, str) for f in features):
        raise SchemaError(f"{name}: 'features' must be a list of {N_METRICS} metric names.")
    _check_features(features, name)
    return document["sequence"], features, _interval_s(document.get("interval_s"), name)


def _from_csv(text: str, name: str) -> tuple[object, Sequence[str], float | None]:
    """Return rows and the names of their columns of a CSV text; a CSV tells no interval."""
    try:
        rows = [row for row in csv.reader(text.splitlines(), skipinitialspace=True) if any(row)]
    except csv.Error as error:
        raise SchemaError(f"{name} is not CSV: {error}.") from error
    if not rows:
        raise MissingDataError(f"{name} is empty; give {_SHAPE} values as JSON or CSV.")
    if len(rows[0]) == 1 and (mark := re.search("[;\t|]", rows[0][0])):
        raise SchemaError(f"{name} separates its values by {mark[0]!r}; a comma is needed.")
    rows = [[cell.strip() for cell in row] for row in rows]
    features: Sequence[str] = METRIC_NAMES
    # Eleven rows are a header and ten steps, unless the first is one step too many.
    has_one_more = len(rows) == LENGTH + 1 and not _is_step(rows[0])
    if has_one_more or set(rows[0]) & set(METRIC_NAMES):
        features, rows = rows[0], rows[1:]
        _check_features(features, name)
    return [[_cell(cell) for cell in row] for row in rows], features, None


def _is_step(row: Sequence[str]) -> bool:
    return all(not cell or _NUMBER.fullmatch(cell) for cell in row)


def _cell(text: str) -> float | str | None:
    """Return a CSV cell as JSON would have it."""
    if not text:
        return None
    return float(text) if _NUMBER.fullmatch(text) else text


def _check_features(features: Sequence[str], name: str) -> None:
    """Refuse names that are not the ten metrics, each once."""
    unknown = [feature for feature in features if feature not in METRIC_NAMES]
    missing = [metric for metric in METRIC_NAMES if metric not in features]
    twice = [metric for metric in METRIC_NAMES if list(features).count(metric) > 1]
    faults = [
        f"{what} {', '.join(repr(found[:40]) for found in names[:3])}"
        for what, names in (("unknown", unknown), ("missing", missing), ("twice", twice))
        if names
    ]
    if faults:
        raise SchemaError(
            f"{name}: the columns must be the {N_METRICS} metrics; {'; '.join(faults)}."
        )


def _interval_s(value: object, name: str) -> float | None:
    if value is None:
        return None
    number = _as_float(value)
    if number is None or not 0 < number < math.inf:
        raise SchemaError(
            f"{name}: interval_s must be a number of seconds above 0, and is {_quoted(value)}."
        )
    return number


def _values(rows: object, features: Sequence[str], name: str) -> FloatArray:
    """Return the checked values of shape (10, 10) in the order of METRIC_NAMES."""
    if not isinstance(rows, list) or len(rows) != LENGTH or not isinstance(rows[0], list):
        raise SchemaError(
            f"{name} must hold {LENGTH} steps of {N_METRICS} metrics; received is {_shape(rows)}."
        )
    values = np.empty((LENGTH, N_METRICS))
    for step, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != N_METRICS:
            raise SchemaError(
                f"{name} step {step + 1} must hold {N_METRICS} values; received is {_shape(row)}."
            )
        for value, metric in zip(row, features, strict=True):
            place = f"{name} step {step + 1}: {metric}"
            values[step, METRIC_NAMES.index(metric)] = _value(value, metric, place)
    if np.isnan(values).all():
        raise MissingDataError(f"{name} holds {_SHAPE} missing values and not one number.")
    return values


def _value(value: object, metric: str, place: str) -> float:
    """Return one value, NaN where it is missing; refuse what this metric cannot be."""
    if value is None:
        return math.nan
    number = _as_float(value)
    if number is None:
        raise SchemaError(f"{place} must be a number, and is {_quoted(value)}.")
    if not math.isfinite(number):
        raise SchemaError(
            f"{place} is {number}; a missing value is null in JSON and an empty cell in CSV."
        )
    spec = metric_spec(metric)
    if number < spec.low:
        raise SchemaError(f"{place} is {number:.15g}, and cannot be below {spec.low:g}.")
    if spec.high is not None and number > spec.high:
        raise SchemaError(f"{place} is {number:.15g}, and cannot be above {spec.high:g}.")
    return number


def _as_float(value: object) -> float | None:
    """Return a JSON number as float, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:  # an integer beyond what a float can hold
        return math.inf if value > 0 else -math.inf


def _quoted(value: object) -> str:
    """Return a value as it stood in the file, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)[:40]
    # Half a surrogate pair, which JSON can hold and nobody can show, as the file had it: \ud800.
    return text.encode("utf-8", "backslashreplace").decode()


def _shape(value: object) -> str:
    """Return what was received: "9 × 10 values", "text", ..."""
    sizes = []
    while isinstance(value, list):
        sizes.append(str(len(value)))
        value = value[0] if value else None
    if sizes:
        return " × ".join(sizes) + " values"
    return "nothing" if value is None else _quoted(value)
