"""The scaler of the failure model: orders of magnitude for counts, then standard scores."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.metrics import METRIC_NAMES

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

__all__ = ["IS_LINEAR", "fit_scaler", "orders_of_magnitude", "scale"]

# Percentages and degrees are read as they are, everything else by its order of magnitude: traffic
# of 1 kB/s and of 1 GB/s have to fit into one number that a network can learn from.
IS_LINEAR = np.array([name.endswith(("_percent", "_c")) for name in METRIC_NAMES])

Float32Array = npt.NDArray[np.float32]


def orders_of_magnitude(values: Float32Array) -> Float32Array:
    """Return `values` of shape (n, 10) with log(1 + x) of counts and rates; NaN stays NaN."""
    return np.where(IS_LINEAR, values, np.log1p(np.maximum(values, 0.0))).astype(np.float32)


def fit_scaler(values: Float32Array) -> "Pipeline":
    """Return a scikit-learn pipeline fitted on `values` of shape (n, 10); NaN is passed over."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    return make_pipeline(FunctionTransformer(orders_of_magnitude), StandardScaler()).fit(values)


def scale(scaler: "Pipeline", values: Float32Array) -> Float32Array:
    """Return `values` of shape (n, steps, 10) scaled, same shape."""
    flat = values.reshape(-1, values.shape[-1])
    return scaler.transform(flat).reshape(values.shape).astype(np.float32)  # type: ignore[no-any-return]
