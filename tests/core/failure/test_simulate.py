import numpy as np
import pytest

from core.failure.faults import FAULTS, HELD_OUT_FAULTS, Fault, memory_leak
from core.failure.host_kinds import draw_profile
from core.failure.hosts import HostRecord
from core.failure.hosts_csv import read_hosts, write_hosts
from core.failure.simulate import simulate_hosts
from core.failure.workload import Trace
from core.metrics import METRIC_NAMES, METRICS
from tests.core.failure.fakes import column

CAUSES = {fault.name: fault.cause for fault in (*FAULTS, *HELD_OUT_FAULTS)}


@pytest.fixture(scope="module")
def hosts() -> list[HostRecord]:
    return list(simulate_hosts(300, seed=3))


def assert_same(ours: HostRecord, theirs: HostRecord) -> None:
    assert (ours.host, ours.fault) == (theirs.host, theirs.fault)
    np.testing.assert_array_equal(ours.at_s, theirs.at_s)
    np.testing.assert_array_equal(ours.values, theirs.values)
    np.testing.assert_array_equal(ours.failed, theirs.failed)
    assert ours.causes.tolist() == theirs.causes.tolist()


def test_simulate_when_the_seed_is_the_same_then_so_are_the_hosts():
    ours, theirs = simulate_hosts(8, seed=11), simulate_hosts(8, seed=11)
    for one, other in zip(ours, theirs, strict=True):
        assert_same(one, other)


def test_simulate_when_more_hosts_are_asked_for_then_the_first_stay_as_they_are():
    for one, other in zip(simulate_hosts(3, seed=11), simulate_hosts(9, seed=11), strict=False):
        assert_same(one, other)


def test_simulate_when_the_seed_is_another_then_no_host_is_the_same():
    ours, theirs = list(simulate_hosts(8, seed=11)), list(simulate_hosts(8, seed=12))
    assert {host.host for host in ours}.isdisjoint(host.host for host in theirs)
    shapes = {(host.at_s[0], host.values.shape) for host in ours + theirs}
    assert len(shapes) == 16


def test_simulate_when_it_runs_then_it_says_how_far_it_is():
    said: list[float] = []
    list(simulate_hosts(4, seed=1, progress=said.append))
    assert said == [0.25, 0.5, 0.75, 1.0]


def test_faults_when_hosts_are_many_then_every_kind_occurs_and_some_of_each_are_mended(hosts):
    for fault in FAULTS:
        ended = [bool(host.failed.any()) for host in hosts if host.fault == fault.name]
        assert ended, fault.name
    faulty = [host for host in hosts if host.fault]
    failing = [host for host in faulty if host.failed.any()]
    assert 0.4 < len(faulty) / len(hosts) < 0.7
    assert 0.5 < len(failing) / len(faulty) < 0.85


def test_held_out_faults_when_asked_for_then_only_they_occur():
    found = {host.fault for host in simulate_hosts(60, seed=3, faults=HELD_OUT_FAULTS)}
    assert found == {"", *(fault.name for fault in HELD_OUT_FAULTS)}
    assert not {fault.name for fault in HELD_OUT_FAULTS} & {fault.name for fault in FAULTS}


def test_causes_when_there_is_no_fault_then_none_is_named_and_the_host_never_fails(hosts):
    calm = [host for host in hosts if not host.fault]
    assert calm
    for host in calm:
        assert set(host.causes) == {""}
        assert not host.failed.any()


def test_causes_when_there_is_a_fault_then_its_metric_is_named_while_it_is_in_progress(hosts):
    for host in hosts:
        if not host.fault:
            continue
        named = host.causes != ""
        assert set(host.causes[named]) == {CAUSES[host.fault]}
        # One stretch, after a healthy beginning that shows what is usual for this host.
        edges = np.flatnonzero(np.diff(named.astype(int)))
        assert 1 <= edges.size <= 2
        assert not named[:40].any()
        assert named[host.failed].all()
        if host.failed.any():
            went_down = int(host.failed.argmax())
            assert named[:went_down].any()
            assert named[went_down - 1]


def test_failed_when_a_host_goes_down_then_it_stays_down_for_some_rows_and_may_come_back(hosts):
    failing = [host for host in hosts if host.failed.any()]
    for host in failing:
        rows = np.flatnonzero(host.failed)
        assert (np.diff(rows) == 1).all()
        assert rows.size >= 3
    back = [host for host in failing if not host.failed[-1]]
    assert back
    assert len(back) < len(failing)


def test_failed_when_a_host_is_down_then_monitors_differ_in_what_they_say(hosts):
    silent = zeros = frozen = 0
    for host in hosts:
        if host.failed.any():
            down = host.values[host.failed]
            if np.isnan(down).all():
                silent += 1
            elif (np.nan_to_num(down) == 0).all():
                zeros += 1
            else:
                frozen += 1
    assert min(silent, zeros, frozen) > 0


@pytest.mark.parametrize("spec", METRICS, ids=lambda spec: spec.name)
def test_values_when_simulated_then_they_are_within_the_metrics_bounds(hosts, spec):
    values = np.concatenate([host.values[:, column(spec.name)] for host in hosts])
    values = values[~np.isnan(values)]
    assert np.isfinite(values).all()
    assert values.min() >= spec.low
    if spec.high is not None:
        assert values.max() <= spec.high
    assert np.unique(values).size > 100


def test_counts_when_simulated_then_they_are_whole(hosts):
    for host in hosts:
        counts = host.values[:, [column("process_count"), column("thread_count")]]
        counts = counts[~np.isnan(counts)]
        assert (counts == np.round(counts)).all()


def test_uptime_when_a_host_stays_up_then_it_counts_the_seconds(hosts):
    n_restarts = 0
    for host in hosts:
        up = host.values[:, column("uptime_s")]
        up = up[~np.isnan(up) & ~host.failed]
        passed = np.diff(up)
        n_restarts += (passed < 0).any()
        assert (passed[passed > 0] % host.interval_s == 0).all()
    assert n_restarts > 0


def test_sensors_when_hosts_differ_then_some_lack_each_of_those_that_real_ones_lack(hosts):
    often_absent = (
        "temperature_c",
        "errors_per_s",
        "response_time_ms",
        "uptime_s",
        "thread_count",
    )
    for name in METRIC_NAMES:
        absent = sum(bool(np.isnan(host.values[:, column(name)]).all()) for host in hosts)
        assert (absent > 10) == (name in often_absent), name
        assert absent < len(hosts) / 1.2, name


def test_gaps_when_monitoring_stumbles_then_single_values_and_whole_steps_are_missing(hosts):
    up = [host.values[~host.failed] for host in hosts]
    assert sum(bool(np.isnan(values).all(axis=1).any()) for values in up) > 10
    partly = 0
    for values in up:
        share = np.isnan(values).mean(axis=0)
        partly += ((share > 0.1) & (share < 1)).any()
    assert partly > 10


def test_intervals_when_hosts_differ_then_from_seconds_to_minutes(hosts):
    intervals_s = {host.interval_s for host in hosts}
    assert len(intervals_s) >= 5
    assert min(intervals_s) <= 1
    assert max(intervals_s) >= 60
    for host in hosts:
        np.testing.assert_allclose(np.diff(host.at_s), host.interval_s)


def test_faults_when_the_metric_cannot_be_measured_then_they_do_not_happen_there(hosts):
    for host in hosts:
        if host.fault:
            assert not np.isnan(host.values[:, column(CAUSES[host.fault])]).all(), host.fault


def test_hard_negatives_when_a_host_has_no_fault_then_it_may_look_alarming_all_the_same(hosts):
    calm = [host for host in hosts if not host.fault]
    highest = np.array([np.nanmax(host.values[:, :2], axis=0) for host in calm])
    assert (highest[:, 0] > 90).mean() > 0.1
    assert (highest[:, 1] > 85).mean() > 0.03
    leaping = 0
    for host in calm:
        traffic = host.values[:, column("network_bytes_per_s")]
        leaping += np.nanmax(traffic) > 10 * np.nanmedian(traffic)
    assert leaping > 5


@pytest.mark.parametrize("fault", [*FAULTS, *HELD_OUT_FAULTS], ids=lambda fault: fault.name)
def test_faults_when_a_host_fails_then_the_metric_at_fault_left_its_usual_range(fault: Fault):
    away = []
    for host in simulate_hosts(60, seed=5, faults=[fault]):
        if not host.failed.any():
            continue
        values = host.values[:, column(fault.cause)]
        onset, down = int((host.causes != "").argmax()), int(host.failed.argmax())
        low, high = np.nanquantile(values[:onset], [0.1, 0.9])
        worst = values[max(onset, down - 10) : down]
        worst = worst[~np.isnan(worst)]
        if worst.size:
            away.append(bool(((worst < low) | (worst > high)).mean() > 0.5))
    assert len(away) >= 5
    assert np.mean(away) > 0.6


def test_memory_leak_when_memory_gets_tight_then_the_host_slows_works_and_errs_but_not_before():
    swapped = slowed = erred = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        trace = Trace(draw_profile(rng), np.ones(100), np.arange(100.0))
        memory_leak(rng, trace, np.linspace(0, 1, 100))
        memory = trace.profile.memory_percent + trace.memory_add
        assert memory[-1] > 88
        roomy = memory < 80
        assert (trace.cpu_add[roomy] == 0).all()
        assert (trace.response_times[roomy] == 1).all()
        assert (trace.errors_add[roomy] == 0).all()
        swapped += trace.cpu_add[-1] > 1
        slowed += trace.response_times[-1] > 1.3
        erred += trace.errors_add[-1] > 0.01
    # Often, and not always: real faults do not all show everywhere.
    for seen in (swapped, slowed, erred):
        assert 5 < seen < 60


def test_simulated_hosts_when_written_and_read_then_nothing_has_changed(tmp_path, hosts):
    chosen = hosts[:25]
    write_hosts(chosen, tmp_path / "hosts.csv.gz")
    for ours, theirs in zip(chosen, read_hosts(tmp_path / "hosts.csv.gz"), strict=True):
        assert theirs.host == ours.host
        np.testing.assert_allclose(theirs.values, ours.values, rtol=1e-12)
        np.testing.assert_allclose(theirs.at_s, ours.at_s, rtol=0, atol=1e-6)
        np.testing.assert_array_equal(theirs.failed, ours.failed)
        assert theirs.causes.tolist() == ours.causes.tolist()
        assert theirs.interval_s == pytest.approx(ours.interval_s)
