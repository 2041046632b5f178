"""A pickled scaler that a user brings, read as the straight lines its columns follow."""

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import SchemaError
from core.metrics import METRIC_NAMES, FloatArray

__all__ = ["Scaling", "in_short", "load_scaler", "scaling_of"]

N_METRICS = len(METRIC_NAMES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scaling:
    """A scaler as (x - center) * factor + level, each of shape (10,).

    `center` is the raw value that stands in for a missing one: what the scaler maps to the middle
    of its range (0, or the middle of a MinMaxScaler's `feature_range`), which is `level`.
    """

    center: FloatArray
    factor: FloatArray
    level: FloatArray


def load_scaler(data: bytes, path: Path) -> Any:
    """Return the unpickled scaler; joblib reads what pickle wrote, and what joblib wrote."""
    import joblib

    try:
        scaler = joblib.load(io.BytesIO(data))
    except Exception as error:  # a pickle may raise anything
        raise SchemaError(f"{path} is no pickled scaler: {in_short(error)}.") from error
    if not callable(getattr(scaler, "transform", None)):
        raise SchemaError(
            f"{path} holds a {type(scaler).__name__}, and not a scaler with transform()."
        )
    features = getattr(scaler, "n_features_in_", N_METRICS)
    if features != N_METRICS:
        raise SchemaError(f"{path} scales {features} features; needed are {N_METRICS}.")
    names = [str(name) for name in getattr(scaler, "feature_names_in_", METRIC_NAMES)]
    if names != list(METRIC_NAMES) and sorted(names) == sorted(METRIC_NAMES):
        raise SchemaError(
            f"{path} was fitted with the metrics in another order ({', '.join(names)}); needed is "
            f"{', '.join(METRIC_NAMES)}."
        )
    return scaler


def scaling_of(scaler: Any, path: Path) -> Scaling:
    """Return the straight lines that the scaler's columns follow; refuse any other kind."""

    def transformed(rows: FloatArray) -> FloatArray:
        try:
            out: FloatArray = np.asarray(scaler.transform(rows), dtype=float)
        except Exception as error:  # whatever a foreign class does
            raise SchemaError(f"{path} cannot scale rows of values: {in_short(error)}.") from error
        if out.shape != rows.shape:
            raise SchemaError(f"{path} turns rows of shape {rows.shape} into {out.shape}.")
        return out

    span = 1e6  # large against rounding, whatever the unit
    at_zero, at_span = transformed(np.array([[0.0] * N_METRICS, [span] * N_METRICS]))
    factor = (at_span - at_zero) / span
    flat = factor == 0
    level = np.full(N_METRICS, float(np.mean(getattr(scaler, "feature_range", 0.0))))
    center = np.where(flat, 0.0, (level - at_zero) / np.where(flat, 1.0, factor))
    level = np.where(flat, at_zero, level)

    rng = np.random.default_rng(7)
    sign = rng.choice([-1.0, 1.0], (400, N_METRICS))
    away = sign * 10 ** rng.uniform(-2, 2, (400, N_METRICS)) / np.where(flat, 1.0, np.abs(factor))
    rows = np.concatenate([center + away, sign * 10 ** rng.uniform(-2, 9, (400, N_METRICS))])
    line = (rows - center) * factor + level
    off = np.abs(transformed(rows) - line)
    # Written so that a NaN anywhere is a refusal.
    if not (off <= 1e-6 * (1 + np.abs(rows * factor) + np.abs(line))).all():
        raise SchemaError(
            f"{path} ({type(scaler).__name__}) does not scale each metric along a straight line, "
            "as StandardScaler, MinMaxScaler and RobustScaler without clipping do."
        )
    return Scaling(center=center, factor=factor, level=level)


def in_short(error: Exception) -> str:
    """Return a library's message as one line, cut, without the colours that Keras puts in."""
    words = re.sub(r"\x1b\[\d*m", "", str(error)).split()
    return " ".join(words)[:200].rstrip(".") or type(error).__name__
