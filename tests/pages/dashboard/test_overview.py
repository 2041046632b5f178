"""The Dashboard over all and over one VM, on small datasets that were imported for real."""

import base64
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import config
from core import resources
from tests.pages.dashboard.drawn import (
    chart,
    done,
    figures,
    has_chart,
    imported,
    line,
    said,
)
from tests.pages.some_fleet import FULL, HOSTILE, some_fleet

# Which data


def test_page_when_nothing_was_ever_imported_then_it_shows_the_demo_data_as_such(opened):
    app = opened(data=None)
    assert app.title[0].value == "Dashboard"
    assert figures(app)["Rows"] == "20,000"
    assert ":orange[▲ Demo data]" in said(app)
    (link,) = app.get("page_link")
    assert link.proto.label == "Bring your own"
    assert resources.dataset().version == "v0001"
    app.run()
    assert resources.dataset().version == "v0001"


def test_page_when_there_are_no_data_at_all_then_it_says_what_to_do(
    opened, monkeypatch, own_folders
):
    monkeypatch.setattr(config, "ROOT", own_folders)
    app = opened(data=None)
    assert line(app) == "No fleet data yet."
    assert "`python -m core dataset import FILE`" in said(app)
    assert not app.metric


def test_page_when_ones_own_data_are_stored_then_nothing_is_called_demo(opened):
    assert "Demo" not in said(opened())


@pytest.mark.parametrize("n_rows", [1, 20])
def test_page_when_there_are_few_rows_then_all_charts_are_drawn(opened, tmp_path, n_rows):
    app = opened(imported(some_fleet().head(n_rows), tmp_path / "few"))
    assert figures(app)["Rows"] == str(n_rows)
    for key in ("dash_cpu", "dash_tasks", "dash_load", "dash_split"):
        assert chart(app, key)["alt"]


def test_page_when_columns_are_missing_then_each_chart_says_which(opened, tmp_path):
    frame = some_fleet()[["vm_id", "timestamp", "memory_usage"]].head(20)
    app = opened(imported(frame, tmp_path / "narrow"))
    assert "The file has no column cpu_usage." in said(app)
    assert "The file has no column task_type." in said(app)
    assert "The file has no column anomaly_status." in said(app)
    assert figures(app)["Anomaly rate"] == "–"
    assert not has_chart(app, "dash_cpu")


def test_page_when_the_dataset_holds_tickets_only_then_it_says_so(opened, tmp_path):
    tickets = pd.DataFrame({"ticket_text": ["it is slow"] * 3, "ticket_category": ["A", "B", "A"]})
    app = opened(imported(tickets, tmp_path / "tickets"))
    assert figures(app)["Rows"] == "3"
    assert figures(app)["Time window"] == "–"
    assert "The file has no column" in said(app)


# Overview


def test_overview_when_drawn_then_figures_and_charts_are_of_all_rows(opened):
    app = opened()
    shown = figures(app)
    assert shown["Rows"] == "1,512"
    assert shown["VMs"] == "3"
    assert shown["Anomaly rate"] == "2.5 %"
    assert shown["Time window"] == "21 days"
    assert shown["Best ticket model"] == "–"
    assert "none is trained" in said(app)
    assert chart(app, "dash_tasks")["alt"] == "Rows by task type: web 1,008; batch 504."
    assert chart(app, "dash_split")["alt"] == (
        "Rows by anomaly status: normal 1,474 (97 %); anomaly 38 (2.5 %)."
    )
    assert "anomaly: mean" in chart(app, "dash_cpu")["alt"]


def test_overview_when_drawn_then_no_chart_has_more_than_10000_points(opened):
    app = opened()
    for key in ("dash_cpu", "dash_tasks", "dash_load", "dash_split"):
        traces = json.loads(chart(app, key)["figure"])["data"]
        assert 0 < sum(_n_points(trace) for trace in traces) <= 10_000


def _n_points(trace: dict[str, Any]) -> int:
    values = trace.get("z", trace["x"])
    if isinstance(values, list):
        return len(values)
    return len(base64.b64decode(values["bdata"])) // np.dtype(values["dtype"]).itemsize


def test_filters_when_in_the_address_then_figures_and_charts_follow(opened):
    app = opened(vm=FULL, task="batch", priority="high", status="completed", time="Last 7 days")
    shown = int(figures(app)["Rows"])
    frame = some_fleet()
    last = frame["timestamp"].max()
    wanted = frame[
        (frame["vm_id"] == FULL)
        & (frame["task_type"] == "batch")
        & (frame["task_priority"] == "high")
        & (frame["task_status"] == "completed")
        & (frame["timestamp"] >= last - pd.Timedelta(days=7))
    ]
    assert shown == len(wanted)
    assert chart(app, "dash_tasks")["alt"] == f"Rows by task type: batch {len(wanted)}."


def test_filters_when_chosen_then_the_view_follows_and_clearing_brings_all_back(opened):
    app = opened()
    app.sidebar.multiselect(key="vm").set_value([FULL]).run()
    assert figures(app)["Rows"] == "504"
    app.sidebar.selectbox(key="time").set_value("Last 24 hours").run()
    assert figures(app)["Rows"] == "25"
    app.sidebar.button(key="clear").click().run()
    assert figures(app)["Rows"] == "1,512"


def test_filters_when_two_exclude_each_other_then_each_chart_says_why_it_is_empty(opened):
    app = opened(status="failed", task="batch", time="Last hour")
    assert figures(app)["Rows"] == "0"
    assert said(app).count("No row matches the filters (time, task type and status)") == 4


def test_address_when_it_names_what_does_not_exist_then_all_is_shown(opened):
    app = opened(vm="no such machine", time="never", section="Nowhere")
    assert figures(app)["Rows"] == "1,512"


def test_names_when_they_are_hostile_then_they_are_drawn_as_the_characters_that_they_are(opened):
    app = opened(vm=HOSTILE)
    assert figures(app)["Rows"] == "504"
    assert "![x](http" not in "".join(element.value for element in app.main.markdown)
    assert "<b>" not in chart(app, "dash_load")["figure"]


# One VM


def test_vm_when_picked_alone_then_its_series_events_tickets_and_forecast_are_shown(opened):
    app = done(opened(vm=FULL), resources.capacity())
    assert [element.value.replace("\\", "") for element in app.header][1] == FULL
    assert chart(app, "dash_vm_memory_usage")["alt"].startswith(f"Memory of {FULL} over time: ")
    kinds = app.dataframe[0].value
    assert set(kinds["What"]) == {"anomaly"}
    assert app.dataframe[1].value["Category"].eq("Power").all()
    ahead = chart(app, "dash_vm_ahead_memory_usage")["alt"]
    assert ahead.startswith(f"Memory of {FULL}: 70 % now")
    assert "The warning limit: " in ahead


def test_vm_when_nothing_happened_to_it_then_that_is_said(opened, tmp_path):
    frame = some_fleet(n_hours=7).drop(columns=["ticket_text", "ticket_category"])
    frame["anomaly_status"] = 0
    app = opened(imported(frame, tmp_path / "calm"), vm=FULL)
    assert "No row of it is marked as an anomaly, and no task failed." in said(app)
    assert "No ticket of this VM is in the dataset." in said(app)
    app = done(app, resources.capacity())
    assert "not enough history: 7 of the 8 points needed" in said(app)
