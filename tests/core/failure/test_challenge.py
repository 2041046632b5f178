"""Two versions of the failure model on the hosts that no version learns from."""

import numpy as np

import config
from core.commands.options import MAX_SEED
from core.failure.challenge import FROZEN_SEED, challenge
from core.failure.ranking import rank, rank_difference


def test_frozen_hosts_when_a_training_takes_any_seed_then_they_are_others():
    # A training takes its seed and some above it: 5,000,000 at most.
    assert FROZEN_SEED > MAX_SEED + 5_000_000


def test_challenge_when_a_version_meets_itself_then_there_is_no_difference():
    found = challenge(config.ROOT / "models", "v0001", "v0001", n_hosts=40)
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)
    assert found.champion_score == found.challenger_score > 0
    assert found.n_rows == 40
    assert found.is_not_worse


def test_rank_difference_when_one_ranks_by_chance_then_it_is_worse_beyond_chance():
    rng = np.random.default_rng(3)
    host = np.repeat(np.arange(60), 20)
    fails = rng.random(host.size) < 0.2
    good, chance = fails + rng.normal(0, 0.3, host.size), rng.random(host.size)
    found = rank_difference(good, chance, fails, host)
    assert found.high < -0.3
    assert found.low <= found.second - found.first <= found.high
    alone = rank(good, fails, host)
    assert alone is not None
    assert np.isclose(found.first, alone.average_precision)
