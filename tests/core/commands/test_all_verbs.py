import pytest


def test_help_when_asked_then_every_verb_and_the_models_option_are_told(run):
    assert "health" in run("--help").out
    answer = run("failure", "--help")
    assert answer.code == 0
    verbs = (
        *("sample", "live", "predict", "score", "evaluate", "train", "simulate", "import"),
        "activate",
    )
    for verb in verbs:
        assert verb in answer.out
        told = run("failure", verb, "--help")
        assert told.code == 0
        uses_a_model = verb not in ("sample", "live", "simulate")
        assert ("--models" in told.out) == uses_a_model


@pytest.mark.parametrize("arguments", [[], ["failure"], ["failure", "guess"], ["failure", "score"]])
def test_arguments_when_they_are_no_command_then_it_says_what_is(run, arguments):
    answer = run(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert "usage: python -m core" in answer.err


def test_settings_when_one_cannot_be_used_then_its_name_is_told(run, monkeypatch):
    monkeypatch.setenv("SAMPLE_INTERVAL_S", "soon")
    assert "SAMPLE_INTERVAL_S" in run("failure", "sample").refused()
