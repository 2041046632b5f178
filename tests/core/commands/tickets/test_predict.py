import io
import sys

import pytest

from core.tickets.features import CATEGORICAL, NUMERIC
from tests.core.commands.tickets.ticket_files import CPU_TICKET, saved


def test_predict_when_a_text_is_given_then_the_answer_and_its_reasons_are_in_words(run, trained):
    arguments = ("tickets", "predict", "--models", trained, "--text", CPU_TICKET)
    answer = run(*arguments, "--cpu-usage", 97)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Performance-CPU, confidence ")
    assert "Route: automatic." in answer.out
    assert "slow +" in answer.out
    assert "cpu_usage 97 (+" in answer.out
    assert "typical values stand for them: memory_usage, cpu_mem_ratio, task_type" in answer.out
    assert answer.out.count("similar (") == 3
    assert "v0001" in answer.out


def test_predict_when_json_is_asked_then_it_is_the_whole_prediction(run, trained):
    document = run("tickets", "predict", "--models", trained, "--text", CPU_TICKET, "--json").json
    assert document["category"] == "Performance-CPU"
    assert document["top"][0]["probability"] == document["confidence"]
    assert document["model_version"] == "v0001"
    assert document["routing"]["demanded"] == 0.9
    assert not document["is_unsure"]
    assert {"slow", "stuck"} <= {word["term"] for word in document["words"]}
    assert all(CPU_TICKET[a:b] for word in document["words"] for a, b in word["spans"])
    assert len(document["similar"]) == 3


def test_predict_when_more_precision_is_demanded_then_a_person_is_asked(run, trained):
    arguments = (
        "tickets",
        "predict",
        "--models",
        trained,
        "--text",
        "psu outage, ups breaker and socket voltage, please ping",
    )
    assert "Route: automatic." in run(*arguments, "--precision", 0).out
    unsure = run(*arguments, "--precision", 1).out
    assert "Unsure: hand to a person. " in unsure


def test_predict_when_the_text_comes_on_standard_input_then_it_is_read_whole(
    run, trained, monkeypatch
):
    def given(data):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return run("tickets", "predict", "--models", trained, "--text", "-", "--json")

    alone = run("tickets", "predict", "--models", trained, "--text", CPU_TICKET, "--json").json
    assert given(CPU_TICKET.encode("utf-8-sig")).json == alone
    long = given(b"psu breaker outage\n" * 55_000)
    assert (long.code, long.json["category"]) == (0, "Power")
    assert "is not UTF-8 text (byte 3 is 0xff)" in given(b"psu\xff\x00").refused()


@pytest.mark.parametrize(
    "text",
    ["", "   ", "日本語 🙂", "<script>alert(1)</script>", "# **x**", "\x1b[31m\x07", "\udcff"],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_predict_when_the_text_says_nothing_then_it_is_unsure_and_says_why(
    run, trained, text, form
):
    answer = run("tickets", "predict", "--models", trained, f"--text={text}", *form)
    assert answer.code == 0
    assert "The model knows no word of this text" in answer.out
    assert "\x1b" not in answer.out


def test_predict_when_asked_for_help_then_there_is_an_option_for_every_column(run):
    told = run("tickets", "predict", "--help").out
    for name in (*NUMERIC, *CATEGORICAL):
        assert f"--{name.replace('_', '-')} " in told
    assert "percent: busy share of its cores, 0-100" in " ".join(told.split())


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--cpu-usage", "101", "between 0 and 100"),
        ("--memory-usage", "-1", "between 0 and 100"),
        ("--cpu-usage", "nan", "between 0 and 100"),
        ("--network-traffic", "-5", "of at least 0"),
        ("--ts-hour", "inf", "'inf' is not a number"),
        ("--execution-time", "long", "'long' is not a number"),
        ("--precision", "90", "between 0 and 1"),
    ],
)
def test_predict_when_a_number_cannot_be_then_it_says_what_can(run, trained, option, value, says):
    answer = run("tickets", "predict", "--models", trained, "--text", "x", f"{option}={value}")
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.err
    assert "Traceback" not in answer.err


def test_predict_when_the_model_does_not_read_a_column_then_it_says_so(run, trained):
    answer = run(
        *("tickets", "predict", "--models", trained, "--text", CPU_TICKET),
        *("--execution-time", 3, "--task-type", "io"),
    )
    assert answer.err == "v0001 was trained without execution_time: not used.\n"


def test_verbs_when_there_is_no_model_then_the_command_that_makes_one_is_named(run, tmp_path):
    data = saved(tmp_path)
    for arguments in (
        ("predict", "--text", "x"),
        ("classify", "--data", data, "--out", tmp_path / "out.csv"),
        ("evaluate", "--data", data),
        ("activate", "v0001"),
    ):
        assert "`python -m core tickets train --data FILE`" in run("tickets", *arguments).refused()
    listed = run("tickets", "list")
    assert (listed.code, listed.out) == (0, "")
    assert "`python -m core tickets train --data FILE`" in listed.err
