"""Does a model still hold: what came since it was made, beside what it learnt from.

The work is in functions for `core.background`; each returns a section of the report.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core import artifacts, quantities
from core.analytics.figures import Fact, Facts, Figure, Missing, Section, Table
from core.analytics.words import interval, named, percent
from core.background import Progress
from core.drift import MEASURE, SOURCE, Drift, drift, in_bins
from core.errors import MissingDataError
from core.failure.figures import FailureFigures, read_figures
from core.metrics import METRIC_NAMES
from core.store import Correction, SampleTable, Store
from core.tickets.features import LABEL, TEXT, inputs_of
from core.tickets.predict import TicketModel, load_model
from core.tickets.profile import input_drifts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["host_since", "tickets_since"]

TITLE = "Does it still hold"
FEWEST_CORRECTIONS = 30
LOOKS_BACK_DAYS = 7
_MOST_TICKETS = 20_000
_LONGEST_GAP_STEPS = 5
_DRIFT_TITLE = "Drift of the inputs"
_CORRECTIONS_TITLE = "Corrections since it was made"
_ALARMS_TITLE = "Alarms on this host"


def tickets_since(
    models_dir: Path, version: str, data_dir: Path, database_url: str, progress: Progress
) -> Section:
    """Return how a ticket model does on corrections, and how far newer tickets have moved.

    Raises
    ------
    CoreError
        Where the model, the dataset or the store cannot be read.
    """
    progress(0.1, "Reading the model")
    model = load_model(models_dir, version)
    manifest, _ = artifacts.load_version(models_dir, "tickets", version)
    progress(0.4, "Reading the corrections")
    store = Store(database_url)
    try:
        corrections = store.corrections()
    finally:
        store.close()
    made_at = datetime.fromisoformat(manifest.created_at)
    later = [one for one in corrections if one.at > made_at]
    first = _corrected(model, later)
    progress(0.6, "Comparing newer tickets with those of the training")
    return Section(title=TITLE, figures=(first, _ticket_drift(model, data_dir)))


def host_since(
    models_dir: Path,
    version: str,
    database_url: str,
    host: str,
    interval_s: float,
    progress: Progress,
) -> Section:
    """Return how far this host's samples lie from the training, and what was alarmed.

    `interval_s` is the time between two samples; after a few without one nobody watched.

    Raises
    ------
    CoreError
        Where the version or the store cannot be read.
    """
    progress(0.1, "Reading the samples of this host")
    manifest, folder = artifacts.load_version(models_dir, "failure", version)
    now = datetime.now(UTC)
    since = now - timedelta(days=LOOKS_BACK_DAYS)
    store = Store(database_url, METRIC_NAMES)
    try:
        samples = store.samples(host, since)
        progress(0.6, "Reading what the model said")
        judged = [one.at for one in store.risks(host, since) if one.model_version == version]
        started = [one.started_at for one in store.alarms(host, 1_000)]
    finally:
        store.close()
    figures = (
        _host_drift(version, read_figures(folder), samples),
        _alarms(manifest, _stretches(judged, _LONGEST_GAP_STEPS * interval_s), started),
    )
    return Section(title=TITLE, figures=figures)


def _corrected(model: TicketModel, later: Sequence[Correction]) -> Figure:
    import pandas as pd

    from core.tickets.judge import judge

    latest = {one.text: one for one in later}
    if len(latest) < FEWEST_CORRECTIONS:
        return Missing(
            title=_CORRECTIONS_TITLE,
            reason=f"Not enough rows to say: {len(latest)} tickets were corrected since "
            f"{model.version} was made, {FEWEST_CORRECTIONS} are needed.",
        )
    frame = pd.DataFrame(
        [{**one.telemetry, TEXT: one.text, LABEL: one.new} for one in latest.values()]
    )
    judged = judge(model, frame)
    own, always = judged.evaluation, judged.majority
    return Facts(
        title=_CORRECTIONS_TITLE,
        says=f"Of {own.n_tickets:,} tickets that people corrected it has "
        f"{percent(own.accuracy.value)} right. People correct what they find wrong, so that these "
        "are harder than most.",
        facts=(
            Fact(name="Accuracy", value=interval(
                own.accuracy.value, own.accuracy.low, own.accuracy.high)),
            Fact(name="Weighted F1", value=interval(
                own.weighted_f1.value, own.weighted_f1.low, own.weighted_f1.high)),
            Fact(name=f"Baseline: {always.title}", value=interval(
                always.accuracy.value, always.accuracy.low, always.accuracy.high)),
        ),
    )  # fmt: skip


def _ticket_drift(model: TicketModel, data_dir: Path) -> Figure:
    profile = model.report.profile
    if profile is None:
        return Missing(
            title=_DRIFT_TITLE,
            reason=f"{model.version} was made before the inputs of a training were kept; train a "
            "new version with `python -m core tickets train --data FILE`.",
        )
    try:
        frame = _newer_tickets(data_dir, profile.newest)
    except MissingDataError as error:
        return Missing(title=_DRIFT_TITLE, reason=str(error))
    if frame is None or not len(frame):
        when = f" newer than {profile.newest[:10]}" if profile.newest else ""
        return Missing(
            title=_DRIFT_TITLE,
            reason=f"Not enough rows to say: the dataset holds no ticket{when}, which is when the "
            f"newest one was written that {model.version} learnt from.",
        )
    labels = frame[LABEL].fillna("").astype(str).to_numpy(dtype=object)
    found = input_drifts(profile, inputs_of(frame, model.input_columns), labels)
    of = "of the dataset" + (f" since {profile.newest[:10]}" if profile.newest else "")
    return _drift_table(
        [(named(one.name), one.drift, ()) for one in found],
        f"{len(frame):,} tickets {of}",
        (),
        "tickets",
    )


def _newer_tickets(data_dir: Path, newest: str) -> "pd.DataFrame | None":
    """Return the tickets of the active dataset that were written later, at most 20,000."""
    import pyarrow.parquet as pq

    from core import dataset

    active = dataset.current(data_dir)
    filters = None
    if newest and "timestamp" in pq.read_schema(active.parquet).names:
        filters = [("timestamp", ">", datetime.fromisoformat(newest))]
    table = pq.read_table(active.parquet, filters=filters)
    if table.num_rows > _MOST_TICKETS:
        table = table.take(np.linspace(0, table.num_rows - 1, _MOST_TICKETS).astype(np.int64))
    if not table.num_rows:
        return None
    return dataset.with_tickets(dataset.with_derived(table.to_pandas())).frame


def _host_drift(version: str, figures: FailureFigures | None, samples: SampleTable) -> Figure:
    if figures is None or not figures.inputs:
        return Missing(
            title=_DRIFT_TITLE,
            reason=f"{version} was made before the inputs of a training were kept; "
            "`python -m core failure rejudge` writes it again with them.",
        )
    if not len(samples.at):
        return Missing(title=_DRIFT_TITLE, reason="Not enough rows to say: no sample is kept yet.")
    # One a minute: samples a few seconds apart say the same thing again.
    minutes = np.array([int(at.timestamp() // 60) for at in samples.at])
    values = samples.values[np.unique(minutes, return_index=True)[1]]
    rows = []
    for profile in figures.inputs:
        column = values[:, samples.metric_names.index(profile.metric)]
        known = column[np.isfinite(column)]
        if not known.size:
            continue
        outside = float(((known < profile.low) | (known > profile.high)).mean())
        found = drift(np.array(profile.counts), in_bins(known, np.array(profile.edges)))
        rows.append((named(profile.metric), found, (percent(outside),)))
    rows.sort(key=lambda row: -(row[1].psi if row[1].psi is not None else -1.0))
    return _drift_table(
        rows,
        f"{len(values):,} minutes of this host",
        ("Outside of what was learnt",),
        "minutes",
        " One host is always unlike the mix of many that was learnt from: what counts is the share "
        "outside of it.",
    )


def _drift_table(
    rows: Sequence[tuple[str, Drift, tuple[str, ...]]],
    of: str,
    more: tuple[str, ...],
    unit: str,
    remark: str = "",
) -> Figure:
    great = [name for name, found, _ in rows if found.verdict == "great change"]
    known = [name for name, found, _ in rows if found.psi is not None]
    if not known:
        says = f"Not enough rows to say whether {of} are unlike the training."
    elif great:
        says = f"Against the training, {of} have changed greatly in {', '.join(great[:3])}."
    else:
        says = f"Against the training, {of} have changed greatly in nothing that was measured."
    return Table(
        title=_DRIFT_TITLE,
        says=f"{says}{remark} {SOURCE}.",
        columns=("Input", MEASURE, "By chance alone", "Verdict", *more, "In training",
                 f"{unit.capitalize()} now"),
        rows=tuple(
            (name, "not enough rows" if found.psi is None else f"{found.psi:.2f}",
             "none" if found.by_chance is None else f"{found.by_chance:.3f}", found.verdict, *extra,
             f"{found.n_before:,}", f"{found.n_after:,}")
            for name, found, extra in rows
        ),
    )  # fmt: skip


def _stretches(judged: Sequence[datetime], longest_gap_s: float) -> list[list[datetime]]:
    """Return moments, the oldest first, parted wherever no other one follows for longer."""
    stretches: list[list[datetime]] = []
    for at in judged:
        if stretches and (at - stretches[-1][-1]).total_seconds() <= longest_gap_s:
            stretches[-1].append(at)
        else:
            stretches.append([at])
    return stretches


def _alarms(
    manifest: artifacts.Manifest, watched: Sequence[Sequence[datetime]], started: Sequence[datetime]
) -> Figure:
    if not watched:
        return Missing(
            title=_ALARMS_TITLE,
            reason=f"{manifest.version} has judged nothing on this host in the last "
            f"{LOOKS_BACK_DAYS} days.",
        )
    watched_s = sum((one[-1] - one[0]).total_seconds() for one in watched)
    n = sum(any(one[0] <= at <= one[-1] for one in watched) for at in started)
    expected = manifest.scores.get("test", {}).get("false_alarms_per_host_day")
    facts = [
        Fact(name="Alarms", value=f"{n:,}"),
        Fact(name="Watched for", value=quantities.duration(watched_s)),
        Fact(name="Windows judged", value=f"{sum(map(len, watched)):,}"),
    ]
    if expected is not None:
        facts.append(Fact(name="False alarms in its test", value=f"{expected:.2f} a host and day"))
    says = f"{manifest.version} began {n:,} alarm{'' if n == 1 else 's'} on this host in "
    says += f"{quantities.duration(watched_s)} of the last {LOOKS_BACK_DAYS} days."
    if watched_s < 86_400:
        says += " That is too short to compare with its test."
    return Facts(title=_ALARMS_TITLE, says=says, facts=tuple(facts))
