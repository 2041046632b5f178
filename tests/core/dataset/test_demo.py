import gzip
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import config
from core.dataset import CATEGORIES, check, demo, import_file, load
from core.dataset.demo_phrases import GUESSES, LOGS, VAGUE
from core.dataset.demo_symptoms import SYMPTOMS
from core.dataset.schema import NUMBER_NAMES
from core.errors import DataError

COMMITTED = config.ROOT / "data" / "demo.csv.gz"


@pytest.fixture(scope="module")
def made_up() -> pd.DataFrame:
    return demo.generate(16_000, seed=5)


def test_the_same_seed_gives_the_same_data_and_another_one_others() -> None:
    first, again, other = (demo.generate(300, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first["cpu_usage"].equals(other["cpu_usage"])


@pytest.mark.parametrize("rows", [1, 2, 7, 100, 1_001])
def test_there_are_as_many_rows_as_asked_for(rows: int) -> None:
    frame = demo.generate(rows, seed=0)
    assert len(frame) == rows
    assert not frame.duplicated(["vm_id", "timestamp"]).any()


@pytest.mark.parametrize(("rows", "seed"), [(0, 1), (-5, 1), (10**9, 1), (10, -1)])
def test_impossible_wishes_are_refused(rows: int, seed: int) -> None:
    with pytest.raises(DataError, match="asked for were"):
        demo.generate(rows, seed)


def test_the_mark_survives_writing_and_storing(tmp_path: Path) -> None:
    path = tmp_path / "made_up.csv.gz"
    assert demo.write(path, 500, seed=1) == path.stat().st_size
    stored = import_file(path, tmp_path)
    assert stored.report.is_demo
    assert "demo data" in stored.report.notes[0]
    assert load(tmp_path, ["demo"])["demo"].eq(1).all()
    assert pd.read_csv(tmp_path / "dataset.csv")["demo"].eq(1).all()


def test_what_is_written_is_what_was_generated(tmp_path: Path) -> None:
    demo.write(tmp_path / "made_up.csv", 700, seed=3)
    import_file(tmp_path / "made_up.csv", tmp_path)
    frame, expected = load(tmp_path), demo.generate(700, seed=3)
    for name in (*NUMBER_NAMES, "anomaly_status", "vm_id", "ticket_text", "ticket_category"):
        known = expected[name].notna()
        assert frame[name].notna().tolist() == known.tolist()
        assert frame[name][known].tolist() == expected[name][known].tolist()


def test_the_load_has_days_and_weeks(made_up: pd.DataFrame) -> None:
    at = made_up["timestamp"].dt
    workday = made_up[at.day_of_week < 5]
    by_hour = workday.groupby(["vm_id", workday["timestamp"].dt.hour])["cpu_usage"].mean().unstack()
    assert (by_hour.max(axis=1) / by_hour.min(axis=1)).median() > 1.4
    weekend = made_up[at.day_of_week >= 5]["cpu_usage"].mean()
    assert weekend < workday["cpu_usage"].mean() * 0.95


def test_some_machines_grow_and_some_shrink(made_up: pd.DataFrame) -> None:
    week = made_up["timestamp"].dt.isocalendar().week
    weekly = made_up.groupby(["vm_id", week])["memory_usage"].median().unstack()
    change = weekly.iloc[:, -1] - weekly.iloc[:, 0]
    assert (change > 3).sum() >= 3
    assert (change < -3).sum() >= 1


def test_an_incident_shows_in_the_telemetry_before_anybody_writes(made_up: pd.DataFrame) -> None:
    memory = made_up.pivot(index="timestamp", columns="vm_id", values="memory_usage")
    usual = memory.median()
    about = made_up[made_up["ticket_category"] == "Performance-Memory"]
    above = [
        memory.loc[row.timestamp - pd.Timedelta(hours=1), row.vm_id] - usual[row.vm_id]
        for row in about.itertuples()
        if row.timestamp > memory.index[0]
    ]
    assert np.nanmedian(above) > 10


def test_nobody_names_the_category() -> None:
    named = re.compile("|".join(map(re.escape, CATEGORIES[:2] + CATEGORIES[3:])), re.IGNORECASE)
    pools = [*SYMPTOMS.values(), *GUESSES.values(), *LOGS.values(), VAGUE]
    phrases = [phrase for pool in pools for phrase in pool]
    # A guess may say "the network", and a log line "power": those words are not the answer alone.
    harmless = ("network", "power")
    said = [match[0].casefold() for phrase in phrases for match in named.finditer(phrase)]
    assert set(said) <= set(harmless)


def test_tickets_are_many_and_of_seven_categories(made_up: pd.DataFrame) -> None:
    tickets = made_up[made_up["ticket_text"].notna()]
    shares = tickets["ticket_category"].value_counts(normalize=True)
    assert set(shares.index) == set(CATEGORIES)
    assert shares.between(0.04, 0.35).all()
    assert 0.05 < len(tickets) / len(made_up) < 0.15
    texts = Counter(tickets["ticket_text"])
    assert texts.most_common(1)[0][1] < len(tickets) * 0.01


@pytest.mark.slow
def test_quick_models_are_well_above_the_majority_and_clearly_below_certainty(
    made_up: pd.DataFrame,
) -> None:
    tickets = made_up[made_up["ticket_text"].notna()]
    cut = int(len(tickets) * 0.8)
    learnt, unseen = tickets.iloc[:cut], tickets.iloc[cut:]
    y, y_unseen = learnt["ticket_category"].to_numpy(), unseen["ticket_category"].to_numpy()
    majority = (y_unseen == Counter(y).most_common(1)[0][0]).mean()
    words = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2), LogisticRegression(solver="newton-cg")
    ).fit(learnt["ticket_text"], y)
    by_words = words.score(unseen["ticket_text"], y_unseen)
    numbers = [*NUMBER_NAMES, "anomaly_status"]
    forest = RandomForestClassifier(100, min_samples_leaf=5, random_state=0)
    medians = learnt[numbers].median()
    forest.fit(learnt[numbers].fillna(medians), y)
    by_numbers = forest.score(unseen[numbers].fillna(medians), y_unseen)
    assert majority + 0.35 < by_words < 0.93
    assert majority + 0.12 < by_numbers < 0.8


def test_the_committed_demo_is_what_the_code_makes(tmp_path: Path) -> None:
    demo.write(tmp_path / "again.csv", 20_000, seed=7)
    assert gzip.decompress(COMMITTED.read_bytes()) == (tmp_path / "again.csv").read_bytes()


def test_the_committed_demo_is_small_marked_and_worth_looking_at() -> None:
    assert COMMITTED.stat().st_size < 800_000
    report = check(COMMITTED)
    assert report.is_demo
    assert report.kind == "telemetry and tickets"
    assert report.rows_kept == report.rows_read == 20_000
    assert report.category_count == len(CATEGORIES)
    assert report.tickets > 1_000
    assert {found.verdict for found in report.signal} == {"signal"}
