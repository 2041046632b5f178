"""How good the active failure model is, test by test, beside what a person would try first."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import quantities
from core.artifacts import Manifest

__all__ = ["draw", "sentence"]

MAIN_TEST = "test"
RECORDED = "recorded hosts"
Scores = Mapping[str, Any]


def draw(manifest: Manifest) -> None:
    """Draw the sentence that counts, the real crashes, and a table for each test."""
    if MAIN_TEST not in manifest.scores:
        st.info(
            f"The failure model {manifest.version} has not been judged ({manifest.source}). "
            "`python -m core failure evaluate --data FILE` judges it on recorded hosts.",
            icon=":material/info:",
        )
        return
    st.header(sentence(manifest), anchor=False)
    for test, scores in manifest.scores.items():
        if test.startswith(RECORDED):
            _crashes(scores)
    for test, scores in manifest.scores.items():
        _table(manifest, test, scores)
    st.caption(
        f"Failure model {manifest.version}, made {manifest.created_at} from {manifest.source}. "
        "Brackets hold 95 % intervals from drawing the hosts again. Thresholds were chosen on "
        "simulated hosts that are in none of these tests."
        if "simulated hosts, seed" in manifest.source
        else f"Failure model {manifest.version}, made {manifest.created_at} from {manifest.source}."
    )


def sentence(manifest: Manifest) -> str:
    """Return whether the model beats its best baseline, with both scores and their intervals."""
    own = manifest.scores[MAIN_TEST]
    baselines = manifest.baseline_scores.get(MAIN_TEST, {})
    if own["average_precision"] is None or not baselines:
        return f"{manifest.version} has no baseline to be compared with."
    name, best = max(baselines.items(), key=lambda item: item[1]["average_precision"] or 0.0)
    verb = "beats" if own["average_precision"] > best["average_precision"] else "does not beat"
    return (
        f"{manifest.version} {verb} its best baseline: average precision "
        f"{_with_interval(own, 'average_precision')} against "
        f"{_with_interval(best, 'average_precision')} ({name})."
    )


def _crashes(scores: Scores) -> None:
    """Draw what it did on recorded hosts, of which it has learnt nothing."""
    st.subheader("Real crashes it has never seen", anchor=False)
    with st.container(horizontal=True):
        caught, failing = scores["caught"], scores["n_failing_hosts"]
        st.metric("Alarmed before the crash", f"{caught} of {failing}", border=True)
        lead_s = scores["lead_median_s"]
        lead = "none" if lead_s is None else quantities.duration(lead_s)
        st.metric("Median lead time", lead, border=True)
        st.metric(
            "Windows in false alarm",
            _share(scores["false_alarm_share"]),
            border=True,
            help=f"On {scores['n_healthy_hosts']} hosts that stayed healthy",
        )
        st.metric(
            "Cause right",
            _share(scores["cause_right_last"]),
            border=True,
            help="In the ten steps before each crash",
        )
        st.metric(
            "AUC", f"{scores['auc']:.2f}" if scores["auc"] is not None else "none", border=True
        )


def _table(manifest: Manifest, test: str, scores: Scores) -> None:
    title = "Simulated hosts it has not seen" if test == MAIN_TEST else test
    if test == MAIN_TEST and "simulated hosts, seed" not in manifest.source:
        title = "Runs left out in turn"
    st.subheader(f"{title[0].upper()}{title[1:]}", anchor=False)
    st.caption(
        f"{scores['n_windows']:,} windows of {scores['n_hosts']:,} hosts; "
        f"{scores['n_failing_hosts']:,} of them fail, {scores['n_healthy_hosts']:,} never have a "
        "fault."
    )
    rows = {f"LSTM {manifest.version}": scores, **manifest.baseline_scores.get(test, {})}
    st.dataframe(
        {
            "Model": list(rows),
            "Average precision": [
                _with_interval(row, "average_precision") for row in rows.values()
            ],
            "AUC": [_with_interval(row, "auc") for row in rows.values()],
            "Calibration error": [f"{row['calibration_error']:.4f}" for row in rows.values()],
            "Brier": [f"{row['brier']:.4f}" for row in rows.values()],
            "Failures alarmed": [_caught(row) for row in rows.values()],
            "Median lead": [_steps(row["lead_median_steps"]) for row in rows.values()],
            "False alarms": [_false(row) for row in rows.values()],
            "Cause right": [_share(row["cause_right_caught"]) for row in rows.values()],
        },
        key=f"analytics_{test}",
        hide_index=True,
        alt=f"Scores of the failure model and its baselines: {title}",
    )


def _with_interval(scores: Scores, name: str) -> str:
    value, interval = scores[name], scores.get(f"{name}_interval")
    if value is None:
        return "none"
    return f"{value:.2f}" + (f" ({interval[0]:.2f}-{interval[1]:.2f})" if interval else "")


def _caught(scores: Scores) -> str:
    return f"{scores['caught']:,} of {scores['n_failing_hosts']:,}"


def _steps(steps: float | None) -> str:
    return "none" if steps is None else f"{steps:.0f} steps"


def _false(scores: Scores) -> str:
    rate = scores["false_alarms_per_host_day"]
    return "none" if rate is None else f"{rate:.2f} a host and day"


def _share(share: float | None) -> str:
    if share is None:
        return "not named"
    return f"{100 * share:.2f} %" if share < 0.1 else f"{100 * share:.0f} %"
