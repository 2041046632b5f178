import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import UnknownNameError
from core.metrics import metric_spec
from core.telemetry.metrics.cpu_percent import CpuPercent
from core.telemetry.registry import create_metric, create_metrics, metric_names, register

SWAP = """
from core.metrics import MetricSpec
from core.telemetry.metric import Metric
from core.telemetry.registry import register

@register
class SwapPercent(Metric):
    spec = MetricSpec(name="swap_percent", label="Swap", unit="%", meaning="swap in use", high=100)

    def read(self, sources, now):
        return 3.0
"""


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_metric_is_added_by_one_file(tmp_path):
    (tmp_path / "swap_percent.py").write_text(SWAP)
    done = run(
        "import core.telemetry.metrics as package\n"
        f"package.__path__.append({str(tmp_path)!r})\n"
        "from core.telemetry.collector import Collector\n"
        "from tests.fakes import FakeHost\n"
        "reading = list(Collector('web-1', FakeHost()).sample())[10]\n"
        "print(reading.metric, reading.value)\n"
    )
    assert done.stdout == "swap_percent 3.0\n", done.stderr


def test_a_broken_metric_module_is_an_error_at_every_look_up(tmp_path):
    (tmp_path / "swap_percent.py").write_text(SWAP + "\n1 / 0\n")
    done = run(
        "import core.telemetry.metrics as package\n"
        f"package.__path__.append({str(tmp_path)!r})\n"
        "from core.telemetry.registry import metric_names\n"
        "for turn in range(2):\n"
        "    try:\n"
        "        print(metric_names())\n"
        "    except ZeroDivisionError:\n"
        "        print('broken')\n"
    )
    assert done.stdout == "broken\nbroken\n", done.stderr


def test_naming_the_area_loads_neither_psutil_nor_requests():
    done = run("import sys, core.telemetry\nprint({'psutil', 'requests'} & set(sys.modules))")
    assert done.stdout == "set()\n", done.stderr


def test_two_metrics_of_one_name_are_refused():
    class Another(CpuPercent):
        pass

    with pytest.raises(ValueError, match="two metrics are named 'cpu_percent'"):
        register(Another)
    assert type(create_metric("cpu_percent")) is CpuPercent


def test_a_name_that_cannot_be_a_column_is_refused():
    class Odd(CpuPercent):
        spec = replace(metric_spec("cpu_percent"), name="cpu percent; drop")

    with pytest.raises(ValueError, match="named like a variable"):
        register(Odd)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"'swap'.*cpu_percent, memory_percent"):
        create_metric("swap")


def test_every_collector_gets_metrics_of_its_own():
    first, second = create_metrics(), create_metrics()
    assert tuple(metric.spec.name for metric in first) == metric_names()
    assert not set(map(id, first)) & set(map(id, second))
