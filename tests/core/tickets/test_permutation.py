"""What shuffling an input costs: most for the one that decides."""

from core.artifacts import load_version
from core.tickets.report import report_from_json
from core.tickets.train import train
from tests.core.tickets.some_tickets import some_tickets


def test_importance_when_one_column_decides_then_shuffling_it_costs_most(tmp_path):
    frame = some_tickets(400, seed=3)
    is_busy = frame["memory_usage"] > 50
    frame["ticket_category"] = is_busy.map({True: "Full", False: "Free"})
    report = train(frame, tmp_path, candidates=["logistic"])
    [first, *others] = report.permutation
    assert (first.name, first.kind) == ("memory_usage", "telemetry")
    assert 0.2 < first.low <= first.drop <= first.high
    assert all(other.drop < 0.1 for other in others)
    assert report.drivers[0].name == "memory_usage"
    _, folder = load_version(tmp_path, "tickets", report.version)
    text = (folder / "metrics.json").read_text("utf-8")
    assert report_from_json(text, report.version).permutation == report.permutation
