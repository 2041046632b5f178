"""The Ticket Classifier asked, and read back as it is drawn."""

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
from streamlit.testing.v1 import AppTest

import config

MAIN = str(config.ROOT / "pages" / "main.py")
CPU_TICKET = "the scheduler is slow and every process stuck, cores hot"
Open = Callable[..., AppTest]


def line(app: AppTest) -> str:
    return app.header[0].value


def said(app: AppTest) -> str:
    return "\n".join(
        element.value for kind in ("markdown", "caption", "text") for element in app.main.get(kind)
    )


def component(app: AppTest, key: str) -> dict[str, Any]:
    """Return what a component of our own was given to draw."""
    for found in app.get("bidi_component"):
        if found.proto.id.endswith(key):
            return json.loads(found.proto.json)
    raise AssertionError(f"there is no component {key}")


def ask(app: AppTest, text: str, **telemetry: float) -> AppTest:
    app.text_area(key="tickets_text").set_value(text)
    for name, value in telemetry.items():
        app.number_input(key=f"tickets_in_{name}").set_value(value)
    app.button(key="tickets_classify").click().run()
    assert not app.exception
    return app


def view(app: AppTest, name: str) -> AppTest:
    app.segmented_control(key="tickets_view").set_value(name).run()
    assert not app.exception
    return app


def upload(app: AppTest, data: bytes, name: str = "tickets.csv") -> AppTest:
    view(app, "A file")
    app.file_uploader(key="tickets_upload").set_value((name, data, "text/csv")).run()
    app.button(key="tickets_file_classify").click().run()
    assert not app.exception
    return app


def csv_of(texts: list[str]) -> bytes:
    return pd.DataFrame({"ticket_text": texts}).to_csv(index=False).encode()
