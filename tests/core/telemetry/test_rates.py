import pytest

from core.errors import MetricUnavailableError
from core.telemetry.host import NetworkCounters
from core.telemetry.rates import CounterRate, outside_interfaces


def test_rate_is_the_growth_over_the_time_between_two_readings():
    rate = CounterRate()
    with pytest.raises(MetricUnavailableError, match="needs a second sample"):
        rate.update(100.0, {"eth0": 1_000.0, "wlan0": 50.0})
    assert rate.update(104.0, {"eth0": 3_000.0, "wlan0": 90.0}) == 510.0
    assert rate.update(105.0, {"eth0": 3_000.0, "wlan0": 90.0}) == 0.0


def test_rate_is_a_gap_for_one_sample_when_a_counter_restarts():
    rate = CounterRate()
    with pytest.raises(MetricUnavailableError):
        rate.update(0.0, {"eth0": 9_000.0, "wlan0": 50.0})
    with pytest.raises(MetricUnavailableError, match="eth0 restarted"):
        rate.update(5.0, {"eth0": 100.0, "wlan0": 60.0})
    assert rate.update(10.0, {"eth0": 600.0, "wlan0": 110.0}) == 110.0


def test_rate_is_over_the_whole_span_when_the_clock_jumps_ahead():
    rate = CounterRate()
    with pytest.raises(MetricUnavailableError):
        rate.update(0.0, {"eth0": 0.0})
    assert rate.update(28_800.0, {"eth0": 288_000.0}) == 10.0


def test_rate_is_a_gap_when_no_time_has_passed():
    rate = CounterRate()
    with pytest.raises(MetricUnavailableError):
        rate.update(50.0, {"eth0": 0.0})
    for now in (50.0, 49.0):
        with pytest.raises(MetricUnavailableError, match="no time has passed"):
            rate.update(now, {"eth0": 500.0})
    assert rate.update(51.0, {"eth0": 520.0}) == 10.0


def test_rate_leaves_out_an_interface_that_is_new_or_gone():
    rate = CounterRate()
    with pytest.raises(MetricUnavailableError):
        rate.update(0.0, {"eth0": 0.0, "usb0": 70.0})
    assert rate.update(1.0, {"eth0": 10.0, "wlan0": 1e9}) == 10.0
    assert rate.update(2.0, {"eth0": 20.0, "wlan0": 1e9 + 5}) == 15.0


def test_rate_is_a_gap_when_every_interface_is_new():
    rate = CounterRate()
    with pytest.raises(MetricUnavailableError):
        rate.update(0.0, {"eth0": 0.0})
    with pytest.raises(MetricUnavailableError, match="needs a second sample"):
        rate.update(1.0, {"eth1": 1e6})
    assert rate.update(2.0, {"eth1": 1e6 + 7}) == 7.0


COUNTERS = NetworkCounters(bytes_total=1.0, errors_total=0.0)


@pytest.mark.parametrize(
    ("there", "counted"),
    [
        ("lo eth0 wlan0 enp0s31f6 ib0 venet0", "eth0 wlan0 enp0s31f6 ib0 venet0"),
        ("lo eth0 docker0 veth12ab br-9f3e virbr0 cni0 tun0 wg0 bond0 ifb1", "eth0"),
        ("lo0 en0 en5 utun3 awdl0 llw0 bridge0 gif0 stf0 anpi0", "en0 en5"),
        ("Ethernet|Wi-Fi|Loopback Pseudo-Interface 1|vEthernet (WSL)", "Ethernet|Wi-Fi"),
        ("lo eth0 eth0.100 eth0.100.7 vlan100 bond0 bond0.5", "eth0"),
        ("lo enp3s0 ppp0 macvtap0 macvlan-shim wg-home wgs1", "enp3s0"),
        ("lo eth0 podman0 podman1 lxdbr0 lxcbr0 kube-bridge kube-ipvs0", "eth0"),
        ("lo wlan0 wwan0 ipvlan0 wlp2s0", "wlan0 wwan0 ipvlan0 wlp2s0"),  # begin otherwise
        # What there is in a container, or behind a modem: better than nothing.
        ("lo ppp0", "ppp0"),
        ("lo wg0", "wg0"),
        ("lo eth0.100", "eth0.100"),
        ("lo br0 br0.100", "br0"),
        ("lo tap0", "tap0"),  # all that a rootless container has
        ("lofn0", "lofn0"),
    ],
)
def test_interfaces_inside_the_machine_do_not_count(there, counted):
    def names(text):
        return text.split("|") if "|" in text else text.split()

    outside = outside_interfaces(dict.fromkeys(names(there), COUNTERS))
    assert list(outside) == names(counted)


def test_host_with_nothing_but_loopback_has_no_network():
    with pytest.raises(MetricUnavailableError, match="besides loopback"):
        outside_interfaces({"lo": COUNTERS})
