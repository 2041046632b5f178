"""The live page in each of its states, as a person at the screen would find it."""

import dataclasses
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import config
from core import resources
from core.errors import ArtifactNotFoundError
from core.metrics import METRICS, MetricSpec, Reading
from core.telemetry import registry
from core.telemetry.metric import Metric, Sources
from pages.ui.errors import as_text
from tests.pages import fakes

MAIN = str(config.ROOT / "pages" / "main.py")
TRAIN = "There is no failure model in models/failure. Run: python -m core failure train"

Meet = Callable[[fakes.Scene], AppTest]


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch) -> Meet:
    """Return what opens the live page on the host of a scene."""

    def model(scene: fakes.Scene) -> fakes.FakeFailureModel:
        if isinstance(scene.model, Exception):
            raise scene.model
        return scene.model

    def opened(scene: fakes.Scene) -> AppTest:
        monkeypatch.setattr(resources, "sampler", lambda: scene.sampler)
        monkeypatch.setattr(resources, "watch", lambda: scene.watch)
        monkeypatch.setattr(resources, "failure_model", lambda: model(scene))
        app = AppTest.from_file(MAIN, default_timeout=30)
        app.switch_page("live_failure_prediction.py").run()
        assert not app.exception
        return app

    return opened


def line(app: AppTest) -> str:
    return app.header[0].value


def state(app: AppTest) -> tuple[str, str]:
    """Return the large words and their colour."""
    large = charts(app)["live_bar"]["figure"]["layout"]["annotations"][0]
    return large["text"], large["font"]["color"]


def said(app: AppTest) -> str:
    return "\n".join(
        element.value for kind in ("markdown", "caption", "text") for element in app.main.get(kind)
    )


def tiles(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric[2:]}


def charts(app: AppTest) -> dict[str, dict[str, Any]]:
    """Return each live chart by its key: {"figure": ..., "alt": ...}."""
    found = {}
    for component in app.get("bidi_component"):
        data = json.loads(component.proto.json)
        found[component.proto.id.rsplit("-", 1)[-1]] = {
            "figure": json.loads(data["figure"]),
            "alt": data["alt"],
        }
    return found


def is_disabled(app: AppTest, key: str) -> bool:
    return app.button(key=key).disabled


def test_page_when_host_is_healthy_then_words_number_bar_and_reason_agree(meet):
    app = meet(fakes.scene("healthy"))
    assert app.title[0].value == "Live Failure Prediction"
    assert line(app) == "This host is healthy. Highest risk in the last 9 min: 3 %."
    assert state(app) == ("● healthy  3 %", "var(--st-green-color)")
    assert "Probability of failure within 50 s" in said(app)
    assert "The model is calm" in said(app)
    assert [metric.value for metric in app.metric[:2]] == ["no limit near", "11 min"]
    bar = charts(app)["live_bar"]
    assert bar["alt"] == (
        "● healthy  3 % probability of failure; all clear below 40 %, alarm from 60 %"
    )
    assert [shape["x0"] for shape in bar["figure"]["layout"]["shapes"]] == [0.4, 0.6]


def test_page_when_host_is_failing_then_cause_time_left_and_lead_time_are_said(meet):
    app = meet(fakes.scene("failing"))
    assert line(app) == "This host is likely to fail within 50 s: memory."
    assert state(app) == ("■ failing  91 %", "var(--st-red-color)")
    assert "Memory 91 %, up 1.8 points a minute over the last 50 s" in said(app)
    assert [metric.value for metric in app.metric[:2]] == ["4-7 min", "11 min"]
    assert tiles(app)[":red[■ Memory]"] == "91 %"


def test_page_when_host_is_on_watch_then_it_is_amber_and_names_the_metric(meet):
    app = meet(fakes.scene("watch"))
    assert line(app) == "This host is worth watching: memory."
    assert state(app) == ("▲ watch  48 %", "var(--st-orange-color)")
    assert ":orange[▲ Memory]" in tiles(app)


def test_page_when_steps_are_missing_then_it_says_how_many_and_how_long(meet):
    app = meet(fakes.scene("not enough data", steps=7))
    assert line(app) == "Not enough data yet: 7 of 10 steps, ready in about 15 s."
    assert state(app) == ("○ not enough data", "var(--st-gray-color)")
    assert [metric.value for metric in app.metric[:2]] == ["not known", "not measured"]
    assert tiles(app)["Memory"] == "61 %"
    for reason in ("The course of the probability", "The contributions", "The ten steps"):
        assert f"{reason}" in said(app)
    assert is_disabled(app, "live_draft")
    assert is_disabled(app, "live_sequence_taken")


def test_page_when_there_is_no_sample_then_the_tiles_keep_their_place(meet):
    app = meet(fakes.scene("not enough data", steps=0))
    assert line(app) == "Not enough data yet: 0 of 10 steps, ready in about 50 s."
    assert "No sample yet; the first one comes within 5 s." in said(app)
    assert tiles(app) == {spec.label: "–" for spec in METRICS}
    assert said(app).count("no sample yet") == len(METRICS)


def test_page_when_there_is_no_model_then_the_command_is_named_and_tiles_live(meet):
    app = meet(fakes.scene("no model", problem=TRAIN))
    assert line(app) == "No prediction: there is no failure model that can be used."
    assert [warning.value for warning in app.warning] == [
        r"There is no failure model in models\/failure\. Run\: python \-m core failure train"
    ]
    assert tiles(app)["Memory"] == "61 %"
    assert is_disabled(app, "live_draft")
    assert not is_disabled(app, "live_sequence_taken")


def test_page_when_paused_then_it_says_so_and_an_admin_can_resume(meet, admin):
    scene = fakes.scene("healthy", age_s=180, paused=True)
    app = meet(scene)
    assert ":orange[▲ Sampling is paused.] Last sample of web\\-7 3 min ago, at " in said(app)
    assert line(app).startswith("3 min ago this host was healthy.")
    assert app.button(key="live_sampling").label == "Resume"
    app.button(key="live_sampling").click().run()
    assert not scene.sampler.is_paused
    assert app.button(key="live_sampling").label == "Pause"
    app.button(key="live_sampling").click().run()
    assert scene.sampler.is_paused
    assert [entry.action for entry in resources.store().audit(10)] == ["paused", "resumed"]


def test_page_when_a_viewer_looks_then_pausing_says_who_may(meet):
    button = meet(fakes.scene("healthy")).button(key="live_sampling")
    assert button.disabled
    assert button.help == "Sign in as an admin to pause and resume sampling for everyone"


def test_page_when_paused_before_the_first_prediction_then_no_time_is_promised(meet):
    app = meet(fakes.scene("not enough data", steps=7, paused=True))
    assert line(app) == "Not enough data yet: 7 of 10 steps. Resume sampling to go on."


def test_page_when_data_is_stale_then_an_all_clear_is_no_longer_green(meet):
    app = meet(fakes.scene("healthy", age_s=180))
    assert ":orange[▲ No sample for 3 min], though one is due every 5 s." in said(app)
    assert line(app).startswith("3 min ago this host was healthy.")
    assert state(app) == ("○ was healthy  3 %", "var(--st-gray-color)")


def test_page_when_data_is_stale_then_an_alarm_stands(meet):
    app = meet(fakes.scene("failing", age_s=180))
    assert line(app) == "3 min ago this host was likely to fail within 50 s: memory."
    assert state(app) == ("■ failing  91 %", "var(--st-red-color)")


def test_page_when_an_alarm_stands_and_steps_are_missing_then_it_is_not_taken_back(meet):
    scene = fakes.scene("not enough data", steps=4)
    scene.watch.answer = dataclasses.replace(scene.watch.answer, state="failing")
    app = meet(scene)
    assert line(app) == "The alarm on this host stands; there are 4 of 10 steps to judge it anew."
    assert state(app) == ("■ failing", "var(--st-red-color)")


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
    courses = {key for key in charts(app) if key.startswith("live_course_")}
    assert len(courses) == 9
    assert "live_course_temperature_c" not in courses


def test_tiles_when_the_past_is_short_then_its_length_is_said(meet):
    scene = fakes.scene("healthy")
    scene.watch.answer = dataclasses.replace(scene.watch.answer, past_s=2400.0)
    assert "higher than 97 % of the last 40 min" in said(meet(scene))


def test_tiles_when_a_metric_is_added_then_it_has_a_tile_of_its_own(meet, monkeypatch):
    class SwapPercent(Metric):
        spec = MetricSpec(name="swap_percent", label="Swap", unit="%", meaning="used share of swap")

        def read(self, sources: Sources, now: float) -> float:
            return 7.0

    registry.metric_names()
    monkeypatch.setattr(
        registry, "_registered", {**registry._registered, "swap_percent": SwapPercent}
    )
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
    trace = charts(meet(fakes.scene("failing")))["live_heatmap"]["figure"]["data"][0]
    assert trace["x"][0] == "-45 s"
    assert trace["x"][-1] == "now"
    temperature = trace["y"].index("Temperature –")
    assert trace["z"][temperature] == [None] * 10
    assert trace["customdata"][temperature] == ["not measured"] * 10
    memory = trace["y"].index("Memory")
    assert trace["customdata"][memory][-1].startswith("91 % (+")


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


def test_page_when_a_host_has_a_hostile_name_then_it_is_shown_as_text(meet):
    scene = fakes.scene("healthy")
    scene.sampler.given = [
        dataclasses.replace(one, host="![x](http://192.0.2.1/x.png)") for one in scene.sampler.given
    ]
    assert f"{as_text('![x](http://192.0.2.1/x.png)')}, measured" in said(meet(scene))


def test_draft_when_asked_for_then_host_text_and_numbers_are_there_for_the_ticket_pages(meet):
    app = meet(fakes.scene("failing"))
    app.button(key="live_draft").click().run()
    assert not app.exception
    draft = app.session_state["ticket_draft"]
    assert set(draft) == {"host", "text", "metrics", "forecast"}
    assert draft["forecast"].startswith("Probability of failure within 50 s: 91 %. Memory 91 %")
    assert draft["host"] == "web-7"
    assert draft["metrics"]["memory_percent"] == pytest.approx(91.0)
    assert "temperature_c" not in draft["metrics"]
    assert json.loads(json.dumps(draft)) == draft
    assert [code.value for code in app.code] == [draft["text"]]
    links = [link.proto.label for link in app.get("page_link")]
    assert links == ["Classify it", "Write the reply"]


def test_sequence_when_asked_for_then_its_file_is_that_of_the_click(meet):
    scene = fakes.scene("healthy")
    app = meet(scene)
    app.button(key="live_sequence_taken").click().run()
    assert not app.exception
    taken = json.loads(app.code[0].value)
    assert taken["sequence"] == [
        [reading.value for reading in one] for one in scene.sampler.given[-10:]
    ]
    (button,) = app.get("download_button")
    assert button.label == "Download as JSON"


def ten_steps(memory_percent: float) -> str:
    step = [23.1, memory_percent, 48.2, None, 0, 12.5, 18400, 86400, 312, 1284]
    return json.dumps({"interval_s": 60, "sequence": [step] * 10})


def predict(app: AppTest, text: str) -> AppTest:
    app.text_area(key="live_sequence_text").set_value(text)
    app.button(key="live_sequence_predict").click().run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("memory_percent", "verdict"),
    [(91.0, "■ alarm  91 %"), (20.0, "● no alarm  20 %")],
)
def test_sequence_when_pasted_then_probability_prediction_reason_and_causes_stand(
    meet, memory_percent, verdict
):
    app = predict(meet(fakes.scene("healthy")), ten_steps(memory_percent))
    assert charts(app)["live_sequence_bar"]["alt"].startswith(verdict)
    assert "Pasted text: probability of failure within 10 min after its last step" in said(app)
    drawn = charts(app)
    assert drawn["live_sequence_ranked"]["figure"]["data"][0]["y"]
    assert drawn["live_sequence_heatmap"]["figure"]["data"][0]["x"][0] == "-9 min"


@pytest.mark.parametrize("name", ["mine.json", "mine.csv"])
def test_sequence_when_uploaded_then_the_file_is_what_is_predicted_from(meet, name):
    app = meet(fakes.scene("healthy"))
    row = "23.1,91,48.2,,0,12.5,18400,86400,312,1284\n"
    text = ten_steps(91.0) if name.endswith("json") else row * 10
    app.file_uploader(key="live_sequence_file").upload(name, text.encode())
    app.button(key="live_sequence_predict").click().run()
    assert not app.exception
    assert charts(app)["live_sequence_bar"]["alt"].startswith("■ alarm  91 %")


@pytest.mark.parametrize("text", ["", "hello", "[[1, 2], [3, 4]]", ten_steps(101.0)])
def test_sequence_when_it_cannot_be_used_then_one_sentence_stands_and_the_input_stays(meet, text):
    app = predict(meet(fakes.scene("healthy")), text)
    (error,) = app.error
    assert error.value.startswith("Pasted text")
    assert app.text_area(key="live_sequence_text").value == text
    assert not [key for key in charts(app) if key.startswith("live_sequence")]


def test_sequence_when_there_is_no_model_then_the_form_names_the_command(meet):
    scene = fakes.scene("no model", problem=TRAIN)
    scene.model = ArtifactNotFoundError(TRAIN)
    app = predict(meet(scene), ten_steps(91.0))
    assert [error.value.replace("\\", "") for error in app.error] == [TRAIN]


def test_sequence_when_the_page_runs_again_then_the_result_stays(meet, admin):
    app = predict(meet(fakes.scene("healthy")), ten_steps(91.0))
    app.button(key="live_sampling").click().run()
    assert charts(app)["live_sequence_bar"]["alt"].startswith("■ alarm  91 %")


def test_page_when_the_last_hour_is_known_then_it_is_called_the_last_hour(meet):
    scene = fakes.scene("healthy", steps=730)
    answer = scene.watch.answer
    last_at = answer.risk[-1][0]
    risk = tuple(point for point in answer.risk if last_at - point[0] <= timedelta(hours=1))
    scene.watch.answer = dataclasses.replace(answer, risk=risk)
    assert line(meet(scene)) == "This host is healthy. Highest risk in the last hour: 3 %."
