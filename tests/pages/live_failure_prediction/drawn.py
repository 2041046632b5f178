"""What a person at the screen would find on the live page."""

import json
from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest

from core import quantities


def line(app: AppTest) -> str:
    return app.header[0].value


def state(app: AppTest) -> tuple[str, str]:
    """Return the large words and their colour."""
    large = charts(app)["live_bar"]["figure"]["layout"]["annotations"][0]
    return large["text"], large["font"]["color"]


def said(app: AppTest) -> str:
    elements = (
        element for kind in ("markdown", "caption", "text") for element in app.main.get(kind)
    )
    tiles = dict(_components(app))["live_tiles"]["tiles"]
    return "\n".join([*(one.value for one in elements), *(tile["beside"] for tile in tiles)])


def age(app: AppTest) -> tuple[str, bool]:
    """Return the line of the data's age, and whether it is a warning, as the browser begins."""
    data = dict(_components(app))["live_age"]
    is_stale = data["staleAfter"] is not None and data["age"] > data["staleAfter"]
    words = data["stale"] if is_stale else data["fresh"]
    counted = "" if data["age"] is None else quantities.duration(round(data["age"]))
    return words["before"] + counted + words["after"], words["isWarning"]


def tiles(app: AppTest) -> dict[str, str]:
    """Return the value on each tile by its label."""
    return {tile["label"]: tile["value"] for tile in dict(_components(app))["live_tiles"]["tiles"]}


def tile(app: AppTest, label: str) -> dict[str, str]:
    """Return all that one tile shows."""
    known = dict(_components(app))["live_tiles"]["tiles"]
    return next(tile for tile in known if tile["label"] == label)


def charts(app: AppTest) -> dict[str, dict[str, Any]]:
    """Return each live chart by its key: {"figure": ..., "alt": ...}."""
    return {
        key: {"figure": json.loads(data["figure"]), "alt": data["alt"]}
        for key, data in _components(app)
        if "figure" in data
    }


def is_disabled(app: AppTest, key: str) -> bool:
    return app.button(key=key).disabled


def _components(app: AppTest) -> Iterator[tuple[str, dict[str, Any]]]:
    for component in app.get("bidi_component"):
        yield component.proto.id.rsplit("-", 1)[-1], json.loads(component.proto.json)
