"""What is learnt from demo data, from noise and from too little, and how it is said."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.dataset import import_file
from core.dataset.anomalies import Detector, learn
from core.dataset.demo import generate
from core.dataset.overview import Filters, Fleet
from tests.core.dataset.csv_files import fleet_csv, ticket_csv
from tests.core.dataset.stored import START, stored

DEMO_ROWS = 6_000


def unheard(fraction: float) -> None:
    """Listen to the progress and do nothing."""


@pytest.fixture(scope="module")
def demo() -> pd.DataFrame:
    return generate(DEMO_ROWS, seed=11)


@pytest.fixture(scope="module")
def fleet(demo: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with stored(demo, tmp_path_factory.mktemp("data")) as opened:
        yield opened


@pytest.fixture(scope="module")
def detector(fleet: Fleet) -> Detector:
    return learn(fleet, unheard)


def noise(n_rows: int, seed: int) -> pd.DataFrame:
    """Return the widely used public shape: uniform numbers, every VM once."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "vm_id": [f"{n:08x}" for n in random.permutation(n_rows)],
            "timestamp": START + pd.to_timedelta(random.integers(0, 10**7, n_rows), unit="s"),
            "cpu_usage": random.uniform(0, 100, n_rows),
            "memory_usage": random.uniform(0, 100, n_rows),
            "power_consumption": random.uniform(0, 500, n_rows),
            "task_type": random.choice(["network", "io", "compute"], n_rows),
            "anomaly_status": (random.random(n_rows) < 0.06).astype(int),
        }
    )


def test_labelled_incidents_are_found_better_than_by_chance_and_by_the_baseline(
    detector: Detector,
) -> None:
    detection, score = detector.detection, detector.detection.score
    assert (detection.method, detection.has_signal) == ("learnt from anomaly_status", True)
    assert score is not None
    assert score.split == "other VMs, at a later time"
    assert score.share < 0.12
    assert score.average_precision_interval[0] > 4 * score.share
    assert score.average_precision_interval[0] < score.average_precision
    assert score.lead == pytest.approx(score.average_precision - score.baseline_average_precision)
    assert score.anomalies / score.rows == pytest.approx(score.share)
    # A half of the time, and every VM once.
    assert DEMO_ROWS / 2 - 100 < score.rows <= DEMO_ROWS / 2 + 100
    for said in (f"{score.rows:,} rows", f"{score.average_precision:.2f}", f"{score.share:.2f}"):
        assert said in detection.sentence


def test_the_most_unusual_are_mostly_real_newest_first_and_say_why(
    fleet: Fleet, detector: Detector
) -> None:
    found = detector.find(fleet, Filters(), unheard, limit=50)
    assert (found.n_rows, len(found.rows), found.empty_reason) == (DEMO_ROWS, 50, None)
    assert found.n_found > 50
    times = [row.at for row in found.rows if row.at is not None]
    assert times == sorted(times, reverse=True)
    assert np.mean([bool(row.labelled) for row in found.rows]) > 0.7
    assert min(row.probability or 0 for row in found.rows) > 0.8
    assert min(row.less_unusual or 0 for row in found.rows) > 0.9
    explained = [row for row in found.rows if row.causes]
    assert len(explained) > 45
    for row in explained:
        assert all(not cause.low <= cause.value <= cause.high for cause in row.causes)
        assert f"for {row.causes[0].compared_with}" in row.sentence
        assert row.causes[0].text.lower() in row.sentence.lower()


def test_every_marked_row_is_an_anomaly_and_filters_apply(
    fleet: Fleet, detector: Detector, demo: pd.DataFrame
) -> None:
    own = demo[demo["vm_id"] == "vm-003"]
    found = detector.find(fleet, Filters(vms=("vm-003",)), unheard, limit=1_000)
    assert found.n_rows == len(own)
    assert {row.vm_id for row in found.rows} == {"vm-003"}
    assert len(found.rows) == found.n_found
    marked = [row.at for row in found.rows if row.labelled]
    assert sorted(marked) == own[own["anomaly_status"] == 1]["timestamp"].tolist()


def test_the_same_data_give_the_same_answer_while_progress_rises_to_one(
    fleet: Fleet, detector: Detector
) -> None:
    heard: list[float] = []
    again = learn(fleet, heard.append)
    assert again.detection == detector.detection
    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == (0.0, 1.0)
    assert len(heard) > 6
    filters = Filters(task_types=("web",))
    assert again.find(fleet, filters, unheard) == detector.find(fleet, filters, unheard)


def test_without_labels_incidents_are_found_by_what_is_unusual(
    demo: pd.DataFrame, tmp_path: Path
) -> None:
    with stored(demo.drop(columns="anomaly_status"), tmp_path) as fleet:
        detector = learn(fleet, unheard)
        found = detector.find(fleet, Filters(), unheard)
    assert detector.detection.method == "deviation from what is usual"
    assert detector.detection.score is None
    marked = demo.set_index(["vm_id", "timestamp"])["anomaly_status"]
    real = np.mean([marked[row.vm_id, row.at] for row in found.rows])
    assert real > 5 * marked.mean()
    assert all(row.probability is None and row.labelled is None for row in found.rows)
    # Far fewer than the share that a fixed quantile would have to call anomalies.
    assert found.n_found < 0.1 * len(demo)


@pytest.mark.parametrize("with_labels", [True, False])
def test_noise_has_no_signal_and_is_given_no_causes(tmp_path: Path, with_labels: bool) -> None:
    frame = noise(5_000, seed=2)
    if not with_labels:
        frame = frame.drop(columns="anomaly_status")
    with stored(frame, tmp_path) as fleet:
        detector = learn(fleet, unheard)
        found = detector.find(fleet, Filters(), unheard)
    assert (detector.detection.has_signal, detector.detection.method) == (False, "none")
    assert "random numbers" in detector.detection.sentence
    if with_labels:
        assert "anomaly_status cannot be told" in detector.detection.sentence
        assert found.n_found == frame["anomaly_status"].sum()
        assert all(row.labelled and not row.causes for row in found.rows)
        assert all(row.probability is None and row.less_unusual is None for row in found.rows)
        assert "do not tell why" in found.rows[0].sentence
        newest = frame[frame["anomaly_status"] == 1]["timestamp"].nlargest(200)
        assert [row.at for row in found.rows] == newest.tolist()
    else:
        assert found.rows == ()
        assert found.empty_reason == detector.detection.sentence


def test_labels_drawn_at_random_are_not_learnt_though_the_fleet_is_real(
    demo: pd.DataFrame, tmp_path: Path
) -> None:
    labels = np.random.default_rng(3).permutation(demo["anomaly_status"].to_numpy())
    with stored(demo.assign(anomaly_status=labels), tmp_path) as fleet:
        detection = learn(fleet, unheard).detection
    assert not detection.has_signal
    assert detection.score is not None
    assert detection.score.average_precision < 2 * detection.score.share
    assert "cannot be told from the measurements" in detection.sentence


def test_a_few_labels_are_too_few_to_learn_from(demo: pd.DataFrame, tmp_path: Path) -> None:
    labels = demo["anomaly_status"].where(demo.index < 150)
    with stored(demo.assign(anomaly_status=labels), tmp_path) as fleet:
        detection = learn(fleet, unheard).detection
    assert detection.method == "deviation from what is usual"
    assert "too few" in detection.sentence


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (None, "The rows are not marked as anomalies or normal"),
        (
            0,
            f"No row is marked as an anomaly in anomaly_status, {DEMO_ROWS:,} are marked as normal",
        ),
        ("all but 60 are anomalies", "Only 60 rows are not marked as anomalies"),
        ("150 are normal, the rest not told", "No row is marked as an anomaly"),
        ("a third anomalies, 60 normal", "The 60 rows marked as normal are too few"),
    ],
)
def test_labels_of_one_kind_are_called_what_they_are(
    demo: pd.DataFrame, tmp_path: Path, labels: object, says: str
) -> None:
    n = np.arange(len(demo))
    if labels == "all but 60 are anomalies":
        labels = np.where(n < 60, 0, 1)
    elif labels == "150 are normal, the rest not told":
        labels = np.where(n < 150, 0, np.nan)
    elif labels == "a third anomalies, 60 normal":
        labels = np.where(n < 60, 0, np.where(n % 3 == 0, 1, np.nan))
    with stored(demo.assign(anomaly_status=labels), tmp_path) as fleet:
        assert learn(fleet, unheard).detection.sentence.startswith(says)


def test_labels_of_one_time_only_are_not_learnt_from(demo: pd.DataFrame, tmp_path: Path) -> None:
    labels = demo["anomaly_status"].where(demo.index < DEMO_ROWS / 3, 0)
    with stored(demo.assign(anomaly_status=labels), tmp_path) as fleet:
        heard: list[float] = []
        detection = learn(fleet, heard.append).detection
    assert labels.sum() > 100
    assert heard == sorted(heard)
    assert detection.method == "deviation from what is usual"
    assert "too much of one time" in detection.sentence


def test_one_vm_is_told_apart_by_time(tmp_path: Path) -> None:
    n_rows = 3_000
    random = np.random.default_rng(4)
    is_anomaly = random.random(n_rows) < 0.05
    frame = pd.DataFrame(
        {
            "vm_id": "only",
            "timestamp": START + pd.to_timedelta(np.arange(n_rows), unit="h"),
            "cpu_usage": random.normal(40, 5, n_rows) + 40 * is_anomaly,
            "memory_usage": random.normal(50, 5, n_rows),
            "anomaly_status": is_anomaly.astype(int),
        }
    )
    with stored(frame, tmp_path) as fleet:
        detector = learn(fleet, unheard)
        found = detector.find(fleet, Filters(), unheard)
    assert detector.detection.score is not None
    assert detector.detection.score.split == "at a later time"
    assert detector.detection.score.average_precision > 0.95
    assert np.mean([bool(row.labelled) for row in found.rows]) > 0.95
    assert found.rows[0].causes[0].column == "cpu_usage"


def test_rows_without_times_are_told_apart_by_vm(demo: pd.DataFrame, tmp_path: Path) -> None:
    with stored(demo.assign(timestamp=None), tmp_path) as fleet:
        detector = learn(fleet, unheard)
        found = detector.find(fleet, Filters(), unheard, limit=20)
    assert detector.detection.score is not None
    assert detector.detection.score.split == "other VMs"
    assert len(found.rows) == 20
    assert all(row.at is None for row in found.rows)


@pytest.mark.parametrize("n_rows", [1, 20])
def test_a_few_rows_are_not_enough(tmp_path: Path, n_rows: int) -> None:
    rows = [{"anomaly_status": str(int(n == 3))} for n in range(n_rows)]
    with Fleet(import_file(fleet_csv(*rows).encode(), tmp_path)) as fleet:
        detector = learn(fleet, unheard)
        found = detector.find(fleet, Filters(), unheard)
    assert not detector.detection.has_signal
    assert f"{n_rows} are there" in detector.detection.sentence
    assert [row.labelled for row in found.rows] == [True] * (n_rows == 20)


def test_tickets_have_no_measurements_to_look_at(tmp_path: Path) -> None:
    data = ticket_csv([("it is slow", "General")] * 3).encode()
    with Fleet(import_file(data, tmp_path)) as fleet:
        detector = learn(fleet, unheard)
        found = detector.find(fleet, Filters(), unheard)
    assert detector.detection.sentence.startswith("The dataset has no measurements")
    assert found.empty_reason == detector.detection.sentence


def test_no_row_left_by_the_filters_is_the_reason(fleet: Fleet, detector: Detector) -> None:
    found = detector.find(fleet, Filters(vms=("nobody",)), unheard)
    assert (found.rows, found.n_rows) == ((), 0)
    assert found.empty_reason == "No row matches the filters (VM); clear one of them."


class CancelledError(Exception):
    """What a page raises from the callback when somebody leaves it."""


def test_listening_to_the_progress_can_end_the_work(fleet: Fleet, detector: Detector) -> None:
    heard: list[float] = []
    detector.find(fleet, Filters(), heard.append)
    assert (heard[0], heard[-1]) == (0.0, 1.0)

    def leave(fraction: float) -> None:
        if fraction > 0.4:
            raise CancelledError

    with pytest.raises(CancelledError):
        learn(fleet, leave)
    with pytest.raises(CancelledError):
        detector.find(fleet, Filters(), leave)
    assert fleet.overview(Filters()).summary.rows == DEMO_ROWS  # it can still be asked
