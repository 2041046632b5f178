"""The Dashboard as it is drawn, read back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from streamlit.testing.v1 import AppTest

import config
from core.background import Work
from core.dataset import import_file

MAIN = str(config.ROOT / "pages" / "main.py")
PATIENCE_S = 300.0
Open = Callable[..., AppTest]


def imported(frame: pd.DataFrame, folder: Path) -> Path:
    import_file(frame.to_csv(index=False).encode(), folder)
    return folder


def done(app: AppTest, work: Work[Any]) -> AppTest:
    """Wait for background work and return the page as it is drawn then."""
    status = work.wait(PATIENCE_S)
    assert status.state == "done", status.error
    app.run()
    assert not app.exception
    return app


def line(app: AppTest) -> str:
    return app.header[0].value.replace("\\", "")


def said(app: AppTest) -> str:
    return "\n".join(
        element.value.replace("\\", "")
        for kind in ("markdown", "caption", "text")
        for element in app.main.get(kind)
    )


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def chart(app: AppTest, key: str) -> dict[str, Any]:
    """Return what a chart was given to draw."""
    for found in app.get("bidi_component"):
        if found.proto.id.endswith(key):
            return json.loads(found.proto.json)
    raise AssertionError(f"there is no chart {key}")


def has_chart(app: AppTest, key: str) -> bool:
    return any(found.proto.id.endswith(key) for found in app.get("bidi_component"))


def table(app: AppTest) -> pd.DataFrame:
    return app.dataframe[0].value
