"""Rates from counters that may restart, and the network interfaces that count."""

import re
from collections.abc import Collection, Mapping

from core.errors import MetricUnavailableError
from core.telemetry.host import NetworkCounters

__all__ = ["CounterRate", "FIRST_SAMPLE", "outside_interfaces"]

FIRST_SAMPLE = "needs a second sample"

_LOOPBACK = re.compile(r"lo\d*$|Loopback")

# Traffic that never leaves the machine, or that a physical interface counts once more: bridges,
# bonds, VLANs, dialled connections (PPPoE), and the near ends of containers, virtual machines and
# tunnels. This widens the usual Prometheus filter device!~"lo|veth.*|ifb.*|docker.*".
_VIRTUAL = re.compile(
    r"(br|bond|team|bridge|dummy|ifb|tap|tun|utun|gif|stf|ap|awdl|llw|anpi)\d+$"
    r"|veth|docker|podman|br-|virbr|vnet|cni|kube-|flannel|cali|cilium|lxc|lxdbr|vmnet|vboxnet"
    r"|vlan|macv|ppp|wg|tailscale|vEthernet"
)
_VLAN = re.compile(r"(.+)\.\d+$")


def outside_interfaces(counters: Mapping[str, NetworkCounters]) -> dict[str, NetworkCounters]:
    """Return the interfaces through which this host speaks with others.

    Virtual ones count only where there are no others, as in some rootless containers; a VLAN of an
    interface that is there too, as eth0.100 beside eth0, is a part of it.

    Raises
    ------
    MetricUnavailableError
        There is nothing but loopback.
    """
    others = {name: counter for name, counter in counters.items() if not _LOOPBACK.match(name)}
    if not others:
        raise MetricUnavailableError("no network interface besides loopback")
    whole = {name: nic for name, nic in others.items() if not _is_part(name, others)}
    return {name: nic for name, nic in whole.items() if not _VIRTUAL.match(name)} or whole


def _is_part(name: str, others: Collection[str]) -> bool:
    vlan = _VLAN.match(name)
    return vlan is not None and vlan[1] in others


class CounterRate:
    """The rate of a sum of named counters since the last reading.

    Time is the monotonic clock's: a set clock does not matter, and where that clock stands still
    during suspend, so do the counters. A reading that could not be taken leaves the last one in
    place; the next rate is over the longer span. A counter that is new or gone is left out of its
    one sample. One that went backwards has restarted: how far it came before is not known, so that
    sample is a gap rather than a guess.
    """

    def __init__(self) -> None:
        self._last: tuple[float, dict[str, float]] | None = None

    def update(self, now: float, counters: Mapping[str, float]) -> float:
        """Return the rate per second between the last call and this one.

        Parameters
        ----------
        now : float
            Monotonic seconds.
        counters : Mapping of str to float
            Totals by name.

        Raises
        ------
        MetricUnavailableError
            It is the first call, no time has passed, no counter is in both, or one restarted.
        """
        last, self._last = self._last, (now, dict(counters))
        if last is None:
            raise MetricUnavailableError(FIRST_SAMPLE)
        then, before = last
        if now <= then:
            raise MetricUnavailableError("no time has passed since the last sample")
        both = [name for name in counters if name in before]
        if not both:
            raise MetricUnavailableError("every counter is new: " + FIRST_SAMPLE)
        for name in both:
            if counters[name] < before[name]:
                raise MetricUnavailableError(f"the counters of {name} restarted")
        return sum(counters[name] - before[name] for name in both) / (now - then)
