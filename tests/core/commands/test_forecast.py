import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from core.__main__ import main

START = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
N = 24 * 20


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str | Path) -> Said:
        code = main(["forecast", *map(str, arguments)])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return command


def stamp(hour: float) -> str:
    return datetime.fromtimestamp(START + 3600 * hour, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def load(hour: np.ndarray, seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 1, hour.size)
    return 40 + 0.05 * hour + 5 * np.sin(2 * np.pi * hour / 24) + noise


@pytest.fixture
def series(tmp_path: Path) -> Path:
    path = tmp_path / "series.csv"
    values = load(np.arange(N))
    lines = [f"{stamp(hour)},{value:.3f}" for hour, value in enumerate(values)]
    path.write_text("timestamp,value\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """Two machines: a at 30 % and 100 W, b at 50 % and 300 W, both steady."""
    path = tmp_path / "fleet.csv"
    lines = ["vm_id,timestamp,cpu_usage,memory_usage,power_consumption"]
    for hour in range(24 * 5):
        lines += [f"a,{stamp(hour)},30,40,100", f"b,{stamp(hour)},50,60,300"]
    lines += [f"new,{stamp(0)},,,", f"young,{stamp(hour)},40,50,200"]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("stray", ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_forecast_when_one_row_has_a_wrong_year_then_it_is_left_out_and_said(
    run, series, fleet, stray
):
    with series.open("a") as file:
        file.write(f"{stray},1\n")
    with fleet.open("a") as file:
        file.write(f"a,{stray},99,99,99\nlost,{stray},99,99,99\n")
    of_series = run("--data", series, "--json")
    of_fleet = run("--data", fleet, "--metric", "cpu", "--json")
    of_machine = run("--data", fleet, "--metric", "cpu", "--vm", "a", "--json")
    for said, n, last in ((of_series, 1, N), (of_fleet, 2, 24 * 5), (of_machine, 1, 24 * 5)):
        assert said.code == 0
        assert said.json["history_end"] == stamp(last - 1)
        assert any(f"{n} row" in note and "left out" in note for note in said.json["notes"])
    assert of_series.json["level"] == pytest.approx(64, abs=1)
    assert of_fleet.json["level"] == pytest.approx(40, abs=0.5)
    assert len(of_fleet.json["points"]) == 168


def test_series_when_it_is_a_counter_then_all_numbers_are_per_second(run, tmp_path):
    counted = np.cumsum(np.full(N, 500.0 * 3600))
    counted[100:] -= counted[99]
    path = tmp_path / "bytes.csv"
    lines = [f"{stamp(hour)},{value:.0f}" for hour, value in enumerate(counted)]
    path.write_text("timestamp,value\n" + "\n".join(lines) + "\n")
    found = run("--data", path, "--limit", "600", "--json").json
    assert found["is_rate"] is True
    assert found["level"] == pytest.approx(500)
    said = run("--data", path, "--limit", "600").out
    assert "level now 500 /s, trend 0 a day" in said
    assert ": 500 /s, with 80 % between 500 /s and 500 /s" in said
    assert re.search("limit 600 /s +not reached", said)


def test_series_when_forecast_then_the_document_holds_points_limits_and_backtest(run, series):
    said = run("--data", series, "--json")
    assert said.code == 0
    found = said.json
    assert found["history_end"] == stamp(N - 1)
    assert len(found["points"]) == 168
    assert [found["points"][n]["timestamp"] for n in (0, -1)] == [stamp(N), stamp(N + 167)]
    for point in found["points"]:
        order = [point[name] for name in ("lo95", "lo80", "lo50", "mean", "hi50", "hi80", "hi95")]
        assert order == sorted(order)
    truth = load(np.arange(N + 168), seed=2)[N:]
    means = np.array([point["mean"] for point in found["points"]])
    assert np.abs(means - truth).mean() < 2
    score = found["backtest"]
    assert score["mase"] < score["baseline_mase"]
    assert 0.75 <= score["coverage80"] <= 0.9
    assert score["windows"] >= 3
    assert [season["name"] for season in found["seasons"]] == ["daily"]


def test_series_when_it_grows_to_a_limit_then_the_true_date_is_within_the_dates(run, series):
    found = run("--data", series, "--horizon", "4w", "--json").json
    warning = found["limits"][0]
    assert (warning["name"], warning["limit"]) == ("warning", 80)
    hours = np.arange(N, 2000)
    clean = 40 + 0.05 * hours + 5 * np.sin(2 * np.pi * hours / 24)
    true = stamp(hours[clean >= 80][0])
    assert warning["earliest"] <= true <= warning["latest"]
    assert warning["earliest"] <= warning["likely"] <= warning["latest"]


def test_series_when_limits_are_given_then_they_replace_the_usual_ones(run, series):
    found = run("--data", series, "--limit", "70", "--limit", "60", "--limit", "99", "--json").json
    assert [limit["limit"] for limit in found["limits"]] == [60, 70, 99]
    assert [limit["is_reached"] for limit in found["limits"]] == [True, False, False]
    assert found["limits"][0]["earliest"] == found["history_end"]
    assert found["limits"][2]["likely"] is None


def test_series_when_read_by_people_then_the_summary_says_the_same(run, series):
    said = run("--data", series, "--limit", "60", "--limit", "70", "--limit", "99")
    assert said.code == 0
    assert "level now 64" in said.out
    assert re.search(r"trend \+1\.[12]", said.out)
    assert "seasons: daily" in said.out
    assert re.search(r"limit 60 +reached", said.out)
    assert re.search(r"limit 70 +2026-03-2\d \d\d:\d\d:\d\d UTC", said.out)
    assert re.search(r"limit 99 +not reached within the horizon", said.out)
    assert re.search(r"the 80 % band held \d\d% of what came", said.out)


def test_series_when_taken_for_percent_then_it_says_so_and_a_limit_beyond_ends_that(run, series):
    assert "taken for percent" in run("--data", series, "--json").err
    said = run("--data", series, "--limit", "150", "--horizon", "12w", "--json")
    assert "percent" not in said.err
    assert said.json["points"][-1]["mean"] > 100


@pytest.mark.parametrize("n", [1, 2])
def test_series_when_there_are_few_points_then_that_is_the_answer(run, tmp_path: Path, n: int):
    path = tmp_path / "few.csv"
    path.write_text("timestamp,value\n" + "".join(f"{stamp(k)},50\n" for k in range(n)))
    said = run("--data", path, "--json")
    assert said.code == 0
    assert said.json["reason"] == f"not enough history: {n} of the 8 points needed"
    assert (said.json["points"], said.json["history_end"]) == ([], stamp(n - 1))
    assert said.json["backtest"]["windows"] == 0
    assert {limit["earliest"] for limit in said.json["limits"]} == {None}
    people = run("--data", path)
    assert people.code == 0
    assert "not enough history" in people.err


def test_fleet_when_it_is_a_share_then_the_mean_is_forecast_and_power_is_summed(run, fleet):
    cpu = run("--data", fleet, "--metric", "cpu_usage", "--horizon", "24h", "--json").json
    assert (cpu["resource"], len(cpu["points"])) == ("fleet", 24)
    assert cpu["level"] == pytest.approx(40)
    power = run("--data", fleet, "--metric", "power", "--horizon", "24h", "--json").json
    assert power["points"][0]["mean"] == pytest.approx(400, rel=0.5)
    assert power["limits"] == []


def test_fleet_when_a_machine_is_named_then_it_alone_is_forecast(run, fleet):
    found = run("--data", fleet, "--metric", "memory_usage", "--vm", "b", "--json").json
    assert (found["resource"], found["metric"]) == ("b", "memory_usage")
    assert {point["mean"] for point in found["points"]} == {60}
    young = run("--data", fleet, "--metric", "memory_usage", "--vm", "young", "--json").json
    assert young["reason"].startswith("not enough history")


BAD = {
    ("--metric", "cpu_usage", "--vm", "c"): "no machine 'c'; there are a, b",
    ("--metric", "cpu_usage", "--vm", "new"): "no cpu_usage of new",
    ("--metric", "network_traffic"): "no network_traffic of the fleet",
    ("--metric", "cpus"): "must be one of cpu_usage",
    (): "say --metric, one of cpu_usage",
    ("--metric", "cpu_usage", "--horizon", "soon"): "such as 12h, 7d or 4w",
    ("--metric", "cpu_usage", "--horizon", "0d"): "above 0",
    ("--metric", "cpu_usage", "--horizon", "9999w"): "at most 5 years",
    ("--metric", "cpu_usage", "--limit", "nan"): "--limit is nan",
}


@pytest.mark.parametrize("arguments", BAD)
def test_fleet_when_it_does_not_hold_what_is_asked_then_one_sentence_says_so(run, fleet, arguments):
    said = run("--data", fleet, *arguments, "--json")
    assert (said.code, said.out) == (2, "")
    assert BAD[arguments] in said.err
    assert said.err.count("\n") == 1


def test_file_when_it_cannot_be_used_then_one_sentence_says_so(run, series, tmp_path: Path):
    other = tmp_path / "other.csv"
    other.write_text("time,load\n1,2\n")
    tickets = tmp_path / "tickets.csv"
    tickets.write_text("ticket_text,ticket_category\nno network,Network\n")
    empty = tmp_path / "empty.csv"
    empty.write_text("timestamp,value\n2026-03-02,\n")
    far = tmp_path / "far.csv"
    far.write_text("timestamp,value\n" + "".join(f"9999-12-{d},1\n" for d in range(10, 25)))
    cases = {
        (tmp_path / "none.csv",): "none.csv is not there",
        (other, "--metric", "cpu_usage"): "columns timestamp and value",
        (tickets, "--metric", "cpu_usage"): "holds tickets",
        (empty,): "no value in any row",
        (far,): "check the timestamps",
        (series, "--vm", "a"): "leave --vm out",
    }
    for arguments, says in cases.items():
        said = run("--data", *arguments)
        assert (said.code, said.out) == (2, ""), arguments
        assert says in said.err
