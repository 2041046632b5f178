"""What is asked of all machines, held against the same of a few machines in memory."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from core.dataset import import_file
from core.dataset.overview import Fleet
from core.fleet_span import span_of
from core.forecast import FLEET_METRICS, FleetMetric, fleet_history, machine_histories
from core.whole_fleet import fleet_course
from tests.pages.some_fleet import START

CPU, POWER = FLEET_METRICS[0], FLEET_METRICS[3]
HOUR_S = 3600.0


def frame() -> pd.DataFrame:
    """Machines that come later, leave early, are silent for a while, or have a single row."""
    random = np.random.default_rng(5)
    alive = {
        "early": range(60),
        "late": range(20, 100),
        "silent": [*range(30), *range(70, 100)],
        "once": [50],
    }
    return pd.DataFrame(
        [
            {
                "vm_id": name,
                "timestamp": START + pd.Timedelta(hours=hour),
                "cpu_usage": random.uniform(20, 90),
                "power_consumption": random.uniform(100, 200),
            }
            for name, hours in alive.items()
            for hour in hours
        ]
    )


@pytest.fixture
def fleet(tmp_path) -> Iterator[Fleet]:
    with Fleet(import_file(frame().to_csv(index=False).encode(), tmp_path)) as opened:
        yield opened


@pytest.mark.parametrize("metric", [CPU, POWER], ids=lambda metric: metric.name)
def test_course_when_machines_come_go_and_fall_silent_then_it_is_that_of_their_histories(
    fleet, metric: FleetMetric
):
    rows = frame()
    at_s = np.array([at.timestamp() for at in rows["timestamp"]])
    values = rows[metric.name].to_numpy()
    several = machine_histories(rows["vm_id"].to_numpy(dtype=object), at_s, values, metric)
    wanted = fleet_history(several, metric)
    found = fleet_course(fleet, span_of(fleet), metric, HOUR_S)
    assert found is not None
    assert found.at_s == pytest.approx(wanted.at_s)
    assert found.values == pytest.approx(wanted.values)
    assert (found.n_hosts, found.spreads, found.high) == (4, wanted.spreads, wanted.high)


def test_course_when_nothing_was_measured_then_there_is_none(fleet):
    assert fleet_course(fleet, span_of(fleet), FLEET_METRICS[2], HOUR_S) is None


def test_course_when_the_step_is_short_for_the_history_then_its_steps_stay_bounded(fleet):
    found = fleet_course(fleet, span_of(fleet), CPU, 0.01)
    assert found is not None
    assert found.values.size <= 100_001
