"""Tiles, charts and past alarms of the live page."""

import dataclasses
from datetime import datetime

import numpy as np
import pytest

from core.metrics import MetricSpec, Reading
from core.telemetry import registry
from core.telemetry.metric import Metric, Sources
from tests.pages import fakes
from tests.pages.live_failure_prediction.drawn import charts, said, tile, tiles


def test_tiles_when_all_is_there_then_ten_values_stand_with_unit_and_how_usual_they_are(meet):
    app = meet(fakes.scene("healthy"))
    assert tiles(app) == {
        "CPU": tiles(app)["CPU"],
        "Memory": "61 %",
        "Disk": "48 %",
        "Temperature": "–",
        "Network errors": "0 per s",
        "Response time": "12 ms",
        "Network traffic": tiles(app)["Network traffic"],
        "Uptime": "12 days",
        "Processes": "312",
        "Threads": "1,280",
    }
    assert tiles(app)["CPU"].endswith(" %")
    assert tiles(app)["Network traffic"].endswith(" MB/s")
    assert "higher than 97 % of the last day" in said(app)
    assert fakes.GAP in said(app)
    courses = {label: tile(app, label)["course"] for label in tiles(app)}
    assert [label for label, course in courses.items() if not course] == ["Temperature"]
    assert tile(app, "Memory")["alt"] == "Memory of the last 60 samples, from 61 % to 61 %"
    assert tile(app, "Memory")["help"].endswith(": 61 %")


def test_tiles_when_a_value_was_not_measured_then_the_course_has_a_gap(meet):
    scene = fakes.scene("healthy")
    memory = [reading.metric for reading in scene.sampler.given[-1]].index("memory_percent")
    readings = list(scene.sampler.given[-30].readings)
    readings[memory] = Reading(metric="memory_percent", value=None, gap="not measured")
    scene.sampler.given[-30] = dataclasses.replace(
        scene.sampler.given[-30], readings=tuple(readings)
    )
    course = tile(meet(scene), "Memory")["course"]
    assert (course.count("M"), course.count("L")) == (2, 57)


def test_tiles_when_the_past_is_short_then_its_length_is_said(meet):
    scene = fakes.scene("healthy")
    scene.watch.answer = dataclasses.replace(scene.watch.answer, past_s=2400.0)
    assert "higher than 97 % of the last 40 min" in said(meet(scene))


def test_tiles_when_a_metric_is_added_then_it_has_a_tile_of_its_own(meet, monkeypatch):
    class SwapPercent(Metric):
        spec = MetricSpec(name="swap_percent", label="Swap", unit="%", meaning="used share of swap")

        def read(self, sources: Sources, now: float) -> float:
            return 7.0

    monkeypatch.setitem(registry.LIVE_METRICS.classes(), "swap_percent", SwapPercent)
    scene = fakes.scene("healthy")
    scene.sampler.given = [
        dataclasses.replace(
            one, readings=(*one.readings, Reading(metric="swap_percent", value=7.25))
        )
        for one in scene.sampler.given
    ]
    app = meet(scene)
    assert len(tiles(app)) == 11
    assert tiles(app)["Swap"] == "7.2 %"


def test_history_when_drawn_then_axis_thresholds_alarms_and_window_are_marked(meet):
    past = (fakes.alarm(started_ago_s=60, lasted_s=None), fakes.alarm(started_ago_s=400))
    app = meet(fakes.scene("failing", past=past))
    layout = charts(app)["live_history"]["figure"]["layout"]
    assert layout["yaxis"]["range"] == [0, 1]
    words = [annotation["text"] for annotation in layout["annotations"]]
    assert words == [
        "■ alarm",
        "■ alarm",
        "scored window",
        "dashed: all clear below 40 %, alarm from 60 %",
    ]
    assert [shape["y0"] for shape in layout["shapes"] if shape["type"] == "line"] == [0.6, 0.4]


def test_history_when_an_alarm_lies_before_it_then_it_is_in_the_table_only(meet):
    app = meet(fakes.scene("healthy", past=(fakes.alarm(started_ago_s=90_000),)))
    layout = charts(app)["live_history"]["figure"]["layout"]
    assert "■ alarm" not in [annotation["text"] for annotation in layout["annotations"]]
    assert len(app.dataframe[0].value) == 1


def test_history_when_steps_are_missing_then_the_line_breaks(meet):
    scene = fakes.scene("healthy")
    risk = scene.watch.answer.risk
    scene.watch.answer = dataclasses.replace(scene.watch.answer, risk=risk[:50] + risk[60:])
    trace = charts(meet(scene))["live_history"]["figure"]["data"][0]
    assert trace["y"][50] is None
    assert None not in trace["y"][:50] + trace["y"][51:]


def test_history_when_new_data_comes_then_the_zoom_is_asked_to_stay(meet):
    before = charts(meet(fakes.scene("healthy")))["live_history"]["figure"]["layout"]
    after = charts(meet(fakes.scene("failing", steps=140)))["live_history"]["figure"]["layout"]
    assert before["uirevision"] == after["uirevision"]


def test_contributions_when_drawn_then_they_are_ranked_and_leave_out_what_is_missing(meet):
    ranked = charts(meet(fakes.scene("failing")))["live_ranked"]
    trace = ranked["figure"]["data"][0]
    assert trace["x"] == sorted(trace["x"])
    assert trace["y"][-1] == "Memory"
    assert "Temperature" not in trace["y"]
    assert ranked["alt"].startswith("Contribution of each metric in log-odds: Memory +4.5, ")


def test_heatmap_when_drawn_then_steps_are_told_from_now_and_gaps_are_gaps(meet):
    figure = charts(meet(fakes.scene("failing")))["live_heatmap"]["figure"]
    trace, axis = figure["data"][0], figure["layout"]["xaxis"]
    assert axis["ticktext"] == ["-40 s", "-30 s", "-20 s", "-10 s", "now"]
    assert [trace["text"][0][column] for column in axis["tickvals"]] == axis["ticktext"]
    assert trace["text"][0][0] == "-45 s"
    temperature = trace["y"].index("Temperature –")
    assert trace["z"][temperature] == [None] * 10
    assert trace["customdata"][temperature] == ["not measured"] * 10
    memory = trace["y"].index("Memory")
    assert trace["customdata"][memory][-1].startswith("91 % (+")


def test_window_when_a_pause_lies_within_it_then_history_and_heatmap_have_the_times_of_its_steps(
    meet,
):
    scene = fakes.scene("failing")
    forecast = dataclasses.replace(
        scene.watch.answer.forecast,
        ago_s=np.array([145, 140, 135, 130, 125, 20, 15, 10, 5, 0.0]),
    )
    scene.watch.answer = dataclasses.replace(scene.watch.answer, forecast=forecast)
    drawn = charts(meet(scene))
    [span] = [
        shape
        for shape in drawn["live_history"]["figure"]["layout"]["shapes"]
        if shape["type"] == "rect"
    ]
    start, end = (datetime.fromisoformat(span[side]) for side in ("x0", "x1"))
    assert (end - start).total_seconds() == pytest.approx(145, abs=0.01)
    heatmap = drawn["live_heatmap"]["figure"]["data"][0]
    assert heatmap["text"][0] == [
        *["-2 min"] * 5,
        *["-20 s", "-15 s", "-10 s", "-5 s", "now"],
    ]
    assert len(set(heatmap["x"])) == 10  # one column each, whatever the words


def test_alarms_when_there_were_none_then_it_is_said_in_words(meet):
    app = meet(fakes.scene("healthy"))
    assert "No alarm so far." in said(app)
    assert not app.dataframe


def test_alarms_when_listed_then_start_duration_peak_cause_and_reason_stand(meet):
    past = (fakes.alarm(started_ago_s=600, lasted_s=None), fakes.alarm(started_ago_s=4000))
    table = meet(fakes.scene("failing", past=past)).dataframe[0].value
    assert list(table.columns) == ["Start", "Duration", "Peak", "Cause", "Reason"]
    assert list(table["Duration"]) == ["10 min, not over", "2 min"]
    assert set(table["Peak"]) == {"87 %"}
    assert set(table["Cause"]) == {"Memory"}
    assert set(table["Reason"]) == {"Memory 88 %, up 2.1 points a minute."}


def test_alarms_when_a_cause_was_not_found_then_it_is_said(meet):
    past = dataclasses.replace(fakes.alarm(started_ago_s=60), cause="", reason="memory 88 %.")
    table = meet(fakes.scene("failing", past=(past,))).dataframe[0].value
    assert list(table["Cause"]) == ["not known"]
    assert list(table["Reason"]) == ["Memory 88 %."]
