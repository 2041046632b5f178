"""A sequence taken from the live page, and one brought to it."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import ArtifactNotFoundError
from tests.pages import fakes
from tests.pages.live_failure_prediction.drawn import charts, said

TRAIN = "There is no failure model in models/failure. Run: python -m core failure train"


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
    [(91.0, "■ alarm  91 %"), (48.0, "▲ watch  48 %"), (20.0, "● no alarm  20 %")],
)
def test_sequence_when_pasted_then_probability_prediction_reason_and_causes_stand(
    meet, memory_percent, verdict
):
    app = predict(meet(fakes.scene("healthy")), ten_steps(memory_percent))
    assert charts(app)["live_sequence_bar"]["alt"].startswith(verdict)
    assert "Pasted text: probability of failure within 10 min after its last step" in said(app)
    drawn = charts(app)
    assert drawn["live_sequence_ranked"]["figure"]["data"][0]["y"]
    assert drawn["live_sequence_heatmap"]["figure"]["data"][0]["text"][0][0] == "-9 min"


@pytest.mark.parametrize("name", ["mine.json", "mine.csv"])
def test_sequence_when_uploaded_then_the_file_is_what_is_predicted_from(meet, name):
    app = meet(fakes.scene("healthy"))
    row = "23.1,91,48.2,,0,12.5,18400,86400,312,1284\n"
    text = ten_steps(91.0) if name.endswith("json") else row * 10
    app.file_uploader(key="live_sequence_file").upload(name, text.encode())
    app.button(key="live_sequence_predict").click().run()
    assert not app.exception
    assert charts(app)["live_sequence_bar"]["alt"].startswith("■ alarm  91 %")


@pytest.mark.parametrize(
    "text",
    [
        *("", "hello", "[[1, 2], [3, 4]]", ten_steps(101.0)),
        ten_steps(91.0).replace("23.1", r'"\ud800"'),
    ],
)
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
    app.button(key="live_pause").click().run()
    assert charts(app)["live_sequence_bar"]["alt"].startswith("■ alarm  91 %")
