import math

import numpy as np
import pytest

from core.tickets.abstain import coverage_curve, routing

# Of 1,000 tickets the surer half is always right, the rest every second time.
CONFIDENCE = np.linspace(1.0, 0.6, 1000)
IS_RIGHT = np.concatenate([np.ones(500, dtype=bool), np.arange(500) % 2 == 0])
CURVE = coverage_curve(CONFIDENCE, IS_RIGHT)


def test_demanding_more_precision_routes_fewer_tickets():
    shares = [routing(CURVE, precision).coverage for precision in (0.7, 0.8, 0.9, 1.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == pytest.approx(0.5, abs=0.01)


def test_the_promised_precision_is_kept_by_the_tickets_that_are_routed():
    for precision in (0.75, 0.8, 0.95):
        route = routing(CURVE, precision)
        routed = route.threshold <= CONFIDENCE
        assert IS_RIGHT[routed].mean() >= precision
        assert routed.mean() == pytest.approx(route.coverage)
        assert route.low < route.precision < route.high


def test_everything_as_sure_as_what_was_held_out_is_routed_when_nothing_is_demanded():
    route = routing(CURVE, 0.0)
    # Of a later ticket that is less sure than any that was held out nothing is known.
    assert (route.coverage, route.threshold) == (1.0, CONFIDENCE.min())


def test_a_ticket_that_is_rather_wrong_than_right_is_not_routed_however_right_the_others_are():
    confidence = np.linspace(1.0, 0.001, 1000)
    route = routing(coverage_curve(confidence, np.ones(1000, dtype=bool)), 0.9)
    assert 0.5 <= route.threshold < 0.51
    assert route.coverage == pytest.approx(0.5, abs=0.01)


def test_nothing_is_routed_when_the_demand_cannot_be_met():
    hopeless = coverage_curve(CONFIDENCE, np.zeros(1000, dtype=bool))
    route = routing(hopeless, 0.9)
    assert (route.coverage, route.threshold, route.precision) == (0.0, math.inf, None)


def test_a_lucky_first_ticket_is_no_promise():
    is_right = np.zeros(1000, dtype=bool)
    is_right[:5] = True
    assert routing(coverage_curve(CONFIDENCE, is_right), 0.9).coverage == 0.0


def test_tickets_of_one_confidence_are_routed_together():
    curve = coverage_curve(np.full(100, 0.6), np.arange(100) < 70)
    assert [(p.coverage, p.precision) for p in curve] == [(1.0, 0.7)]


@pytest.mark.parametrize("precision", [-0.1, 1.1, math.nan])
def test_a_precision_outside_0_and_1_is_a_mistake(precision):
    with pytest.raises(ValueError, match="from 0 to 1"):
        routing(CURVE, precision)
