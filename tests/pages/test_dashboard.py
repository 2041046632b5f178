"""The Dashboard in each of its states, on small datasets that were imported for real."""

import base64
import csv
import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import config
from core import resources
from core.background import Work
from core.dataset import import_file
from core.dataset.overview import Filters
from core.metrics import Reading, Sample
from pages.ui import anomaly_table
from tests.pages.some_fleet import FULL, HOSTILE, some_fleet

MAIN = str(config.ROOT / "pages" / "main.py")
PATIENCE_S = 120.0

Open = Callable[..., AppTest]


def imported(frame: pd.DataFrame, folder: Path) -> Path:
    import_file(frame.to_csv(index=False).encode(), folder)
    return folder


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return imported(some_fleet(), tmp_path_factory.mktemp("fleet"))


@pytest.fixture
def opened(fleet: Path, own_folders: Path) -> Open:
    """Return what opens the page on the small fleet, at an address with the given parameters."""

    def run(data: Path | None = fleet, **address: str | list[str]) -> AppTest:
        if data is not None:
            shutil.copytree(data, own_folders / "data", dirs_exist_ok=True)
        app = AppTest.from_file(MAIN, default_timeout=60)
        app.switch_page("dashboard.py")
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return run


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


# Which data


def test_page_when_nothing_was_ever_imported_then_it_shows_the_demo_data_as_such(opened):
    app = opened(data=None)
    assert app.title[0].value == "Dashboard"
    assert figures(app)["Rows"] == "20,000"
    assert ":orange[▲ Demo data]" in said(app)
    assert "`python -m core dataset import FILE`" in said(app)
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


# Capacity


def table(app: AppTest) -> pd.DataFrame:
    return app.dataframe[0].value


def test_page_when_forecasts_are_made_then_the_rest_is_drawn_at_once_and_the_line_follows(opened):
    app = opened()
    assert has_chart(app, "dash_cpu")
    app = done(app, resources.capacity())
    assert line(app).startswith(f"3 VMs, 1 needs attention, next limit: memory of {FULL} in ")
    assert figures(app)["Next capacity limit"].endswith(("days", "h"))
    assert "Time ahead counts from 23 Mar 2025" in said(app)


def test_capacity_while_forecasts_are_made_then_progress_shows_and_can_be_cancelled(opened):
    app = opened(section="Capacity")
    if resources.capacity().status().state == "running":  # it may have been very quick
        app.button(key="dash_fleet_cancel").click().run()
        assert resources.capacity().status().state == "cancelled"
        assert "This was cancelled." in said(app)
        app.button(key="dash_fleet_again").click().run()
    done(app, resources.capacity())
    assert table(app)["Resource"].str.contains(FULL).any()


def test_capacity_when_known_then_the_most_urgent_row_is_on_top_and_open(opened):
    app = done(opened(section="Capacity"), resources.capacity())
    first = table(app).iloc[0]
    assert (first["Resource"], first["Metric"]) == (FULL, "Memory")
    assert first["Trend"].startswith("↗ 2.5")
    assert "likely" in first["Warning limit"]
    assert "limit expected within the horizon" in first["Answer"]
    assert re.fullmatch(r"\d+\.\d\d \(\d+\.\d\d\)", first["Error"])
    assert chart(app, "dash_ahead")["alt"].startswith(f"Memory of {FULL}: 70 % now; on ")
    assert "Tested at " in said(app)
    resources_listed = set(table(app)["Resource"])
    assert {"The fleet", FULL, "vm-calm", HOSTILE} <= resources_listed
    power = table(app)[table(app)["Metric"] == "Power"]
    assert set(power["Answer"]) == {"no limit is set"}


def test_capacity_when_tasks_are_filtered_then_the_page_says_that_forecasts_take_no_notice(opened):
    app = done(opened(section="Capacity", task=["web"]), resources.capacity())
    assert "Of the filters only the VM counts here" in said(app)
    app = done(opened(section="Capacity"), resources.capacity())
    assert "Of the filters only the VM counts here" not in said(app)


def test_capacity_when_a_row_is_named_in_the_address_then_it_is_open(opened):
    app = opened(section="Capacity", row="CPU of the fleet")
    # What is known first must not let the address forget the row.
    done(app, resources.host_capacity())
    app = done(app, resources.capacity())
    ahead = chart(app, "dash_ahead")
    assert ahead["alt"].startswith("CPU of the fleet: ")
    assert "Seasonality: daily" in said(app)
    names = [trace.get("name") for trace in json.loads(ahead["figure"])["data"]]
    assert {"50 % band", "80 % band", "95 % band", "expected", "measured"} <= set(names)


def test_capacity_when_the_load_grows_then_the_dates_come_closer_and_hosts_help_the_fleet(opened):
    app = done(opened(section="Capacity"), resources.capacity())
    app.slider(key="growth").set_value(1.2).run()
    assert table(app).iloc[0]["Warning limit"] == "reached"
    app.slider(key="growth").set_value(1.0).run()
    fleet_cpu = (table(app)["Resource"] == "The fleet") & (table(app)["Metric"] == "CPU")
    before = table(app)[fleet_cpu]["Now"].iloc[0]
    app.number_input(key="hosts").set_value(3).run()
    fleet_cpu = (table(app)["Resource"] == "The fleet") & (table(app)["Metric"] == "CPU")
    after = table(app)[fleet_cpu]["Now"].iloc[0]
    assert float(after.rstrip(" %")) == pytest.approx(float(before.rstrip(" %")) / 2, abs=1)


def test_capacity_when_another_limit_is_tried_then_it_holds_until_it_is_taken_back(opened):
    app = done(opened(section="Capacity"), resources.capacity())
    place = f"{FULL} memory_usage"
    app.number_input(key=f"dash_warning {place}").set_value(60.0)
    app.button(key=f"dash_set_limits {place}").click().run()
    assert table(app).iloc[0]["Warning limit"] == "reached"
    app.button(key=f"dash_usual {place}").click().run()
    assert "likely" in table(app).iloc[0]["Warning limit"]
    app.text_input(key=f"dash_excluded {place}").set_value("a cache fills itself")
    app.button(key=f"dash_set_limits {place}").click().run()
    assert "excluded: a cache fills itself" in set(table(app)["Answer"])


def test_capacity_when_limits_are_set_from_outside_then_they_hold(opened, monkeypatch):
    monkeypatch.setenv("MEMORY_LIMITS", "50,99")
    monkeypatch.setenv("CPU_LIMITS", "none: these machines are meant to be busy")
    app = done(opened(section="Capacity"), resources.capacity())
    assert table(app).iloc[0]["Warning limit"] == "reached"
    cpu = table(app)[table(app)["Metric"] == "CPU"]["Answer"]
    assert "excluded: these machines are meant to be busy" in set(cpu)


def test_capacity_when_histories_are_short_then_that_is_the_answer(opened, tmp_path):
    frame = some_fleet(n_hours=5)
    app = opened(imported(frame, tmp_path / "short"), section="Capacity")
    app = done(app, resources.capacity())
    assert table(app)["Answer"].str.contains("not enough history").all()


def test_capacity_when_this_host_was_watched_then_it_stands_among_the_resources(opened):
    at = datetime.now(UTC)
    for minute in range(60):
        resources.store().add_sample(sample(at - timedelta(minutes=minute)))
    app = done(opened(section="Capacity"), resources.capacity())
    app = done(app, resources.host_capacity())
    own = table(app)[table(app)["Resource"] == resources.settings().host_name]
    assert set(own["Metric"]) == {"CPU", "Memory", "Disk"}


def sample(at: datetime) -> Sample:
    host = resources.settings().host_name
    values = {"cpu_percent": 20.0, "memory_percent": 60.0, "disk_percent": 50.0}
    readings = tuple(Reading(metric=name, value=value) for name, value in values.items())
    return Sample(host=host, at=at, readings=readings)


# Anomalies


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
    assert ":orange[▲ No signal]" in said(app)
    assert "How unusual" not in table(app).columns
    assert table(app)["Why"].str.startswith("Marked as an anomaly in the data").all()
    assert not has_chart(app, "dash_cause_0")


def test_anomalies_when_exported_then_no_name_is_taken_for_a_formula(opened, tmp_path):
    frame = some_fleet().replace({"vm_id": {FULL: "=1+1"}})
    app = anomalies(opened(imported(frame, tmp_path / "formula"), section="Anomalies"))
    found = resources.anomalies(Filters()).status().result
    assert found is not None
    lines = list(csv.reader(anomaly_table.as_csv(found.anomalies.rows).decode().splitlines()))
    assert len(lines) == 1 + len(table(app))
    assert {line[1] for line in lines[1:]} == {"'=1+1", "vm-calm", HOSTILE}


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
    assert "too few measurements" in said(app)
