"""Capacity on the Dashboard: which limit is reached when, and what-if."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import resources
from core.metrics import Reading, Sample
from tests.pages.dashboard.drawn import (
    chart,
    done,
    figures,
    has_chart,
    imported,
    line,
    said,
    table,
)
from tests.pages.some_fleet import FULL, HOSTILE, some_fleet


def test_page_when_forecasts_are_made_then_the_rest_is_drawn_at_once_and_the_line_follows(
    opened, tmp_path
):
    app = opened(imported(some_fleet(), tmp_path / "new"))
    assert has_chart(app, "dash_cpu")
    app = done(app, resources.capacity())
    assert line(app).startswith(f"3 VMs, 1 needs attention, next limit: memory of {FULL} in ")
    assert figures(app)["Next capacity limit"].endswith(("days", "h"))
    assert re.search("Time ahead counts from 2[34] Mar 2025", said(app))  # where the zone says so


def test_capacity_while_forecasts_are_made_then_progress_shows_and_can_be_cancelled(
    opened, tmp_path
):
    app = opened(imported(some_fleet(), tmp_path / "new"), section="Capacity")
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
    assert "a forecast looks at all of a VM's past" in said(app)
    app = done(opened(section="Capacity"), resources.capacity())
    assert "a forecast looks at all of a VM's past" not in said(app)


def test_page_when_rows_are_filtered_then_line_card_and_table_are_of_the_vms_among_them(
    opened, tmp_path
):
    frame = some_fleet(n_hours=5)
    of_batch = frame["vm_id"] != "vm-calm"
    frame["task_type"] = of_batch.map({True: "batch", False: "web"})
    frame["cpu_usage"] = of_batch.map({True: 99.0, False: 30.0})
    data = imported(frame, tmp_path / "tasks")
    app = done(opened(data, task="web", section="Capacity"), resources.capacity())
    assert line(app) == "1 VM, none needs attention; none forecast: not enough history."
    listed = set(table(app)["Resource"])
    assert "vm-calm" in listed
    assert not listed & {FULL, HOSTILE}
    app = done(opened(data, task="batch"), resources.capacity())
    assert line(app) == "2 VMs, 2 need attention; none forecast: not enough history."
    app = done(opened(data), resources.capacity())
    assert line(app) == "3 VMs, 2 need attention; none forecast: not enough history."


def test_page_when_vms_are_chosen_then_line_and_card_say_nothing_of_the_fleets_limits(
    opened, monkeypatch
):
    monkeypatch.setenv("POWER_LIMITS", "680,700")
    app = done(opened(), resources.capacity())
    assert "of the fleet" in line(app)
    app = done(opened(vm="vm-calm"), resources.capacity())
    assert line(app) == "1 VM, none needs attention, no limit ahead within 30 days."


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


def shown_columns(app: AppTest) -> dict[str, dict[str, Any]]:
    """Return how the table's columns are set up, by name."""
    found: dict[str, dict[str, Any]] = json.loads(app.dataframe[0].proto.columns)
    return found


def test_capacity_when_the_load_grows_then_the_dates_come_closer_and_hosts_help_the_fleet(opened):
    app = done(opened(section="Capacity"), resources.capacity())
    assert "Nothing is assumed: levels are as measured." in said(app)
    app.slider(key="growth").set_value(1.2).run()
    assert table(app).iloc[0]["Warning limit"] == "reached"
    # What was never measured is not called "Now".
    assert "What if" in shown_columns(app)["Now"]["label"]
    assert "What if]: 1.20 × the load. What has a forecast" in said(app)
    app.slider(key="growth").set_value(1.0).run()
    assert shown_columns(app)["Now"]["label"] == "Now"
    fleet_cpu = (table(app)["Resource"] == "The fleet") & (table(app)["Metric"] == "CPU")
    before = table(app)[fleet_cpu]["Now"].iloc[0]
    app.number_input(key="hosts").set_value(3).run()
    assert "What if]: 3 extra hosts. What has a forecast" in said(app)
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


def test_page_when_nothing_can_be_forecast_then_full_vms_need_attention_all_the_same(
    opened, tmp_path
):
    frame = some_fleet(n_hours=5)
    frame["cpu_usage"] = 99.0
    app = done(opened(imported(frame, tmp_path / "full"), section="Capacity"), resources.capacity())
    assert line(app) == "3 VMs, 3 need attention; none forecast: not enough history."
    assert "no forecast" in said(app)
    first = table(app).iloc[0]
    assert (first["Metric"], first["Now"], first["Hard limit"]) == ("CPU", "99 %", "reached")
    assert "No forecast: not enough history" in said(app)


@pytest.mark.parametrize("resource", ["vm-calm", "the fleet"])
def test_capacity_when_a_metric_is_a_counter_then_past_and_future_are_its_rate(
    opened, tmp_path, resource
):
    frame = some_fleet()
    hour = frame.groupby("vm_id").cumcount()
    # 500 a second, and a new start after 200 hours.
    frame["network_traffic"] = np.where(hour < 200, hour + 1, hour - 199) * 500.0 * 3600
    app = opened(
        imported(frame, tmp_path / "counters"),
        section="Capacity",
        row=f"Network traffic of {resource}",
    )
    ahead = chart(done(app, resources.capacity()), "dash_ahead")
    drawn = json.loads(ahead["figure"])
    of_name = {trace.get("name"): trace for trace in drawn["data"]}
    rate = 1500 if resource == "the fleet" else 500
    for name in ("measured", "expected"):
        assert of_name[name]["y"] == pytest.approx([rate] * len(of_name[name]["y"]), rel=0.2), name
    assert drawn["layout"]["yaxis"]["title"]["text"] == "unit of the file/s"
    assert f"{rate:,} /s now" in ahead["alt"]
    rows = table(app)[table(app)["Metric"] == "Network traffic"]
    assert rows["Now"].str.endswith("/s").all()


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
