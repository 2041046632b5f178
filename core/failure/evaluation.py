"""How good a failure model is on hosts it has not seen: ranking, calibration, alarms, causes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.failure.alarm import AlarmPolicy, alarm_steps
from core.failure.decisions import decide
from core.failure.hosts import BoolArray
from core.failure.ranking import rank
from core.failure.windows import Windows
from core.metrics import FloatArray

__all__ = [
    "EvaluationReport",
    "calibration_error",
    "choose_policy",
    "evaluate",
    "judged",
    "leads_of",
]

N_CALIBRATION_BINS = 10
STRICTEST = AlarmPolicy(enter=0.95, exit=0.57)
# An alarm this long before any trace of the fault is luck, not foresight.
MAX_CREDIT_STEPS = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """Scores over `n_windows` windows of `n_hosts` hosts, `n_failing_windows` of which end in a
    failure within the horizon.

    `auc` and `average_precision` rank windows (95 % intervals over hosts, see `rank`); `brier` and
    `calibration_error` judge the probability. `caught` of `n_failing_hosts` failures had an alarm
    before the host went down, with a lead time of `lead_median_s` (quartiles `lead_low_s`,
    `lead_high_s`), `lead_median_steps` in steps of each host's interval. False alarms are counted
    on the `n_healthy_hosts` hosts that never have a fault: alarms begun per host and day, and the
    share of their windows (0-1) in alarm. `cause_right_caught` is the share of caught failures
    whose cause was named right in most of the alarmed windows, `cause_right_last` the share of
    right causes over all windows within the horizon of a failure. `accuracy` and `f1` (95 %
    interval over hosts) compare the windows in alarm with those that end in a failure within the
    horizon: an alarm that comes earlier than that counts against them. Scores that the data cannot
    give (no window, no failure, no cause named) are None.
    """

    n_hosts: int
    n_windows: int
    n_failing_windows: int
    n_failing_hosts: int
    n_healthy_hosts: int
    auc: float | None
    auc_interval: tuple[float, float] | None
    average_precision: float | None
    average_precision_interval: tuple[float, float] | None
    brier: float | None
    calibration_error: float | None
    caught: int
    lead_median_s: float | None
    lead_low_s: float | None
    lead_high_s: float | None
    lead_median_steps: float | None
    false_alarms_per_host_day: float | None
    false_alarm_share: float | None
    cause_right_caught: float | None
    cause_right_last: float | None
    accuracy: float | None = None
    f1: float | None = None
    f1_interval: tuple[float, float] | None = None


def calibration_error(probabilities: FloatArray, fails: BoolArray) -> float | None:
    """Return the expected calibration error (0-1) over ten bins of equal width; None of nothing.

    Source: Naeini, Cooper, Hauskrecht, Obtaining well calibrated probabilities using Bayesian
    binning, AAAI 2015.
    """
    if probabilities.size == 0:
        return None
    bins = np.minimum((probabilities * N_CALIBRATION_BINS).astype(int), N_CALIBRATION_BINS - 1)
    weight = np.bincount(bins, minlength=N_CALIBRATION_BINS)
    said = np.bincount(bins, probabilities, N_CALIBRATION_BINS)
    happened = np.bincount(bins, fails.astype(float), N_CALIBRATION_BINS)
    return float(np.abs(said - happened)[weight > 0].sum() / probabilities.size)


def judged(windows: Windows, probabilities: FloatArray) -> BoolArray:
    """Return which windows count: full ones of hosts that are still up, shape (n,)."""
    return windows.enough & ~windows.down & np.isfinite(probabilities)


def faultless_hosts(windows: Windows) -> BoolArray:
    """Return which windows belong to hosts that never have a fault, shape (n,)."""
    troubled = np.unique(windows.host[(windows.cause >= 0) | windows.down])
    return ~np.isin(windows.host, troubled)


def evaluate(
    windows: Windows,
    probabilities: FloatArray,
    causes: FloatArray | None,
    alarm: BoolArray,
    intervals_s: Sequence[float],
) -> EvaluationReport:
    """Return the scores of `probabilities` of shape (n,) and `causes` of shape (n, 10).

    `causes` is None for a model that names no cause, `alarm` of shape (n,) says where the alarm is
    on (`alarm_steps`), `intervals_s` holds each host's interval.
    """
    counts = judged(windows, probabilities)
    said, fails = probabilities[counts], windows.fails[counts]
    ranking = rank(said, fails, windows.host[counts])
    decided = decide(alarm[counts], fails, windows.host[counts])
    leads, right = _leads(windows, alarm, causes)
    leads_s = [steps * intervals_s[host] for host, steps in leads]
    named = None if causes is None else causes.argmax(axis=1)
    last = counts & windows.fails & (windows.cause >= 0)
    false_per_day, false_share = _false_alarms(windows, alarm, intervals_s)
    quartiles = np.percentile(leads_s, [25, 50, 75]) if leads_s else (None, None, None)
    return EvaluationReport(
        n_hosts=len(np.unique(windows.host)),
        n_windows=int(counts.sum()),
        n_failing_windows=int(fails.sum()),
        n_failing_hosts=len(_failures(windows)),
        n_healthy_hosts=len(np.unique(windows.host[faultless_hosts(windows)])),
        auc=ranking.auc if ranking else None,
        auc_interval=ranking.auc_interval if ranking else None,
        average_precision=ranking.average_precision if ranking else None,
        average_precision_interval=ranking.average_precision_interval if ranking else None,
        brier=float(np.mean((said - fails) ** 2)) if said.size else None,
        calibration_error=calibration_error(said, fails),
        caught=len(leads_s),
        lead_low_s=_number(quartiles[0]),
        lead_median_s=_number(quartiles[1]),
        lead_high_s=_number(quartiles[2]),
        lead_median_steps=float(np.median([steps for _, steps in leads])) if leads else None,
        false_alarms_per_host_day=false_per_day,
        false_alarm_share=false_share,
        cause_right_caught=float(np.mean(right)) if right else None,
        cause_right_last=(
            float((named[last] == windows.cause[last]).mean())
            if named is not None and last.any()
            else None
        ),
        accuracy=decided.accuracy if decided else None,
        f1=decided.f1 if decided else None,
        f1_interval=decided.f1_interval if decided else None,
    )


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _failures(windows: Windows) -> list[tuple[int, slice, int]]:
    """Return (host, its rows, row of its first down step) of each host that fails."""
    starts = np.flatnonzero(np.diff(windows.host, prepend=windows.host[:1] - 1))
    ends = np.append(starts[1:], len(windows))
    found = []
    for start, end in zip(starts, ends, strict=True):
        down = windows.down[start:end]
        if down.any() and not down[0]:
            rows = slice(int(start), int(end))
            found.append((int(windows.host[start]), rows, int(start + down.argmax())))
    return found


def leads_of(windows: Windows, alarm: BoolArray) -> tuple[list[int], dict[int, int]]:
    """Return the hosts that fail, and by host the lead in steps of each alarmed failure."""
    leads, _ = _leads(windows, alarm, None)
    return [host for host, _, _ in _failures(windows)], dict(leads)


def _leads(
    windows: Windows,
    alarm: BoolArray,
    causes: FloatArray | None,
) -> tuple[list[tuple[int, int]], list[bool]]:
    """Return (host, lead in steps) of each caught failure, and whether its cause was right.

    An alarm counts from the fault's onset where the data says when that was, else within
    MAX_CREDIT_STEPS of the failure.
    """
    leads, right = [], []
    for host, rows, down_row in _failures(windows):
        before = np.arange(rows.start, down_row)
        in_fault = windows.cause[before] >= 0
        begins = in_fault.argmax() if in_fault.any() else max(len(before) - MAX_CREDIT_STEPS, 0)
        alarmed = before[begins:][alarm[before[begins:]]]
        if alarmed.size == 0:
            continue
        leads.append((host, int(down_row - alarmed[0])))
        if causes is not None and in_fault.any():
            named = causes[alarmed].argmax(axis=1)
            right.append(bool((named == windows.cause[alarmed]).mean() > 0.5))
    return leads, right


def _false_alarms(
    windows: Windows, alarm: BoolArray, intervals_s: Sequence[float]
) -> tuple[float | None, float | None]:
    """Return (alarms begun per host and day, share of windows in alarm) on faultless hosts."""
    healthy = faultless_hosts(windows) & windows.enough
    if not healthy.any():
        return None, None
    same_host = np.diff(windows.host, prepend=-1) == 0
    before = np.concatenate(([False], alarm[:-1])) & same_host
    begun = (alarm & ~before)[healthy].sum()
    days = sum(
        float((windows.host[healthy] == host).sum()) * intervals_s[host] / 86_400
        for host in np.unique(windows.host[healthy])
    )
    return float(begun / days) if days > 0 else None, float(alarm[healthy].mean())


def choose_policy(
    windows: Windows, probabilities: FloatArray, max_false_share: float
) -> AlarmPolicy:
    """Return the policy that catches most failures while at most `max_false_share` (0-1) of the
    windows of faultless hosts are in alarm.

    Ties go to the higher threshold. Where no policy keeps the bound, the one with the highest
    threshold tried is returned. Without faultless hosts there is no bound: thresholds are taken
    from all judged windows, and the policy that catches most is returned; with nothing judged,
    STRICTEST.
    """
    healthy = faultless_hosts(windows) & judged(windows, probabilities)
    calm = probabilities[healthy] if healthy.any() else probabilities[np.isfinite(probabilities)]
    if calm.size == 0:
        return STRICTEST
    shares = np.geomspace(max_false_share * 8, max_false_share / 8, 15)
    enters = np.unique(np.clip(np.quantile(calm, 1 - np.minimum(shares, 0.5)), 0.02, 0.95))
    best, best_caught = AlarmPolicy(enter=float(enters[-1]), exit=float(enters[-1]) * 0.6), -1
    failures = _failures(windows)
    for enter in enters:
        for min_steps in (1, 2, 3):
            policy = AlarmPolicy(enter=float(enter), exit=float(enter) * 0.6, min_steps=min_steps)
            alarm = alarm_steps(probabilities, windows.host, policy)
            if healthy.any() and alarm[healthy].mean() > max_false_share:
                continue
            caught = sum(_is_caught(windows, alarm, rows, down) for _, rows, down in failures)
            if caught >= best_caught:
                best, best_caught = policy, caught
    return best


def _is_caught(windows: Windows, alarm: BoolArray, rows: slice, down_row: int) -> bool:
    before = slice(max(rows.start, down_row - MAX_CREDIT_STEPS), down_row)
    in_fault = windows.cause[before] >= 0
    return bool((alarm[before] & (in_fault if in_fault.any() else True)).any())
