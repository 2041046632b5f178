"""The figures above the charts."""

from datetime import UTC, datetime, timedelta

from core.dataset.overview.engine import Engine
from core.dataset.overview.filters import Condition, Filters
from core.dataset.overview.results import Summary

__all__ = ["micros_of", "moment_at", "summed_up"]

# Counting different names exactly takes memory for each of them; beyond this many an estimate in
# constant memory does (HyperLogLog: Flajolet et al., AofA 2007).
_MOST_COUNTED_VMS = 100_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = datetime.min.replace(tzinfo=UTC)

_FIGURES = """
SELECT {inside}, count(*), {vms}, count(anomaly_status), count(*) FILTER (anomaly_status = 1),
    min(epoch_us(timestamp)), max(epoch_us(timestamp)), count(ticket_text)
FROM fleet WHERE {condition} GROUP BY 1
"""


def moment_at(micros: int | None) -> datetime | None:
    """Return the moment so many microseconds after 1970 began."""
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)


def micros_of(moment: datetime) -> int:
    """Return how many microseconds after 1970 began a moment was."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def summed_up(engine: Engine, filters: Filters, *, n_vms: int, last: datetime | None) -> Summary:
    """Return the figures of the rows that count, in one scan, a second one where VMs are counted.

    Parameters
    ----------
    engine : Engine
    filters : Filters
    n_vms : int
        How many VMs the whole dataset has.
    last : datetime or None
        The last measurement of the whole dataset, where the time that is looked at ends if
        `filters` set no end.
    """
    with_preceding = _with_preceding(filters, last)
    condition = with_preceding or filters.condition()
    is_exact = n_vms <= _MOST_COUNTED_VMS
    is_known = not filters.in_words
    vms = "count(DISTINCT vm_id)" if is_exact else "approx_count_distinct(vm_id)"
    sql = _FIGURES.format(
        inside="timestamp >= $since" if with_preceding else "true",
        vms="0" if is_known else vms,
        condition=condition.sql,
    )
    found = {row[0]: row[1:] for row in engine.rows(sql, condition.parameters)}
    figures = found.get(True, (0, 0, 0, 0, None, None, 0))
    if is_known:
        figures = (figures[0], n_vms, *figures[2:])
    elif not is_exact and figures[1] <= _MOST_COUNTED_VMS:
        is_exact = True
        figures = (figures[0], _counted_vms(engine, filters.condition()), *figures[2:])
    return _summary(figures, found.get(False), filters, is_exact=is_exact or is_known)


def _with_preceding(filters: Filters, last: datetime | None) -> Condition | None:
    """Return the condition that lets in the time of the same length before too, if there is one."""
    since, until = filters.since, filters.until
    if until is None and last is not None:
        until = last
    if since is None or until is None or since >= until:
        return None
    length = until - since
    if filters.until is None:
        length += timedelta(microseconds=1)  # the last row is within
    rest = filters.condition_but_time()
    condition = Condition(
        sql=f"{rest.sql} AND timestamp >= $before",
        parameters={
            **rest.parameters,
            "since": since,
            "before": since - min(length, since - _FIRST),
        },
    )
    if filters.until is None:
        return condition
    return Condition(
        sql=f"{condition.sql} AND timestamp < $until",
        parameters={**condition.parameters, "until": filters.until},
    )


def _counted_vms(engine: Engine, condition: Condition) -> int:
    sql = f"SELECT count(DISTINCT vm_id) FROM fleet WHERE {condition.sql}"  # noqa: S608 - see Filters
    return int(engine.rows(sql, condition.parameters)[0][0])


def _summary(
    figures: tuple[int, ...], before: tuple[int, ...] | None, filters: Filters, *, is_exact: bool
) -> Summary:
    rows, vms, judged, anomalies, first_us, last_us, tickets = figures
    rate = anomalies / judged if judged else None
    judged_before, anomalies_before = (before[2], before[3]) if before else (0, 0)
    rate_before = anomalies_before / judged_before if judged_before else None
    change = None if rate is None or rate_before is None else rate - rate_before
    return Summary(
        rows=rows,
        vms=vms,
        vms_are_estimated=not is_exact,
        judged=judged,
        anomalies=anomalies,
        anomaly_rate=rate,
        preceding_judged=judged_before,
        preceding_rate=rate_before,
        rate_change=change,
        no_change_reason=None if change is not None else _no_change(filters, rate),
        since=moment_at(first_us),
        until=moment_at(last_us),
        tickets=tickets,
    )


def _no_change(filters: Filters, rate: float | None) -> str:
    if rate is None:
        return "No row here has an anomaly_status."
    if filters.since is None:
        return "All of the time up to here is shown: nothing precedes it."
    return "No row with an anomaly_status lies in the time of the same length before."
