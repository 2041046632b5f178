import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from core import artifacts
from core.errors import DataError, SchemaError, TooFewSamplesError, UnknownNameError
from core.store import Correction
from core.tickets import registry
from core.tickets.candidate import Candidate
from core.tickets.predict import load_model
from core.tickets.report import report_from_json
from core.tickets.train import train
from tests.core.tickets.some_tickets import some_tickets

FRAME = some_tickets(240)


def train_quickly(models_dir, frame=FRAME, **changes):
    return train(frame, models_dir, **{"candidates": ["logistic"], **changes})


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_training_writes_one_version_and_does_not_activate_it(tmp_path):
    report = train_quickly(tmp_path, candidates=["logistic", "linear_svm"], source="some tickets")
    assert files_in(tmp_path / "tickets") == [
        "v0001", "v0001/manifest.json", "v0001/metrics.json", "v0001/model.pkl"
    ]  # fmt: skip
    manifest, folder = artifacts.load_version(tmp_path, "tickets", "v0001")
    assert report.version == "v0001"
    assert manifest.classes == ("General", "Network", "Performance-CPU", "Power")
    assert manifest.columns == (
        "cpu_usage",
        "memory_usage",
        "cpu_mem_ratio",
        "task_type",
        "ticket_text",
    )
    assert manifest.source == "some tickets"
    assert manifest.scores["weighted_f1"]["value"] == report.candidates[0].weighted_f1.value
    assert set(manifest.baseline_scores) == {"majority", "naive_bayes"}
    text = (folder / "metrics.json").read_text(encoding="utf-8")
    assert report_from_json(text, "v0001") == report


def test_the_best_candidate_comes_first_and_beats_the_baselines(tmp_path):
    report = train_quickly(tmp_path, candidates=["linear_svm", "logistic", "random_forest"])
    scores = [candidate.weighted_f1.value for candidate in report.candidates]
    assert scores == sorted(scores, reverse=True)
    assert report.best == report.candidates[0].name
    assert scores[0] > 0.8
    majority = next(b for b in report.baselines if b.name == "majority")
    assert majority.gain.low > 0
    assert report.split.n_train + report.split.n_test == 240


def test_a_model_that_learns_noise_says_that_it_beats_nothing(tmp_path):
    noise = FRAME.assign(
        ticket_category=np.random.default_rng(0).permutation(FRAME.ticket_category.to_numpy())
    )
    assert not train_quickly(tmp_path, noise).beats_baselines


def test_the_newest_tickets_are_the_test_where_there_is_time(tmp_path):
    report = train_quickly(tmp_path, some_tickets(240, timestamps=True))
    assert report.split.kind == "newest"
    assert report.split.n_test == 48


def test_the_same_seed_and_tickets_give_the_same_model(tmp_path):
    reports = [train_quickly(tmp_path, seed=3) for _ in range(2)]
    first, second = (artifacts.load_version(tmp_path, "tickets", r.version)[0] for r in reports)
    assert first.data_hash == second.data_hash
    assert first.scores == second.scores
    models = [load_model(tmp_path, r.version) for r in reports]
    texts = FRAME.ticket_text.tolist()
    assert np.array_equal(models[0].probabilities(texts), models[1].probabilities(texts))


def test_progress_rises_to_the_end_with_the_time_left(tmp_path):
    seen = []
    train_quickly(tmp_path, candidates=["logistic", "linear_svm"], progress=seen.append)
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert 0.8 < fractions[-1] < 1.0
    assert seen[0].seconds_left is None
    assert all(progress.seconds_left > 0 for progress in seen[1:])
    assert [p.message for p in seen][1:3] == [
        "Training: Logistic regression",
        "Training: Linear SVM",
    ]


@pytest.mark.parametrize("stage", range(4))
def test_nothing_is_left_when_a_person_interrupts(tmp_path, stage):
    seen = []

    def interrupt(progress):
        seen.append(progress)
        if len(seen) > stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_quickly(tmp_path, progress=interrupt)
    assert files_in(tmp_path) == []


def test_corrections_join_the_training(tmp_path):
    at = datetime(2025, 1, 1, tzinfo=UTC)
    texts = FRAME.ticket_text[FRAME.ticket_category == "Power"]
    corrections = [
        Correction(text=text, old="Power", new="Electricity", who="ada", at=at) for text in texts
    ]
    report = train_quickly(tmp_path, corrections=corrections)
    assert report.n_corrections == len(texts)
    model = load_model(tmp_path, report.version)
    assert "Power" not in model.categories
    assert model.predict("psu breaker outage").category == "Electricity"


def test_labels_derived_by_rule_are_also_scored_without_what_they_were_derived_from(tmp_path):
    cpu = FRAME.cpu_usage.fillna(30.0)
    ruled = FRAME.assign(ticket_category=np.where(cpu > 60, "Performance-CPU", "General"))
    ruled["ticket_text"] = (
        "cpu at " + cpu.round().astype(int).astype(str) + " percent " + FRAME.task_type.fillna("")
    )
    report = train_quickly(
        tmp_path,
        ruled,
        is_derived_by_rule=True,
        deciding_columns=["cpu_usage", "cpu_mem_ratio", "ticket_text"],
    )
    assert report.is_derived_by_rule
    assert report.hidden.columns == ("cpu_usage", "cpu_mem_ratio", "ticket_text")
    assert report.candidates[0].weighted_f1.value > 0.95
    assert report.hidden.weighted_f1.value < 0.8


def test_a_file_of_nothing_but_what_decided_has_no_other_score(tmp_path):
    ruled = FRAME[["ticket_text", "ticket_category", "cpu_usage"]]
    deciding = ["cpu_usage", "ticket_text"]
    report = train_quickly(tmp_path, ruled, is_derived_by_rule=True, deciding_columns=deciding)
    assert report.hidden is None
    assert "nothing but what its categories were derived from" in " ".join(report.notes)


def test_a_candidate_without_its_library_is_a_note_and_the_rest_goes_on(tmp_path, lacking):
    report = train_quickly(tmp_path, candidates=["lacking", "logistic"])
    assert report.notes == ("A model of the future was left out: tomorrow is not installed.",)
    assert [candidate.name for candidate in report.candidates] == ["logistic"]


def test_no_candidate_with_its_library_is_one_sentence(tmp_path, lacking):
    with pytest.raises(DataError, match=r"No ticket model could be trained.*future was left"):
        train_quickly(tmp_path, candidates=["lacking"])


def test_an_unknown_candidate_names_those_there_are(tmp_path):
    with pytest.raises(UnknownNameError, match="linear_svm, logistic, random_forest, xgboost"):
        train_quickly(tmp_path, candidates=["bert"])


def test_categories_with_a_ticket_or_two_are_learnt_and_said_to_be_untested(tmp_path):
    rare = pd.DataFrame(
        {"ticket_text": ["flood in the cellar", "the flood is back"], "ticket_category": "Water"}
    )
    report = train_quickly(tmp_path, pd.concat([FRAME, rare], ignore_index=True))
    assert any(
        "1 of 5 categories have too few" in note and "Water" in note for note in report.notes
    )
    assert "Water" in load_model(tmp_path, report.version).categories


def test_three_hundred_categories_train(tmp_path):
    rng = np.random.default_rng(0)
    names = np.repeat([f"team{i:03d}" for i in range(300)], 4)
    texts = [
        f"for {n} about {' '.join(rng.choice(list('qwertyuiop'), 6))} {i}"
        for i, n in enumerate(names)
    ]
    report = train_quickly(tmp_path, pd.DataFrame({"ticket_text": texts, "ticket_category": names}))
    assert report.candidates[0].accuracy.value > 0.5
    assert len(report.candidates[0].categories) == 300


def test_of_many_categories_logistic_regression_learns_each(tmp_path):
    rng = np.random.default_rng(0)
    names = np.tile([f"team{i:03d}" for i in range(300)], 10)
    common = ["host", "link", "slow", "since", "again", "rack", "port", "core"]
    texts = [f"{' '.join(rng.choice(common, 8))} desk{n} room{n} seat{n} floor{n}" for n in names]
    report = train_quickly(tmp_path, pd.DataFrame({"ticket_text": texts, "ticket_category": names}))
    assert report.candidates[0].weighted_f1.value > 0.9


def test_equal_texts_with_telemetry_train_on_the_telemetry(tmp_path):
    report = train_quickly(tmp_path, FRAME.assign(ticket_text="it is broken"))
    recall = {score.category: score.recall for score in report.candidates[0].per_class}
    # The CPU's load tells one category; nothing tells the others apart.
    assert max(recall, key=recall.get) == "Performance-CPU"
    majority = next(b for b in report.baselines if b.name == "majority")
    assert majority.gain.low > 0


@pytest.mark.parametrize(
    ("frame", "error", "says"),
    [
        (FRAME.drop(columns="ticket_category"), SchemaError, "ticket_category is not there"),
        (FRAME.assign(ticket_category="General"), TooFewSamplesError, "all 240 tickets are"),
        (FRAME.head(5), TooFewSamplesError, "at least 20"),
        (
            some_tickets(60, telemetry=False).assign(ticket_text="help"),
            SchemaError,
            "the same text",
        ),
        (
            some_tickets(60, telemetry=False).assign(
                ticket_text=[chr(97 + i % 26) for i in range(60)]
            ),
            SchemaError,
            "no word of two letters",
        ),
    ],
)
def test_tickets_that_cannot_be_learnt_from_are_one_sentence(tmp_path, frame, error, says):
    with pytest.raises(error, match=says):
        train_quickly(tmp_path, frame)
    assert files_in(tmp_path) == []


def test_odd_texts_among_the_tickets_do_not_stop_a_training(tmp_path):
    odd = FRAME.astype({"ticket_text": object})
    odd.loc[:4, "ticket_text"] = [
        "",
        "\x00\x01\ud800",
        "日本語 🙂",
        "<b>psu</b>" * 9,
        "psu " * 250_000,
    ]
    report = train_quickly(tmp_path, odd)
    assert report.n_tickets == 240
    assert (
        json.loads((tmp_path / "tickets" / "v0001" / "metrics.json").read_text())["n_tickets"]
        == 240
    )


class Lacking(Candidate):
    """A candidate whose library is not installed."""

    name, title, cost = "lacking", "A model of the future", 1.0
    contributions = importances = None

    def build(self, seed, *, literal=False, n_classes=2):
        raise ModuleNotFoundError("No module named 'tomorrow'", name="tomorrow")


@pytest.fixture
def lacking(monkeypatch):
    """Make `Lacking` known for one test."""
    monkeypatch.setitem(registry.CANDIDATES.classes(), "lacking", Lacking)
