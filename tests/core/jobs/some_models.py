"""A training in no time: `python -m tests.core.jobs.some_models AREA train --models DIR`.

What it answers is scripted in the file `script.json` beside the models folder.
"""

import json
import sys
import time
from pathlib import Path

from core import artifacts


def write(models_dir: Path, area: str, **training: object) -> str:
    """Write a version with scores of its area."""
    score = {"value": 0.9, "low": 0.88, "high": 0.92}
    ranked = {"average_precision": 0.4, "average_precision_interval": [0.3, 0.5]}
    is_tickets = area == "tickets"
    return artifacts.write_version(
        models_dir,
        area,
        fill=lambda folder: (folder / "model.txt").write_text("weights") and None,
        data_hash="0123456789abcdef",
        seed=7,
        columns=("cpu_percent",),
        classes=(),
        window=None,
        horizon=None,
        thresholds={},
        scores={"model": "logistic", "weighted_f1": score} if is_tickets else {"test": ranked},
        baseline_scores={"majority": {"weighted_f1": {**score, "value": 0.3}}}
        if is_tickets
        else {"test": {"rule": {**ranked, "average_precision": 0.2}}},
        source="450 tickets of <b>tickets.csv</b>",
        training=training,
    ).version


def main(area: str, models_dir: Path) -> None:
    script = json.loads((models_dir.parent / "script.json").read_text())
    sys.stderr.write(f"{' '.join(sys.argv[1:])}\n 40 %  fitting <b>\n")
    sys.stderr.flush()
    if script.get("waits"):
        time.sleep(600)
    champion = artifacts.current_version(models_dir, area)
    version = write(models_dir, area, n_rows=450)
    comparison = {
        "champion": champion,
        "challenger": version,
        "score": "weighted F1",
        "rows": "tickets",
        "n_rows": 60,
        "champion_score": 0.9,
        "challenger_score": 0.9 + script.get("difference", 0.0),
        "difference": script.get("difference"),
        "low": script.get("low"),
        "high": script.get("high"),
        "why_not": script.get("why_not", ""),
    }
    artifacts.keep_of_training(models_dir, area, version, comparison=comparison)
    print(json.dumps({"model_version": version, "comparison": comparison}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[sys.argv.index("--models") + 1]))
