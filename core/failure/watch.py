"""Watch one live host: score each sample as it comes, keep the alarm, remember what was said."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from core.errors import ArtifactError, StoreError
from core.failure.alarm import AlarmPolicy, AlarmState
from core.failure.forecast import FailureForecast, HostState, HostStatus, PastAlarm
from core.failure.past import HostPast
from core.failure.serving import FailureModel
from core.failure.windows import LENGTH, MAX_SPAN_STEPS, without_absurd
from core.metrics import FloatArray, Sample
from core.store import Store

__all__ = ["HostWatch"]

_log = logging.getLogger(__name__)

RISK_SHOWN = timedelta(hours=1)
MAX_RISKS_SHOWN = 3600
NO_ALARM = AlarmPolicy(enter=1.0, exit=1.0)


class HostWatch:
    """A listener of a sampler that knows how a host is doing.

    `observe` is called in the sampler's thread, the other methods from any. What it says is kept in
    the store, so a restart goes on where the last run ended.

    Parameters
    ----------
    host : str
        The watched host's name.
    interval_s : float
        Seconds between two samples.
    find_store : callable
        Returns where samples of former runs are read and risks and alarms are kept, at every use
        anew. Where it raises StoreError at the beginning, the host's past is not known.
    find_model : callable
        Returns the active model, at every sample anew, so that an activation is followed at once.
        Where it raises ArtifactError the host goes unjudged and the status says why.
    """

    def __init__(
        self,
        host: str,
        *,
        interval_s: float,
        find_store: Callable[[], Store],
        find_model: Callable[[], FailureModel],
        now: datetime | None = None,
    ) -> None:
        self._host, self._interval_s, self._find_store = host, interval_s, find_store
        self._lock = threading.Lock()
        self._past = HostPast()
        self._steps: deque[tuple[datetime, FloatArray]] = deque(maxlen=MAX_SPAN_STEPS + 1)
        self._risk: deque[tuple[datetime, float]] = deque(maxlen=MAX_RISKS_SHOWN)
        self._alarm_id: int | None = None
        self._peak, self._reason = 0.0, ""
        self._forecast: FailureForecast | None = None
        self._find_model = find_model
        self._model: FailureModel | None = None
        self._problem: str | None = None
        self._alarm = AlarmState(NO_ALARM)
        self._state: HostState = "not enough data"
        self._since: datetime | None = None
        self._as_of = now or datetime.now(UTC)
        # What everyone who looks is told, worked out once a sample; and which sample that was.
        self._status: HostStatus | None = None
        self._past_alarms: dict[int, tuple[PastAlarm, ...]] = {}
        self._turn = 0
        try:
            self._recall(self._as_of)
        except StoreError as error:
            # Whether a host is about to fail has to be told without a database, too.
            _log.warning("What %s was like before this start is not known: %s", host, error)

    def observe(self, sample: Sample) -> None:
        """Take a sample and judge the host; StoreError where that cannot be kept."""
        values = sample.vector()
        with self._lock:
            self._follow_model()
            self._as_of = sample.at
            self._take(sample.at, values)
            window = self._window(sample.at)
            self._forecast = None
            if window is not None and self._model is not None:
                times, x = window
                self._forecast = self._model.forecast(
                    x,
                    self._past.usual(times[0]),
                    sample.at,
                    self._interval_s,
                    np.array([(at - times[0]).total_seconds() for at in times]),
                )
                self._alarm.step(self._forecast.probability)
                self._remember_risk(sample.at, self._forecast.probability)
            self._settle(sample.at)
            forecast, alarmed = self._forecast, self._alarm.active
            self._forget_what_was_told()
        if forecast is not None:
            self._keep(forecast, alarmed)
            with self._lock:  # of the alarms: somebody may have asked before this one was kept
                self._forget_what_was_told()

    def status(self) -> HostStatus:
        """Return how the host is doing as of its last sample: the same object until the next."""
        with self._lock:
            if self._status is None:
                self._status = self._as_it_stands()
            return self._status

    def alarms(self, limit: int = 50) -> tuple[PastAlarm, ...]:
        """Return the last alarms, the latest first; StoreError where they cannot be read."""
        with self._lock:
            told, turn = self._past_alarms.get(limit), self._turn
        if told is None:
            told = self._read_alarms(limit)
            with self._lock:
                if turn == self._turn:
                    self._past_alarms[limit] = told
        return told

    def _forget_what_was_told(self) -> None:
        self._status, self._past_alarms = None, {}
        self._turn += 1

    def _as_it_stands(self) -> HostStatus:
        at, values = self._steps[-1] if self._steps else (None, None)
        # Steps of a former run are judged with the first sample of this one.
        most = LENGTH - 1 if self._since is None else LENGTH
        lead = self._model.lead_median_steps if self._model is not None else None
        return HostStatus(
            state=self._state,
            since=self._since,
            steps=min(len(self._speaking(self._as_of)), most),
            steps_needed=LENGTH,
            forecast=self._forecast,
            risk=tuple(self._risk),
            usual_percent=(
                self._past.usual_percent(at, values)
                if at is not None and values is not None
                else {}
            ),
            past_s=self._past.span_s(at) if at is not None else 0.0,
            median_lead_s=lead * self._interval_s if lead is not None else None,
            problem=self._problem,
        )

    def _read_alarms(self, limit: int) -> tuple[PastAlarm, ...]:
        return tuple(
            PastAlarm(
                started_at=record.started_at,
                ended_at=record.ended_at,
                peak_probability=record.peak_probability,
                cause=record.cause,
                reason=record.reason,
            )
            for record in self._find_store().alarms(self._host, limit)
        )

    def _follow_model(self) -> None:
        """Take the active model; with another one the alarm is judged anew."""
        try:
            model = self._find_model()
        except ArtifactError as error:
            self._model, self._problem = None, str(error)
            return
        self._problem = None
        if model is not self._model:
            self._model, self._alarm = model, AlarmState(model.policy)

    def _recall(self, now: datetime) -> None:
        """Take up what former runs have stored: the host's past, its risks, an alarm left open."""
        store = self._find_store()
        table = store.samples(self._host, now - timedelta(days=1), now)
        for at, values in zip(table.at, table.values, strict=True):
            self._take(at, values)
        for record in store.risks(self._host, now - RISK_SHOWN, now):
            self._remember_risk(record.at, record.probability)
        for alarm in store.alarms(self._host, limit=5):
            if alarm.ended_at is None:
                # However long nothing ran: of that time nobody knows whether it lasted.
                last_seen = store.last_sample_at(self._host, alarm.started_at, now)
                store.close_alarm(
                    alarm.id,
                    last_seen or alarm.started_at,
                    alarm.peak_probability,
                    alarm.reason,
                )

    def _take(self, at: datetime, values: FloatArray) -> None:
        self._past.add(at, values)
        while self._steps and self._steps[-1][0] > at:  # the clock was set back
            self._steps.pop()
        self._steps.append((at, without_absurd(values[None])[0]))

    def _speaking(self, at: datetime) -> list[tuple[datetime, FloatArray]]:
        """Return the steps that say something and are young enough for a window."""
        oldest = at - timedelta(seconds=MAX_SPAN_STEPS * self._interval_s)
        return [
            step for step in self._steps if oldest <= step[0] <= at and not np.isnan(step[1]).all()
        ]

    def _window(self, at: datetime) -> tuple[list[datetime], FloatArray] | None:
        """Return (when each step was, their values of shape (10, 10)), None while not full."""
        steps = self._speaking(at)[-LENGTH:]
        if len(steps) < LENGTH:
            return None
        return [when for when, _ in steps], np.array([values for _, values in steps])

    def _remember_risk(self, at: datetime, probability: float) -> None:
        while self._risk and self._risk[-1][0] > at:  # the clock was set back
            self._risk.pop()
        self._risk.append((at, probability))
        while self._risk[0][0] < at - RISK_SHOWN:
            self._risk.popleft()

    def _settle(self, at: datetime) -> None:
        state: HostState
        if self._model is None:
            state = "no model"
        elif self._forecast is None:
            state = "failing" if self._alarm.active else "not enough data"
        elif self._alarm.active:
            state = "failing"
        elif self._forecast.probability >= self._model.policy.exit:
            state = "watch"
        else:
            state = "healthy"
        if state != self._state or self._since is None:
            self._state, self._since = state, at

    def _keep(self, forecast: FailureForecast, alarmed: bool) -> None:
        """Write the risk, and the alarm where one begins, worsens or ends."""
        cause = forecast.causes[0].metric if forecast.causes else ""
        said, reason = forecast.probability, forecast.reason
        self._find_store().add_risk(self._host, forecast.at, said, cause, forecast.model_version)
        if alarmed and self._alarm_id is None:
            self._peak, self._reason = said, reason
            self._alarm_id = self._find_store().open_alarm(
                self._host, forecast.at, said, cause, reason
            )
        elif alarmed and self._alarm_id is not None and said > self._peak:
            self._peak, self._reason = said, reason
            self._find_store().update_alarm(self._alarm_id, said, cause, reason)
        elif not alarmed and self._alarm_id is not None:
            self._find_store().close_alarm(self._alarm_id, forecast.at, self._peak, self._reason)
            self._alarm_id = None
