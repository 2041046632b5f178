"""Anomalies on the Dashboard: found, explained, drafted from and exported."""

import csv
import json
import re

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from core import resources
from core.dataset.overview import Filters
from pages.ui import anomaly_table
from tests.pages.dashboard.drawn import (
    chart,
    done,
    figures,
    has_chart,
    imported,
    said,
    table,
)
from tests.pages.some_fleet import FULL, HOSTILE, some_fleet


def anomalies(app: AppTest, filters: Filters | None = None) -> AppTest:
    return done(app, resources.anomalies(filters or Filters()))


def test_anomalies_while_they_are_looked_for_then_progress_shows_and_can_be_cancelled(opened):
    app = opened(section="Anomalies")
    assert figures(app)["Rows"] == "1,512"
    app.button(key="dash_find_cancel").click().run()
    assert "This was cancelled." in said(app)
    app.button(key="dash_find_again").click().run()
    app = anomalies(app)
    assert len(table(app)) == 38


def test_anomalies_when_found_then_each_has_its_probability_and_the_columns_at_fault(opened):
    app = anomalies(opened(section="Anomalies"))
    rows = table(app)
    assert rows["How unusual"].str.fullmatch(r"(over )?\d+ % probable").all()
    assert rows["Why"].str.contains(r"Power [\d,]+, usual \d+-\d+ for this VM").all()
    assert pd.to_datetime(rows["When"]).is_monotonic_decreasing
    assert "38 of 1,512 rows are anomalies, newest first." in said(app)
    assert re.search(r"Average precision \S+ \(\S+\); baseline \S+ .*; chance 0.0\d", said(app))
    cause = chart(app, "dash_cause_0")
    assert cause["alt"].startswith("Power of ")
    assert json.loads(cause["figure"])["layout"]["shapes"][0]["type"] == "rect"


def test_anomalies_when_a_vm_is_filtered_then_only_its_own_are_listed(opened):
    filters = Filters(vms=(FULL,))
    app = anomalies(opened(section="Anomalies", vm=FULL), filters)
    assert set(table(app)["VM"]) == {FULL}


def test_anomaly_when_opened_then_a_ticket_can_be_drafted_from_it(opened):
    app = anomalies(opened(section="Anomalies"))
    app.selectbox(key="anomaly").set_value(app.selectbox(key="anomaly").options[-1]).run()
    last = table(app).iloc[-1]
    heads = [element.value.replace("\\", "") for element in app.subheader]
    assert f"{last['VM']}, {last['When']}" in heads
    app.button(key="dash_draft").click().run()
    draft = app.session_state["ticket_draft"]
    assert draft["host"] == last["VM"]
    assert last["Why"] in draft["text"]
    assert draft["metrics"] == {}
    assert draft["columns"]["power_consumption"] > 500
    assert draft["columns"]["task_status"] == "failed"


def test_anomalies_when_the_data_carry_no_signal_then_the_page_says_so_and_concludes_nothing(
    opened, tmp_path
):
    frame = some_fleet()
    random = np.random.default_rng(1)
    for name in ("cpu_usage", "memory_usage", "power_consumption"):
        frame[name] = random.uniform(0, 100, len(frame)).round(3)
    frame["anomaly_status"] = (random.random(len(frame)) < 0.1).astype(int)
    for name in ("task_type", "task_priority", "task_status"):
        frame[name] = random.choice(["a", "b"], len(frame))
    app = anomalies(opened(imported(frame, tmp_path / "noise"), section="Anomalies"))
    assert ":orange[▲ Not judged]" in said(app)
    assert "What follows are the rows that are marked" in said(app)
    assert "How unusual" not in table(app).columns
    assert table(app)["Why"].str.startswith("Marked as an anomaly in the data").all()
    assert not has_chart(app, "dash_cause_0")


def test_anomalies_when_there_are_too_few_rows_then_one_sentence_says_so_and_nothing_follows(
    opened, tmp_path
):
    frame = some_fleet(30).drop(columns="anomaly_status")
    app = anomalies(opened(imported(frame, tmp_path / "few"), section="Anomalies"))
    assert said(app).count("90 are there") == 1
    assert "What follows" not in said(app)


def test_anomalies_when_exported_then_no_name_is_taken_for_a_formula(opened, tmp_path):
    frame = some_fleet().replace({"vm_id": {FULL: "=1+1"}})
    app = anomalies(opened(imported(frame, tmp_path / "formula"), section="Anomalies"))
    found = resources.anomalies(Filters()).status().result
    assert found is not None
    lines = list(csv.reader(anomaly_table.as_csv(found.anomalies.rows).decode().splitlines()))
    assert len(lines) == 1 + len(table(app))
    assert {line[1] for line in lines[1:]} == {"'=1+1", "vm-calm", HOSTILE}
