"""The shipped ticket model, asked by people who have never seen the data that it learnt from."""

from pathlib import Path

import pandas as pd
import pytest

import config
from core.tickets.predict import TicketModel, load_model

# 140 tickets, 20 of each category, written by somebody who knew the categories and nothing else.
STRANGERS = Path(__file__).parent / "strangers_tickets.csv"


@pytest.fixture(scope="module")
def model() -> TicketModel:
    return load_model(config.ROOT / "models")


@pytest.mark.parametrize(
    "text", ["something is broken", "it does not work", "not working since friday", "help", ""]
)
def test_ticket_when_it_says_nothing_of_the_kind_then_a_person_decides(model, text):
    assert model.predict(text).is_unsure


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("high cpu usage on web-1", "Performance-CPU"),
        ("out of memory", "Performance-Memory"),
        ("packet loss to the gateway", "Network"),
        ("power supply failed on db-3", "Power"),
        ("db-1 is overheating, fan is dead", "Power"),
        ("the disk is full on web-7", "Capacity-Planning"),
        ("no space left on device", "Capacity-Planning"),
        ("please reset my password", "General"),
        ("strange behaviour of vm-12, nobody can explain it", "Anomaly"),
    ],
)
def test_ticket_when_it_says_it_in_plain_words_then_the_category_is_the_obvious_one(
    model, text, category
):
    assert model.predict(text).category == category


def test_tickets_of_strangers_when_asked_then_most_are_right_and_of_the_automatic_nearly_all(
    model,
):
    frame = pd.read_csv(STRANGERS)
    answers = [model.predict(text) for text in frame["ticket_text"]]
    right = [
        answer.category == category
        for answer, category in zip(answers, frame["ticket_category"], strict=True)
    ]
    automatic = [
        is_right for answer, is_right in zip(answers, right, strict=True) if not answer.is_unsure
    ]
    assert sum(right) / len(right) >= 0.75
    assert len(automatic) >= 30
    assert sum(automatic) / len(automatic) >= 0.95


@pytest.mark.parametrize(
    "text", ["keyboard keys are sticking", "please water the plants on the second floor, now"]
)
def test_ticket_when_most_of_its_words_are_new_then_the_few_known_ones_do_not_decide(model, text):
    answer = model.predict(text, precision=0.0)
    assert answer.reason.startswith("This reads like no ticket that the model learnt from")


def test_alert_when_all_its_numbers_are_new_then_it_reads_like_those_that_were_learnt(model):
    alert = (
        "Host xy-4711 is predicted to fail within 50 s.\n\n"
        "At 2031-11-29 03:14:15 UTC the failure model v0042 put the probability of a failure "
        "within 50 s at 71 %; its alarm threshold is 19 %.\n\n"
        "Reason: memory 97.93 %, up 31.41 points a minute over the last 9 min.\n\n"
        "Most likely at fault: Memory (memory_percent), with a probability of 93 %."
    )
    answer = model.predict(alert)
    assert (answer.category, answer.is_unsure) == ("Performance-Memory", False)
