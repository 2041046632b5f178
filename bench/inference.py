"""Compare what one prediction costs, and what a serving process weighs, with Keras and bare ONNX.

Run `python bench/inference.py` (`--models DIR` for another folder of models). The active model is
asked in turns through the product, through bare ONNX Runtime and through Keras, so that a noisy
machine is noisy for all. Only the ratios travel between machines.
"""

import argparse
import statistics
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.result import Result, medians_ms
from core import artifacts
from core.failure.serving import MODEL_FILES, load_model
from core.failure.simulate import simulate_hosts
from core.failure.windows import Windows, stack_windows

ROOT = Path(__file__).resolve().parents[1]
# At most 1/500 of Keras, and twice bare ONNX Runtime: what the product promises.
KERAS_TARGET, BARE_TARGET, RSS_TARGET_MB = 500.0, 2.0, 400.0
N_MANY, IN_A_ROW = 1000, 20

# Run in a process of its own, as the app does it: load, predict, explain, then look at itself.
SERVE = """
import sys
from pathlib import Path
import numpy as np
import psutil
from core.failure.serving import load_model

before = psutil.Process().memory_info().rss
model = load_model(Path(sys.argv[1]))
window = np.random.default_rng(1).uniform(1, 99, (10, 10))
for _ in range(20):
    model.forecast(window)
model.probabilities(np.repeat(window[None], 1000, axis=0).astype(np.float32))
heavy = {"tensorflow", "keras"} & {name.partition(".")[0] for name in sys.modules}
print(before / 1e6, psutil.Process().memory_info().rss / 1e6, ",".join(sorted(heavy)) or "none")
"""


def windows_of(n: int) -> Windows:
    """Return `n` full windows of simulated hosts."""
    windows = stack_windows(simulate_hosts(40, seed=1))
    return windows.where(np.flatnonzero(windows.enough)[:n])


def bare_session(path: Path) -> Any:
    """Return the session that a user would open on the exported file, with one thread as ours."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def keras_way(folder: Path, windows: Windows) -> Callable[[], Any]:
    """Return one `model.predict` call, on values that are scaled already."""
    warnings.simplefilter("ignore")  # TensorFlow and Keras warn about themselves
    import joblib

    from core.failure import network
    from core.failure.scaling import scale

    keras_model = network.load(folder / MODEL_FILES.keras)
    scaler = joblib.load(folder / MODEL_FILES.scaler)
    inputs = {"sequence": scale(scaler, windows.x), "usual": scale(scaler, windows.usual)}
    return lambda: keras_model.predict(inputs, verbose=0)


def line(name: str, cost_ms: float, ratio: str) -> None:
    """Print one row of the table."""
    print(f"{name:44} {cost_ms:9.3f} ms   {ratio}")


def verdict(is_met: bool, target: str) -> str:
    """Say whether a target is met."""
    return f"({target}: {'met' if is_met else 'MISSED'})"


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--models", type=Path, default=ROOT / "models")
    arguments.add_argument("--rounds", type=int, default=40)
    given = arguments.parse_args()
    manifest, folder = artifacts.load_version(given.models, "failure")
    model = load_model(given.models)
    session = bare_session(folder / MODEL_FILES.onnx)
    one, many = windows_of(1), windows_of(N_MANY)

    def ours(windows: Windows) -> Callable[[], Any]:
        return lambda: model.probabilities(windows.x, windows.usual)

    def bare(windows: Windows) -> Callable[[], Any]:
        inputs = {"sequence": windows.x, "usual": windows.usual}
        return lambda: session.run(["probability", "cause"], inputs)

    keras_once = keras_way(folder, one)
    np.testing.assert_allclose(ours(one)()[0], keras_once()["probability"][:, 0], atol=1e-4)
    np.testing.assert_array_equal(ours(many)()[0], bare(many)()[0][:, 0])
    window, usual = one.x[0], one.usual[0]

    # Keras leaves the processor's caches to others: the call right after it is the slowest of ours.
    single = {
        "keras": keras_once,
        "first": ours(one),
        **{f"ours {number}": ours(one) for number in range(IN_A_ROW)},
        "explained": lambda: model.forecast(window, usual),
    }
    fast = {"ours": ours(one), "bare": bare(one)}
    beside_keras = medians_ms(single, given.rounds)
    in_a_row = statistics.median(beside_keras[f"ours {number}"] for number in range(IN_A_ROW))
    alone = medians_ms(fast, given.rounds * 50)
    full = medians_ms({"ours": ours(many), "bare": bare(many)}, given.rounds)

    print(f"model {manifest.version}, medians of interleaved runs")
    print("one window")
    line("  Keras model.predict", beside_keras["keras"], "1")
    faster = beside_keras["keras"] / in_a_row
    met = verdict(faster >= KERAS_TARGET, "at most 1/500")
    line(f"  ours, {IN_A_ROW} in a row after each of Keras", in_a_row, f"1/{faster:,.0f} {met}")
    faster = beside_keras["keras"] / beside_keras["first"]
    line("  ours, the first after Keras (cold caches)", beside_keras["first"], f"1/{faster:,.0f}")
    line("  ours with reasons (1,024 windows asked)", beside_keras["explained"], "")
    line("  bare ONNX Runtime", alone["bare"], "1")
    slower = alone["ours"] / alone["bare"]
    line("  ours", alone["ours"], f"{slower:.2f} x " + verdict(slower <= BARE_TARGET, "at most 2"))
    print(f"{N_MANY:,} hosts in one call")
    line("  bare ONNX Runtime", full["bare"], "1")
    slower = full["ours"] / full["bare"]
    line("  ours", full["ours"], f"{slower:.2f} x " + verdict(slower <= BARE_TARGET, "at most 2"))
    done = subprocess.run(
        [sys.executable, "-c", SERVE, str(given.models)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    before_mb, after_mb, heavy = done.stdout.split()
    print("a process that serves")
    is_light = float(after_mb) < RSS_TARGET_MB and heavy == "none"
    print(f"  {float(before_mb):6.0f} MB resident before the model is loaded")
    print(f"  {float(after_mb):6.0f} MB when it has answered {verdict(is_light, 'under 400')}")
    print(f"  TensorFlow or Keras loaded: {heavy}")


def results() -> list[Result]:
    """Return what one prediction and 1,000 cost beside Keras and bare ONNX Runtime."""
    models = ROOT / "models"
    _, folder = artifacts.load_version(models, "failure")
    model, session = load_model(models), bare_session(folder / MODEL_FILES.onnx)
    one, many = windows_of(1), windows_of(N_MANY)

    def ours(windows: Windows) -> Callable[[], Any]:
        return lambda: model.probabilities(windows.x, windows.usual)

    def bare(windows: Windows) -> Callable[[], Any]:
        inputs = {"sequence": windows.x, "usual": windows.usual}
        return lambda: session.run(["probability", "cause"], inputs)

    in_a_row = {f"ours {number}": ours(one) for number in range(IN_A_ROW)}
    keras = medians_ms({"keras": keras_way(folder, one), **in_a_row}, 20)
    ours_ms = statistics.median(keras[name] for name in in_a_row)
    single = medians_ms({"ours": ours(one), "bare": bare(one)}, 1000)
    full = medians_ms({"ours": ours(many), "bare": bare(many)}, 30)
    return [
        Result(
            what="one failure prediction",
            peer="Keras model.predict",
            ours=ours_ms,
            theirs=keras["keras"],
            unit="ms",
            note="one window of 10 steps x 10 metrics",
        ),
        Result(
            what="one failure prediction",
            peer="bare ONNX Runtime",
            ours=single["ours"],
            theirs=single["bare"],
            unit="ms",
            note="the same exported network, one thread",
        ),
        Result(
            what="1,000 failure predictions",
            peer="bare ONNX Runtime",
            ours=full["ours"],
            theirs=full["bare"],
            unit="ms",
            note="1,000 windows in one call",
        ),
    ]


if __name__ == "__main__":
    main()
