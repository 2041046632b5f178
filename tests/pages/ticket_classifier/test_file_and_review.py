"""A file of tickets and the queue for review, with a small model that was trained for real."""

import gzip
import shutil
from datetime import UTC, datetime

import pytest

import config
from core import artifacts, resources
from core.store import Correction
from core.tickets.train import train
from pages.ui.errors import as_text
from tests.core.tickets.some_tickets import some_tickets
from tests.pages.some_fleet import some_fleet
from tests.pages.ticket_classifier.drawn import (
    CPU_TICKET,
    component,
    csv_of,
    line,
    said,
    upload,
    view,
)

# Nothing that a fleet's tickets are about, with words that occur in them.
OFFICE_TICKETS = [
    "hi, please reset the password of my account, thanks",
    "outlook cannot send mails since this morning",
    "requesting a meeting room for monday, please approve",
    "please order new chairs for the meeting room",
]

VAGUE_TICKETS = ["it does not work", "the door does not answer", "the tool does not answer"]
BARELY_SURE_TICKETS = ["checkout takes ages to answer", "requests pile up"]


# A file


def test_file_when_classified_then_counts_preview_and_download_are_there(opened):
    texts = [CPU_TICKET, "packets dropped on the switch port", "", "xyzzy", "psu outage, ups beeps"]
    app = upload(opened(), csv_of(texts))
    assert line(app) == "3 of 4 tickets go straight through."
    assert "Unlike what it learnt from" not in said(app)
    assert "Not shown: 1 row without ticket_text" in said(app)
    table = app.dataframe[0].value
    assert table["row"].tolist() == [1, 2, 4, 5]
    assert table["category"].tolist()[:2] == ["Performance-CPU", "Network"]
    assert table["route"].tolist()[2] == "▲ for a person"
    assert [button.label for button in app.get("download_button")] == ["Download with answers"]
    assert component(app, "tickets_by_category")["alt"].startswith("Tickets by category: ")
    app.segmented_control(key="tickets_file_view").set_value("For a person").run()
    assert app.dataframe[0].value["ticket"].tolist() == ["xyzzy"]


def test_file_when_it_unpacks_to_more_than_may_be_uploaded_then_it_is_refused_unread(
    opened, monkeypatch
):
    monkeypatch.setenv("UPLOAD_LIMIT_MB", "2")
    resources.release()  # the settings are read once
    packed = gzip.compress(csv_of([CPU_TICKET]) + b"the printer is broken\n" * 100_000)
    assert len(packed) < 50_000
    app = upload(opened(), packed, "tickets.csv.gz")
    says = as_text("unpacks to more than 2 MB, as much as may be uploaded")
    assert says in app.error[0].value
    assert not app.dataframe


def test_file_when_the_model_learnt_from_it_then_that_is_said(opened):
    frame = some_tickets(400)
    app = upload(opened(), frame.to_csv(index=False).encode())
    assert "Seen in training" in said(app)


def test_file_when_its_tickets_are_unlike_those_measured_then_they_go_to_a_person(
    opened, own_folders
):
    shutil.rmtree(own_folders / "models")
    shutil.copytree(config.ROOT / "models", own_folders / "models")
    app = upload(opened(), csv_of(OFFICE_TICKETS))
    assert line(app).startswith("1 of 4 tickets go straight through")
    assert "▲ New to the model]: 3 of 4 tickets read like none that it learnt from" in said(app)


def test_file_when_its_answers_are_rather_wrong_than_right_then_they_go_to_a_person(
    opened, own_folders
):
    shutil.rmtree(own_folders / "models")
    shutil.copytree(config.ROOT / "models", own_folders / "models")
    app = upload(opened(), csv_of(VAGUE_TICKETS))
    assert line(app).startswith("0 of 3 tickets go straight through")


def test_file_when_its_tickets_are_vague_then_the_precision_is_called_in_doubt(opened, own_folders):
    shutil.rmtree(own_folders / "models")
    shutil.copytree(config.ROOT / "models", own_folders / "models")
    app = upload(opened(), csv_of(BARELY_SURE_TICKETS))
    assert line(app).startswith("2 of 2 tickets go straight through")
    assert "▲ Unlike what it learnt from]: 90 % precision is demanded" in said(app)


def test_file_when_it_has_telemetry_and_no_texts_then_it_says_that_its_texts_were_derived(opened):
    frame = some_fleet(24).drop(columns=["ticket_text", "ticket_category"])
    app = upload(opened(), frame.to_csv(index=False).encode())
    assert "Texts derived by rule" in said(app)
    assert "says nothing of these" in said(app)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\xff" * 100, "CSV"),
        (b"a,b\n1,2\n", "needed are"),
    ],
)
def test_file_when_it_cannot_be_used_then_one_sentence_says_why(opened, data, says):
    app = upload(opened(), data)
    (error,) = app.error
    assert says in error.value
    assert "Traceback" not in error.value
    assert not [button.label for button in app.button if button.label == "Cancel"]


def test_file_when_it_has_answers_already_then_that_is_said_and_the_page_goes_on(opened):
    app = upload(opened(), b"ticket_text,confidence\nthe link is slow,0.5\n")
    (error,) = app.error
    assert "'confidence' already" in error.value.replace("\\", "")
    assert "held-out tickets" in said(app)
    app = view(view(app, "One ticket"), "A file")
    assert not app.error
    assert line(app) == "A whole file at once"


def test_file_when_another_model_is_activated_then_old_answers_are_not_shown_as_its_own(
    opened, own_folders
):
    app = view(upload(opened(), csv_of([CPU_TICKET])), "One ticket")
    other = train(some_tickets(200), own_folders / "models", candidates=["logistic"])
    artifacts.activate(own_folders / "models", "tickets", other.version)
    app = view(app, "A file")
    assert line(app) == "A whole file at once"
    assert "Another model is active since tickets.csv was" in app.info[0].value.replace("\\", "")


# Review


def test_queue_when_a_file_was_classified_then_as_many_wait_as_the_file_says(opened):
    texts = [CPU_TICKET, "xyzzy plugh", "xyzzy plugh", "xyzzy plugh", "link and outage and form"]
    app = upload(opened(), csv_of(texts))
    assert "4 unsure ones wait in the review queue" in said(app)
    assert line(view(app, "Review queue")) == "4 tickets wait for a category."


def test_queue_when_more_are_unsure_than_it_takes_then_the_file_says_how_many_it_took(opened):
    app = upload(opened(), csv_of([f"xyzzy{i} plugh{i}" for i in range(2_100)]))
    assert "The first 2,000 of 2,100 unsure ones wait in the review queue" in said(app)


def test_queue_when_empty_then_it_says_what_will_come(opened):
    app = view(opened(), "Review queue")
    assert line(app) == "The review queue is empty."
    assert "Here come the tickets that were corrected" in said(app)


def test_queue_when_there_are_corrections_and_unsure_tickets_then_likes_are_one_line(opened):
    app = opened(tickets_waiting=("xyzzy plugh", "xyzzy plugh", "link and outage and form"))
    for new in ("Power", "Network"):
        correction = Correction(
            text=CPU_TICKET, old="Performance-CPU", new=new, who="Ada", at=datetime.now(UTC)
        )
        resources.store().add_correction(correction)
    view(app, "Review queue")
    assert line(app) == "3 tickets wait for a category; 1 corrected one joins the next training."
    table = app.dataframe[0].value if app.dataframe else app.get("arrow_data_frame")[0].value
    assert sorted(table["alike"]) == [1, 2, 2]
    assert table["people"].str.startswith("Network or Power (Ada, ").sum() == 1
