import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.forecast import Forecast, Limits, capacity_table, crossing, forecast
from tests.core.forecast.made_up import DAY_S, START_S, history

value = st.one_of(
    st.just(float("nan")),
    st.sampled_from([0.0, 1.0, 100.0, 1e-300, 1e12]),
    st.floats(0, 100),
)
step_s = st.sampled_from([1.0, 60.0, 3600.0, 4 * 3600.0, DAY_S])


@given(
    pieces=st.lists(st.tuples(value, st.integers(1, 40)), min_size=1, max_size=12),
    spacing_s=step_s,
    noise=st.sampled_from([0.0, 1e-9, 1.0]),
    horizon_s=st.sampled_from([60.0, DAY_S, 30 * DAY_S]),
    is_share=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_forecast_when_given_anything_then_it_answers_in_numbers_that_hang_together(
    pieces, spacing_s, noise, horizon_s, is_share
):
    values = np.concatenate([np.full(n, level) for level, n in pieces])
    values = values + noise * np.random.default_rng(1).random(values.size)
    high = 100.0 if is_share else None
    if is_share:
        values = np.minimum(values, 100.0)
    found = forecast(history(values, step_s=spacing_s, high=high), horizon_s)
    assert capacity_table([found], {"cpu_usage": Limits(warning=50.0, hard=90.0)})[0].answer
    if not isinstance(found, Forecast):
        return
    edges = [edge for band in found.bands for edge in (band.low, band.high)]
    for path in (found.mean, *edges):
        assert np.isfinite(path).all()
        assert path.min() >= 0
        assert not is_share or path.max() <= 100
    for band in found.bands:
        assert (band.low <= found.mean).all()
        assert (found.mean <= band.high).all()
    dates = crossing(found, 50.0, "limit")
    known = [at for at in (dates.earliest, dates.likely, dates.latest) if at is not None]
    assert known == sorted(known)
    assert 0 <= found.backtest.coverage80 <= 1


@given(gaps_s=st.lists(st.floats(0, 1e5), min_size=8, max_size=60))
@settings(max_examples=40, deadline=None)
def test_forecast_when_stamps_come_at_any_distance_then_it_follows_the_last_one(gaps_s):
    at_s = START_S + np.cumsum(gaps_s)
    found = forecast(history(np.arange(len(at_s)) % 7 + 20.0, at_s), DAY_S)
    assert abs(found.history_end.timestamp() - at_s[-1]) < 1e-3
    if isinstance(found, Forecast):
        assert found.at(1) > found.history_end
