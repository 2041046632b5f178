"""The benches as one command: each name can be run, and the table says what it shows."""

import ast

import config
from bench.__main__ import BENCHES, table
from bench.result import Result


def test_bench_when_it_has_a_name_then_its_module_returns_results():
    for module in BENCHES.values():
        text = (config.ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
        assert "results" in {
            part.name for part in ast.parse(text).body if isinstance(part, ast.FunctionDef)
        }, module


def test_table_when_something_was_measured_then_ratio_machine_and_load_are_told():
    one = Result(what="a view", peer="pandas", ours=100.0, theirs=400.0, unit="ms", note="1 row")
    head, _, *rows = table([one], [0.5, 3.0], 12.0).splitlines()
    assert rows[-1] == "| a view | 100 | pandas | 400 | ms | 0.25 | 1 row |"
    assert "load average 0.5 to 3.0" in head
    assert "12 minutes" in head
    assert "pandas " in head
