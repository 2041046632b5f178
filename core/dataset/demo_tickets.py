"""Made-up tickets: what a person near an incident, or with a wish, would write."""

import random as stdlib_random
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from core.dataset.demo_alerts import ALERTED, AlertWriter
from core.dataset.demo_phrases import (
    ASKS,
    BYES,
    GREETINGS,
    GUESSES,
    LOGS,
    NEUTRAL_LOGS,
    SMALL_TALK,
    TITLES,
    VAGUE,
    WHEN,
)
from core.dataset.demo_symptoms import SYMPTOMS

__all__ = ["TicketWriter"]

_T = TypeVar("_T")

_SLOT = re.compile(r"\{(\w+)\}")
_SERVICES = ("checkout", "search", "intranet", "billing", "login", "api", "reports", "mail")
_PROCESSES = ("java", "postgres", "python3", "nginx", "node", "mysqld", "ffmpeg", "redis-server")
_PEOPLE = ("Marta", "Jon", "Aylin", "Priya", "Tomasz", "Chen", "Luís", "Frau Weber", "Dmitri")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "the weekend", "yesterday")
_MONTHS = ("january", "march", "april", "june", "september", "october", "november", "q3", "q4")
_MOUNTS = ("/var", "/home", "/", "/opt", "/data", "/var/log", "/boot", "C:", "D:")
# Ways to say one thing, so that no two tickets need to say it alike.
_CPU = ("cpu", "CPU usage", "processor load", "cpu load", "cpu utilization", "load")
_MEMORY = ("memory", "memory usage", "RAM", "RAM usage", "memory utilization")
_HIGH = (
    "too high",
    "very high",
    "maxed out",
    "through the roof",
    "near its limit",
    "at {pct}%",
    "above {pct} percent",
    "over the threshold",
)
_NEIGHBOURS = {"a": "s", "e": "r", "i": "o", "n": "m", "o": "p", "r": "t", "s": "d", "t": "z"}

# Shares of tickets, chosen so that a careful reader who also sees the telemetry is right about nine
# times in ten; the quick models of the tests stay below that.
_VAGUE_SHARE = 0.2
_SECOND_PROBLEM_SHARE = 0.13
_GUESS_SHARE = 0.22
_WRONG_GUESS_SHARE = 0.55
_LOG_SHARE = 0.16
_NEUTRAL_LOG_SHARE = 0.12
_ALERT_SHARE = 0.17  # of what monitoring can notice: the rest is written by people
_INCIDENTS = ("Anomaly", "Network", "Performance-CPU", "Performance-Memory", "Power")


class TicketWriter:
    """Writes tickets, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = stdlib_random.Random(seed)
        self._alerts = AlertWriter(self._random)

    def write(self, category: str, host: str) -> str:
        """Return the text of a ticket about a problem of this category on this machine."""
        if category in ALERTED and self._by_chance(_ALERT_SHARE):
            return self._alerts.write(category, host)
        return self._spoiled(self._filled(self._by_hand(category), host))

    def _by_hand(self, category: str) -> str:
        """Return what a person writes, with the names in braces not yet filled in."""
        parts = [*self._symptoms(category)]
        if self._by_chance(_GUESS_SHARE):
            wrong = self._by_chance(_WRONG_GUESS_SHARE)
            parts.append(self._one_of(GUESSES[self._other(category) if wrong else category]))
        when = 0.4 if category in _INCIDENTS else 0.05
        for extras, share in ((WHEN, when), (ASKS, 0.4), (SMALL_TALK, 0.2)):
            if self._by_chance(share):
                parts.append(self._one_of(extras))
        if self._by_chance(0.25):
            self._random.shuffle(parts)
        text = self._joined(parts)
        if self._by_chance(_LOG_SHARE) and category in LOGS:
            text += "\n" + self._one_of(LOGS[category])
        elif self._by_chance(_NEUTRAL_LOG_SHARE):
            text += "\n" + self._one_of(NEUTRAL_LOGS)
        if self._by_chance(0.3):
            text = self._one_of(GREETINGS) + self._one_of((" ", "\n")) + text
        if self._by_chance(0.14):
            text = self._one_of(TITLES) + text
        if self._by_chance(0.3):
            text += self._one_of((" ", "\n")) + self._one_of(BYES)
        return text

    def _symptoms(self, category: str) -> list[str]:
        is_incident = category in _INCIDENTS
        if is_incident and self._by_chance(_VAGUE_SHARE):
            return self._random.sample(VAGUE, 1 + self._by_chance(0.4))
        found = self._random.sample(SYMPTOMS[category], 1 + self._by_chance(0.35))
        if self._by_chance(0.3) and is_incident:
            found.insert(self._random.randrange(2), self._one_of(VAGUE))
        if self._by_chance(_SECOND_PROBLEM_SHARE):
            other = self._one_of(SYMPTOMS[self._other(category)])
            if self._by_chance(0.3):
                found.insert(0, other)
            else:
                found.append(self._one_of(("also ", "by the way, ", "and another thing: ")) + other)
        return found

    def _other(self, category: str) -> str:
        return self._one_of([name for name in SYMPTOMS if name != category])

    def _joined(self, parts: list[str]) -> str:
        mark = self._one_of((". ", ". ", ", ", "\n", " - "))
        if mark == ". ":
            parts = [part[:1].upper() + part[1:] for part in parts]
            return mark.join(parts) + "."
        return mark.join(parts)

    def _filled(self, text: str, host: str) -> str:
        named = self._host(host)
        random = self._random
        slots: Mapping[str, Callable[[], str]] = {
            "host": lambda: named,
            "svc": lambda: self._one_of(_SERVICES),
            "proc": lambda: self._one_of(_PROCESSES),
            "who": lambda: self._one_of(_PEOPLE),
            "day": lambda: self._one_of(_DAYS),
            "month": lambda: self._one_of(_MONTHS),
            "clock": lambda: f"{random.randrange(24)}:{random.randrange(0, 60, 5):02d}",
            "pct": lambda: str(random.randrange(88, 101)),
            "load": lambda: f"{random.uniform(12, 90):.1f}",
            "n": lambda: str(random.randrange(2, 40)),
            "big": lambda: str(random.randrange(40, 400)),
            "pid": lambda: str(random.randrange(300, 32_000)),
            "watt": lambda: str(random.randrange(250, 780)),
            "temp": lambda: str(random.randrange(82, 106)),
            "mount": lambda: self._one_of(_MOUNTS),
            "cpu": lambda: self._one_of(_CPU),
            "mem": lambda: self._one_of(_MEMORY),
            "high": lambda: self._one_of(_HIGH).format(pct=random.randrange(85, 100)),
            "ip": lambda: (
                f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"
            ),
        }
        return _SLOT.sub(lambda match: slots[match[1]](), text)

    def _host(self, host: str) -> str:
        number = host.rpartition("-")[2]
        forms = (host, host, host, host.upper(), f"vm{number}", f"VM {int(number)}", "the server")
        return self._one_of((*forms, "our machine", f"{host}.prod.local"))

    def _spoiled(self, text: str) -> str:
        """Return the text as it looks when nobody read it again."""
        if self._by_chance(0.35):
            text = text.lower()
        elif self._by_chance(0.03):
            text = text.upper()
        if self._by_chance(0.15):
            text = re.sub(r"[.,;](?= |$)", "", text)
        if self._by_chance(0.5):
            text = re.sub(r"[A-Za-z]{4,}", self._mistyped, text)
        return text

    def _mistyped(self, match: re.Match[str]) -> str:
        word = match[0]
        if not self._by_chance(0.06):
            return word
        place = self._random.randrange(1, len(word) - 1)
        before, here, after = word[:place], word[place], word[place + 1 :]
        return self._one_of(
            (
                before + after,
                before + here + here + after,
                before + after[:1] + here + after[1:],
                before + _NEIGHBOURS.get(here, here) + after,
            )
        )

    def _by_chance(self, share: float) -> bool:
        return self._random.random() < share

    def _one_of(self, choices: tuple[_T, ...] | list[_T]) -> _T:
        return self._random.choice(choices)
