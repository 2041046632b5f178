"""The figures and the charts against pandas, and where there is little or nothing to show."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset import import_file
from core.dataset.overview import NOT_GIVEN, Filters, Fleet, LoadMap, Overview, TimeSeries
from core.errors import MissingDataError
from tests.core.dataset.csv_files import fleet_csv, ticket_csv
from tests.core.dataset.stored import START, random_frame, stored

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
ROWS = 3_000  # beyond what is drawn point by point


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return random_frame(ROWS, seed=1)


@pytest.fixture(scope="module")
def fleet(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with stored(frame, tmp_path_factory.mktemp("data")) as opened:
        yield opened


def counting(frame: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """Return the rows that count, as pandas finds them."""
    kept = frame
    if filters.since is not None:
        kept = kept[kept["timestamp"] >= filters.since]
    if filters.until is not None:
        kept = kept[kept["timestamp"] < filters.until]
    for column, wanted in (
        ("vm_id", filters.vms),
        ("task_type", filters.task_types),
        ("task_priority", filters.priorities),
        ("task_status", filters.statuses),
    ):
        if wanted:
            kept = kept[kept[column].fillna(NOT_GIVEN).isin(wanted)]
    return kept


def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=2).map(tuple)


MOMENTS = st.none() | st.integers(-1, 74).map(
    lambda hours: (START + timedelta(hours=hours)).to_pydatetime()
)
FILTERS = st.builds(
    Filters,
    since=MOMENTS,
    until=MOMENTS,
    vms=some("vm-0", "vm-1", "vm-2", "vm-9"),
    task_types=some("web", "batch", NOT_GIVEN),
    priorities=some("high", "low", NOT_GIVEN),
    statuses=some("completed", "failed"),
)


def assert_summary(overview: Overview, frame: pd.DataFrame, filters: Filters) -> None:
    rows = counting(frame, filters)
    summary = overview.summary
    judged = rows["anomaly_status"].dropna()
    assert (summary.rows, summary.vms) == (len(rows), rows["vm_id"].nunique())
    assert (summary.judged, summary.anomalies) == (len(judged), (judged == 1).sum())
    assert summary.tickets == rows["ticket_text"].notna().sum()
    times = rows["timestamp"].dropna()
    assert summary.since == (None if times.empty else times.min())
    assert summary.until == (None if times.empty else times.max())
    assert (summary.anomaly_rate is None) == judged.empty
    if summary.anomaly_rate is not None:
        assert summary.anomaly_rate == pytest.approx(judged.mean())
    assert (summary.rate_change is None) == (summary.no_change_reason is not None)


def assert_cpu(cpu: TimeSeries, rows: pd.DataFrame) -> None:
    rows = rows.dropna(subset=["timestamp", "cpu_usage"])
    assert (cpu.empty_reason is None) == (not rows.empty)
    found = 0
    for series in cpu.series:
        wanted = {"normal": 0, "anomaly": 1}.get(series.status)
        own = rows[
            rows["anomaly_status"].isna() if wanted is None else rows["anomaly_status"] == wanted
        ]
        half = pd.Timedelta(seconds=cpu.bucket_s / 2)
        for n, middle in enumerate(pd.to_datetime(series.at, utc=True)):
            time = own["timestamp"]
            values = own[(time >= middle - half) & (time < middle + half)]["cpu_usage"]
            assert series.rows[n] == len(values)
            assert series.low[n] == values.min()
            assert series.mean[n] == pytest.approx(values.mean())
            assert series.high[n] == values.max()
        found += int(series.rows.sum())
    assert found == len(rows)


def assert_load(load: LoadMap, rows: pd.DataFrame) -> None:
    both = rows.dropna(subset=["cpu_usage", "memory_usage"])
    assert (load.empty_reason is None) == (not both.empty)
    if load.points is not None:
        assert sorted(zip(load.points.cpu, load.points.memory, strict=True)) == sorted(
            zip(both["cpu_usage"], both["memory_usage"], strict=True)
        )
        assert load.points.statuses.count("anomaly") == (both["anomaly_status"] == 1).sum()
    elif not both.empty:
        edges = (load.memory_edges, load.cpu_edges)
        counted, _, _ = np.histogram2d(both["memory_usage"], both["cpu_usage"], edges)
        np.testing.assert_array_equal(load.rows, counted)
        marked = both[both["anomaly_status"] == 1]
        counted, _, _ = np.histogram2d(marked["memory_usage"], marked["cpu_usage"], edges)
        np.testing.assert_array_equal(load.anomalies, counted)


@settings(max_examples=25, deadline=None)
@given(filters=FILTERS)
def test_every_answer_is_what_pandas_finds_whatever_the_filters(
    fleet: Fleet, frame: pd.DataFrame, filters: Filters
) -> None:
    overview = fleet.overview(filters)
    rows = counting(frame, filters)
    assert_summary(overview, frame, filters)
    assert_cpu(overview.cpu, rows)
    assert_load(overview.load, rows)
    counts = rows["task_type"].fillna(NOT_GIVEN).value_counts()
    if rows["task_type"].notna().any():
        assert {kind.task_type: kind.rows for kind in overview.tasks.types} == counts.to_dict()
    else:
        assert overview.tasks.empty_reason is not None
    if overview.anomaly_split:
        assert sum(part.rows for part in overview.anomaly_split) == len(rows)
        assert sum(part.share for part in overview.anomaly_split) == pytest.approx(1)
    else:
        assert overview.split_empty_reason is not None


def test_all_rows_are_drawn_as_a_grid_whose_counts_sum_to_them(
    fleet: Fleet, frame: pd.DataFrame
) -> None:
    load = fleet.overview(Filters()).load
    assert load.points is None
    assert load.rows.sum() == len(frame.dropna(subset=["cpu_usage", "memory_usage"])) > 2_000
    assert load.rows.size <= 10_000


def test_shares_above_100_percent_and_far_beyond_are_counted_too(tmp_path: Path) -> None:
    frame = random_frame(ROWS, seed=3)
    frame.loc[10, "cpu_usage"], frame.loc[11, "memory_usage"] = 180.0, 1e12
    with stored(frame, tmp_path) as fleet:
        load = fleet.overview(Filters()).load
    assert load.cpu_edges[-1] == 180.0
    assert load.memory_edges[-1] == 400.0
    assert load.rows.sum() == len(frame.dropna(subset=["cpu_usage", "memory_usage"]))


def test_a_single_spike_among_many_rows_stays_the_highest_point(tmp_path: Path) -> None:
    n_rows = 20_000
    frame = pd.DataFrame(
        {
            "vm_id": "vm-1",
            "timestamp": START + pd.to_timedelta(np.arange(n_rows) * 60, unit="s"),
            "cpu_usage": 20.0 + np.arange(n_rows) % 7,
            "anomaly_status": 0,
        }
    )
    frame.loc[12_345, "cpu_usage"] = 99.5
    with stored(frame, tmp_path) as fleet:
        cpu = fleet.overview(Filters()).cpu
    (series,) = cpu.series
    assert series.at.size * 3 <= 10_000
    assert series.high.max() == 99.5
    at = series.at[series.high.argmax()]
    spike = frame["timestamp"][12_345].tz_convert(None).to_datetime64()
    assert abs(at - spike) <= np.timedelta64(int(cpu.bucket_s / 2), "s")
    assert series.rows.sum() == n_rows


def test_the_rate_is_compared_with_the_time_of_the_same_length_before(tmp_path: Path) -> None:
    days = pd.date_range(START, periods=8, freq="12h")
    flags = [1, 1, 1, 1, 0, 1, 0, 0]
    frame = pd.DataFrame(
        {"vm_id": "a", "timestamp": days, "cpu_usage": range(50, 58), "anomaly_status": flags}
    )
    with stored(frame, tmp_path) as fleet:
        day = timedelta(days=1)
        summary = fleet.overview(Filters(since=START + 2 * day, until=START + 3 * day)).summary
        assert (summary.rows, summary.anomaly_rate) == (2, 0.5)
        day_3 = fleet.overview(Filters(since=START + 2 * day, until=START + 3 * day))
        assert sum(series.rows.sum() for series in day_3.cpu.series) == 2  # the end is without
        assert (summary.preceding_judged, summary.preceding_rate) == (2, 1.0)
        assert summary.rate_change == -0.5
        # Without an end the time ends with the last row: the 24 hours before are compared.
        summary = fleet.overview(Filters(since=START + 2.5 * day)).summary
        assert (summary.anomaly_rate, summary.preceding_judged) == (pytest.approx(1 / 3), 2)
        first = fleet.overview(Filters(since=START, until=START + day)).summary
        assert (first.rate_change, first.preceding_judged) == (None, 0)
        assert "before" in (first.no_change_reason or "")
        assert "nothing precedes" in (fleet.overview(Filters()).summary.no_change_reason or "")


@pytest.mark.parametrize(
    ("since", "until", "n_rows"),
    [
        (FIRST, LAST, 2),
        (FIRST, None, 2),
        (None, LAST, 2),
        (LAST, FIRST, 0),
        (LAST, None, 0),
    ],
)
def test_the_first_and_the_last_moments_there_are_can_be_asked_for(
    tmp_path: Path, since: datetime | None, until: datetime | None, n_rows: int
) -> None:
    with Fleet(import_file(fleet_csv({}, {}, {"timestamp": ""}).encode(), tmp_path)) as fleet:
        assert fleet.overview(Filters(since=since, until=until)).summary.rows == n_rows


def test_filters_in_another_time_zone_mean_the_same_moments(
    fleet: Fleet, frame: pd.DataFrame
) -> None:
    since = datetime.fromisoformat("2025-03-04T05:30:00+05:30")
    summary = fleet.overview(Filters(since=since)).summary
    assert summary.rows == (frame["timestamp"] >= since.astimezone(UTC)).sum()


def test_rare_task_types_are_summed_up(tmp_path: Path) -> None:
    changes = [{"task_type": f"kind {n % 40:02}", "vm_id": f"v{n}"} for n in range(400)]
    with Fleet(import_file(fleet_csv(*changes, *changes[:7]).encode(), tmp_path)) as fleet:
        tasks = fleet.overview(Filters()).tasks
    assert len(tasks.types) == 30
    assert tasks.types[0].rows == max(kind.rows for kind in tasks.types)
    assert tasks.other_rows + sum(kind.rows for kind in tasks.types) == 407


@pytest.mark.parametrize("n_rows", [1, 20])
def test_a_few_rows_are_shown_as_they_are(tmp_path: Path, n_rows: int) -> None:
    changes = [{"cpu_usage": f"{40 + n}", "anomaly_status": str(n % 2)} for n in range(n_rows)]
    with Fleet(import_file(fleet_csv(*changes).encode(), tmp_path)) as fleet:
        overview = fleet.overview(Filters())
    assert overview.summary.rows == n_rows
    assert sum(series.rows.sum() for series in overview.cpu.series) == n_rows
    assert overview.load.points is not None
    assert overview.load.points.cpu.tolist() == [40.0 + n for n in range(n_rows)]
    assert overview.load.points.vm_ids == ("vm-001",) * n_rows
    assert overview.load.points.statuses[0] == "normal"
    assert overview.load.points.at[0] == np.datetime64("2025-03-01T10:00:00")


def test_no_row_left_gives_reasons_instead_of_charts(fleet: Fleet) -> None:
    overview = fleet.overview(Filters(vms=("nobody",), statuses=("failed",)))
    assert (overview.summary.rows, overview.summary.vms) == (0, 0)
    assert (overview.summary.anomaly_rate, overview.summary.since) == (None, None)
    reason = "No row matches the filters (VM and status); clear one of them."
    assert overview.cpu.empty_reason == overview.load.empty_reason == reason
    assert overview.tasks.empty_reason == overview.split_empty_reason == reason
    assert (overview.cpu.series, overview.tasks.types, overview.anomaly_split) == ((), (), ())


def test_a_column_that_the_file_lacks_is_the_reason(tmp_path: Path) -> None:
    text = "vm_id,timestamp,memory_usage\na,2025-03-01,50\nb,2025-03-02,60\n"
    with Fleet(import_file(text.encode(), tmp_path)) as fleet:
        overview = fleet.overview(Filters())
    assert overview.cpu.empty_reason == "The file has no column cpu_usage."
    assert overview.load.empty_reason == "The file has no column cpu_usage."
    assert overview.tasks.empty_reason == "The file has no column task_type."
    assert overview.split_empty_reason == "The file has no column anomaly_status."
    assert overview.summary.no_change_reason == "No row here has an anomaly_status."


def test_rows_without_times_are_counted_and_not_drawn_over_time(tmp_path: Path) -> None:
    rows = [{"timestamp": "", "cpu_usage": f"{40 + n}"} for n in range(3)]
    with Fleet(import_file(fleet_csv(*rows).encode(), tmp_path)) as fleet:
        overview = fleet.overview(Filters())
        since = fleet.overview(Filters(since=START.to_pydatetime())).summary
    assert (overview.summary.rows, overview.summary.since) == (3, None)
    assert (
        overview.cpu.empty_reason == "None of the 3 rows has a value in timestamp and in cpu_usage."
    )
    assert overview.load.points is not None
    assert np.isnat(overview.load.points.at).all()
    assert since.rows == 0


def test_a_file_of_tickets_has_tickets_and_reasons(tmp_path: Path) -> None:
    text = ticket_csv([("it is slow", "General"), ("it is down", "Network")])
    with Fleet(import_file(text.encode(), tmp_path)) as fleet:
        overview = fleet.overview(Filters())
        assert (overview.summary.rows, overview.summary.vms, overview.summary.tickets) == (2, 0, 2)
        assert overview.cpu.empty_reason is not None
        assert fleet.choices().vms == ()


def test_without_a_dataset_the_error_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="dataset import"):
        Fleet.open(tmp_path)


def test_moments_without_a_time_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Filters(since=datetime(2025, 3, 1))  # noqa: DTZ001
