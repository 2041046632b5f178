"""Made-up tickets that no person has written: what monitoring files by itself."""

import random as stdlib_random
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ALERTED", "AlertWriter"]

# Monitoring is misled now and then: the metric that stands out is not the one at fault.
_MISLED_SHARE = 0.08


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """A metric as alerts name it: its names, what is usual for it, and what is alarming."""

    label: str
    name: str
    unit: str
    usual: tuple[int, int]
    alarming: tuple[int, int]

    def value(self, random: stdlib_random.Random, *, alarming: bool) -> str:
        low, high = self.alarming if alarming else self.usual
        return f"{random.randint(low, high):,}{self.unit}"


_CPU = _Measured(label="CPU", name="cpu_percent", unit=" %", usual=(6, 70), alarming=(86, 100))
_MEMORY = _Measured(
    label="Memory", name="memory_percent", unit=" %", usual=(20, 75), alarming=(86, 99)
)
_DISK = _Measured(label="Disk", name="disk_percent", unit=" %", usual=(15, 78), alarming=(88, 99))
_TEMPERATURE = _Measured(
    label="Temperature", name="temperature_c", unit=" °C", usual=(38, 68), alarming=(84, 104)
)
_ERRORS = _Measured(
    label="Network errors", name="errors_per_s", unit=" per s", usual=(0, 1), alarming=(12, 900)
)
_RESPONSE = _Measured(
    label="Response time", name="response_time_ms", unit=" ms", usual=(2, 160), alarming=(700, 9000)
)
_TRAFFIC = _Measured(
    label="Network traffic", name="network_bytes_per_s", unit=" MB/s", usual=(1, 40),
    alarming=(90, 950),
)  # fmt: skip
_PROCESSES = _Measured(
    label="Processes", name="process_count", unit="", usual=(90, 600), alarming=(1800, 32000)
)
_THREADS = _Measured(
    label="Threads", name="thread_count", unit="", usual=(300, 2600), alarming=(9000, 64000)
)
_ALL = (
    _CPU, _MEMORY, _DISK, _TEMPERATURE, _ERRORS, _RESPONSE, _TRAFFIC, _PROCESSES, _THREADS,
)  # fmt: skip
# What is measured in the fleet's own file only.
_POWER = _Measured(
    label="Power", name="power_consumption", unit=" W", usual=(110, 320),
    alarming=(480, 900),
)  # fmt: skip
_RUN_TIME = _Measured(
    label="Execution time", name="execution_time", unit=" s", usual=(2, 40), alarming=(150, 900)
)
_WORK = _Measured(
    label="Instructions executed", name="num_executed_instructions", unit="", usual=(4000, 9000),
    alarming=(20, 400),
)  # fmt: skip

_FLEET = (_CPU, _MEMORY, _TRAFFIC, _POWER, _RUN_TIME, _WORK)
_TASKS = ("web", "database", "batch", "training", "inference", "backup")

# Metrics at fault, by category. Too many processes or threads take the processor's time; a slow
# answer alone may have any reason.
ALERTED: Mapping[str, tuple[_Measured, ...]] = {
    "Performance-CPU": (_CPU, _CPU, _PROCESSES, _THREADS),
    "Performance-Memory": (_MEMORY,),
    "Network": (_ERRORS, _TRAFFIC),
    "Power": (_TEMPERATURE, _POWER),
    "Anomaly": (_RUN_TIME, _WORK),
    "Capacity-Planning": (_DISK,),
}


class AlertWriter:
    """Writes alerts in the words of four kinds of monitoring, drawing from `random`."""

    def __init__(self, random: stdlib_random.Random) -> None:
        self._random = random

    def write(self, category: str, host: str) -> str:
        """Return the text of an alert about a problem of this category on this machine."""
        random = self._random
        at_fault = random.choice(ALERTED[category])
        if random.random() < _MISLED_SHARE:
            at_fault = random.choice((_RESPONSE, *_ALL))
        kinds = [self._firing, self._check]
        if at_fault in _ALL:
            kinds += [self._forecast] * 3
        if at_fault in _FLEET:
            kinds += [self._unusual] * 2
        return random.choice(kinds)(at_fault, host)

    def _forecast(self, at_fault: _Measured, host: str) -> str:
        """Return what a forecast of failures files: reason, likely cause, and every reading."""
        random = self._random
        within = random.choice(("50 s", "5 min", "10 min"))
        now = self._moment()
        value = at_fault.value(random, alarming=True)
        reason = f"{at_fault.label.lower()} {value}"
        if random.random() < 0.6:
            pace = f"{random.uniform(0.2, 40):.1f}"
            points = " points" if at_fault.unit == " %" else at_fault.unit
            reason += f", up {pace}{points} a minute over the last {random.randint(3, 9)} min"
        if at_fault in (_MEMORY, _DISK) and random.random() < 0.5:
            reason += f"; at this pace full in {random.randint(2, 9)}-{random.randint(10, 40)} min"
        elif random.random() < 0.5:
            reason += f" (usual for this host: {at_fault.value(random, alarming=False)})"
        readings = [
            (one, value if one is at_fault else one.value(random, alarming=random.random() < 0.1))
            for one in _ALL
        ]
        threshold = random.randint(15, 60)
        return (
            f"Host {host} is predicted to fail within {within}.\n\n"
            f"At {now} the failure model v000{random.randint(1, 9)} put the probability of a "
            f"failure within {within} at {random.randint(threshold, 98)} %; its alarm threshold is "
            f"{threshold} %.\n\n"
            f"Reason: {reason}.\n\n"
            f"Most likely at fault: {at_fault.label} ({at_fault.name}), with a probability of "
            f"{random.randint(40, 99)} %.\n\n"
            f"Measured at {now}:\n"
        ) + "\n".join(f"- {one.label}: {reading}" for one, reading in readings)

    def _unusual(self, at_fault: _Measured, host: str) -> str:
        """Return what a detection of unusual rows files."""
        random = self._random
        others = random.sample([one for one in _FLEET if one is not at_fault], random.randint(0, 2))
        first, *more = (self._range(one) for one in (at_fault, *others))
        text = "; ".join([f"{first} for this VM", *more])
        return (
            f"{host} behaved unusually at {self._moment()} ({random.randint(40, 99)} % probable).\n"
            f"{text}.\n"
            f"Task: {random.choice(_TASKS)}, priority {random.choice(('low', 'medium', 'high'))}, "
            f"status {random.choice(('completed', 'running', 'failed'))}."
        )

    def _range(self, one: _Measured) -> str:
        low, high = sorted(self._random.sample(range(one.usual[0], one.usual[1] + 2), 2))
        return f"{one.label} {one.value(self._random, alarming=True)}, usual {low:,}-{high:,}"

    def _firing(self, at_fault: _Measured, host: str) -> str:
        """Return what an alert router files."""
        random = self._random
        name = "".join(word.capitalize() for word in at_fault.label.split())
        return (
            f"[FIRING:1] Host{name}{random.choice(('High', 'Critical', 'Alarming'))} {host} "
            f"(severity={random.choice(('warning', 'critical'))})\n"
            f"{at_fault.label} of {host} is {at_fault.value(random, alarming=True)} for "
            f"{random.randint(2, 30)}m"
        )

    def _check(self, at_fault: _Measured, host: str) -> str:
        """Return what a service check files."""
        state = self._random.choice(("WARNING", "CRITICAL"))
        value = at_fault.value(self._random, alarming=True)
        return (
            f"PROBLEM {host}/{at_fault.label.lower()} is {state}\n"
            f"{at_fault.label.upper()} {state} - {value}"
        )

    def _moment(self) -> str:
        random = self._random
        return (
            f"2025-{random.randint(1, 12):02d}-{random.randint(1, 28):02d} "
            f"{random.randrange(24):02d}:{random.randrange(60):02d}:{random.randrange(60):02d} UTC"
        )
