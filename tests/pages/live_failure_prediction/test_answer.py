"""The live page's answer in each of its states, and what can be done there."""

import dataclasses
import json
from datetime import timedelta

import pytest
import streamlit as st

from core import resources
from core.metrics import METRICS
from tests.pages import fakes
from tests.pages.live_failure_prediction.drawn import (
    age,
    charts,
    is_disabled,
    line,
    said,
    state,
    tile,
    tiles,
)

TRAIN = "There is no failure model in models/failure. Run: python -m core failure train"


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
    assert tiles(app)["■ Memory"] == "91 %"
    assert tile(app, "■ Memory")["colour"] == "red"


def test_page_when_host_is_on_watch_then_it_is_amber_and_names_the_metric(meet):
    app = meet(fakes.scene("watch"))
    assert line(app) == "This host is worth watching: memory."
    assert state(app) == ("▲ watch  48 %", "var(--st-orange-color)")
    assert tile(app, "▲ Memory")["colour"] == "orange"


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
    assert age(app) == ("No sample yet; the first one comes within 5 s.", False)
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
    said_of_age, is_warning = age(app)
    assert said_of_age.startswith("▲ Sampling is paused. Last sample of web-7 3 min ago, at ")
    assert is_warning
    assert line(app).startswith("3 min ago this host was healthy.")
    assert app.button(key="live_resume").label == "Resume"
    app.button(key="live_resume").click().run()
    assert not scene.sampler.is_paused
    assert app.button(key="live_pause").label == "Pause"
    app.button(key="live_pause").click().run()
    assert scene.sampler.is_paused
    assert [entry.action for entry in resources.store().audit(10)] == ["paused", "resumed"]


def test_page_when_a_viewer_looks_then_pausing_says_who_may(meet):
    button = meet(fakes.scene("healthy")).button(key="live_pause")
    assert button.disabled
    assert button.help == "Sign in as an admin to pause and resume sampling for everyone"


def test_page_when_paused_before_the_first_prediction_then_no_time_is_promised(meet):
    app = meet(fakes.scene("not enough data", steps=7, paused=True))
    assert line(app) == "Not enough data yet: 7 of 10 steps. Resume sampling to go on."


def test_page_when_data_is_stale_then_an_all_clear_is_no_longer_green(meet):
    app = meet(fakes.scene("healthy", age_s=180))
    said_of_age, is_warning = age(app)
    assert said_of_age.startswith("▲ No sample for 3 min, though one is due every 5 s. The last")
    assert is_warning
    assert line(app).startswith("3 min ago this host was healthy.")
    assert state(app) == ("○ was healthy  3 %", "var(--st-gray-color)")


def test_page_when_data_is_stale_then_an_alarm_stands(meet):
    app = meet(fakes.scene("failing", age_s=180))
    assert line(app) == "3 min ago this host was likely to fail within 50 s: memory."
    assert state(app) == ("■ failing  91 %", "var(--st-red-color)")


def test_page_when_data_is_stale_then_no_time_left_is_told_as_if_it_were_of_now(meet):
    app = meet(fakes.scene("failing", age_s=3 * 3600, paused=True))
    assert line(app) == "3 h ago this host was likely to fail within 50 s: memory."
    assert app.metric[0].value == "not known"
    assert "3 h ago: Memory 91 %, up 1.8 points a minute" in said(app)


def test_page_when_the_time_left_may_be_more_than_a_day_then_only_its_beginning_is_told(meet):
    scene = fakes.scene("failing")
    forecast = dataclasses.replace(
        scene.watch.answer.forecast, time_left_s=(32_040.0, float("inf"))
    )
    scene.watch.answer = dataclasses.replace(scene.watch.answer, forecast=forecast)
    assert meet(scene).metric[0].value == "8.9 h or more"


def test_page_when_an_alarm_stands_between_the_thresholds_then_the_ticket_says_so_too(meet):
    app = meet(fakes.scene("failing", probability=0.48))
    assert line(app) == "This host is likely to fail within 50 s: memory."
    app.button(key="live_draft").click().run()
    text = app.session_state["ticket_draft"]["text"]
    assert text.startswith("Host web-7 is predicted to fail within 50 s.")
    assert "Most likely at fault: Memory" in text


def test_page_when_an_alarm_is_in_its_last_calm_steps_then_it_stands_and_calms_down(meet):
    app = meet(fakes.scene("failing", probability=0.03))
    assert line(app) == "The alarm on this host still stands and is calming down."
    assert state(app) == ("■ failing  3 %", "var(--st-red-color)")
    assert "The model is calm" in said(app)
    assert "■ Memory" not in tiles(app)
    app.button(key="live_draft").click().run()
    text = app.session_state["ticket_draft"]["text"]
    assert text.startswith("The alarm on host web-7 still stands and is calming down.")
    assert "at fault" not in text


def test_page_when_a_calming_alarm_is_old_then_it_is_told_in_the_past_tense(meet):
    app = meet(fakes.scene("failing", probability=0.03, age_s=180))
    assert line(app) == "3 min ago the alarm on this host still stood and was calming down."


def test_page_when_an_alarm_stands_and_steps_are_missing_then_it_is_not_taken_back(meet):
    scene = fakes.scene("not enough data", steps=4)
    scene.watch.answer = dataclasses.replace(scene.watch.answer, state="failing")
    app = meet(scene)
    assert line(app) == "The alarm on this host stands; there are 4 of 10 steps to judge it anew."
    assert state(app) == ("■ failing", "var(--st-red-color)")


@pytest.mark.parametrize("zone", ["Etc/Unknown", "Europe", "../etc/passwd"])
def test_page_when_the_browser_names_an_unknown_zone_then_times_are_in_utc(meet, monkeypatch, zone):
    monkeypatch.setattr(type(st.context), "timezone", property(lambda _: zone))
    app = meet(fakes.scene("healthy"))
    assert not app.error
    assert line(app).startswith("This host is healthy.")
    assert " UTC; one sample every 5 s." in age(app)[0]


def test_page_when_a_host_has_a_hostile_name_then_it_is_shown_as_text(meet):
    scene = fakes.scene("healthy")
    scene.sampler.given = [
        dataclasses.replace(one, host="![x](http://192.0.2.1/x.png)") for one in scene.sampler.given
    ]
    # Not as Markdown: the component writes text.
    assert age(meet(scene))[0].startswith("![x](http://192.0.2.1/x.png), measured ")


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


def test_page_when_the_last_hour_is_known_then_it_is_called_the_last_hour(meet):
    scene = fakes.scene("healthy", steps=730)
    answer = scene.watch.answer
    last_at = answer.risk[-1][0]
    risk = tuple(point for point in answer.risk if last_at - point[0] <= timedelta(hours=1))
    scene.watch.answer = dataclasses.replace(answer, risk=risk)
    assert line(meet(scene)) == "This host is healthy. Highest risk in the last hour: 3 %."
