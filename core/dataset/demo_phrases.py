"""What people write in made-up tickets around the symptom: guesses, log lines, small talk.

A name in braces is filled in by `core.dataset.demo_tickets`. Nothing here names a category.
"""

from collections.abc import Mapping

__all__ = [
    "ASKS",
    "BYES",
    "GREETINGS",
    "GUESSES",
    "LOGS",
    "NEUTRAL_LOGS",
    "SMALL_TALK",
    "TITLES",
    "VAGUE",
    "WHEN",
]

# What any of the incidents looks like to whoever is not near the machine.
VAGUE = (
    "everything on {host} is slow today",
    "{svc} does not answer",
    "{svc} gives a 503 every now and then",
    "users complain about {svc}",
    "the job on {host} did not finish last night",
    "{svc} is down again",
    "timeouts, timeouts, timeouts",
    "nothing works since {clock}",
    "{host} feels sluggish",
    "page takes {big} seconds to load",
    "same as last week on {host}",
    "please have a look at {host}",
    "{svc} hangs",
    "monitoring shows red for {host}",
    "batch is late, customer {who} is waiting",
    "errors in {svc} went up around {clock}",
    "{host} has a problem, see graph",
    "something is broken on {host}",
    "{svc} is not working since {day}",
    "{svc} stopped working after the update",
    "{svc} does not work any more",
    "{host} is broken again",
    "it crashed, no idea why",
    "{svc} is unusable",
    "problem with {host}",
    "help, {host} acts up",
    "getting errors all the time",
    "{proc} died on {host}",
    "outage of {svc}",
    "{host} is down",
)

GUESSES: Mapping[str, tuple[str, ...]] = {
    "Performance-CPU": ("my guess is the processor", "probably too few cores", "cpu again?"),
    "Performance-Memory": ("must be the RAM", "i think it leaks", "memory, as always?"),
    "Network": ("i bet it is the network", "firewall again?", "the switch maybe"),
    "Power": ("maybe the power supply", "could be electrical", "bad psu i guess"),
    "Anomaly": ("could be a bad sensor", "maybe somebody got in", "monitoring bug?"),
    "Capacity-Planning": ("we have outgrown the box", "need a bigger machine i guess"),
    "General": ("maybe i just do not have the rights", "might be me"),
}

LOGS: Mapping[str, tuple[str, ...]] = {
    "Performance-CPU": (
        "kernel: watchdog: BUG: soft lockup - CPU#{n} stuck for 23s! [{proc}:{pid}]",
        "{proc}[{pid}]: worker busy for {big}000 ms, queue length {big}",
    ),
    "Performance-Memory": (
        "kernel: Out of memory: Killed process {pid} ({proc}) total-vm:{big}123456kB",
        "java.lang.OutOfMemoryError: Java heap space\n\tat com.acme.Loader.read(Loader.java:{pid})",
        "MemoryError: Unable to allocate {n}.3 GiB for an array",
    ),
    "Network": (
        "{proc}[{pid}]: connect() to {ip}:5432 failed (110: Connection timed out)",
        "kernel: eth0: NIC Link is Down",
        "read tcp {ip}:443: connection reset by peer",
    ),
    "Power": (
        "ipmi: Power Supply 2 | Failure detected | Asserted",
        "kernel: CPU{n}: Package power limit notification",
        "upsd: UPS rack{n} on battery",
    ),
    "Anomaly": (
        "collector: value {big}{big} for {host} rejected, previous was {n}",
        "{proc}[{pid}]: processed 0 records in 0.{n}s",
    ),
    "Capacity-Planning": (
        "quota: team has used {pct}% of its cores",
        "{proc}[{pid}]: write failed: No space left on device",
        "df: {mount} {big}G used of {big}G, {pct}%",
    ),
    "General": ("sudo: user NOT in sudoers", "HTTP 403 Forbidden"),
}

NEUTRAL_LOGS = (
    "INFO started worker {n}",
    "WARN retrying ({n}/5)",
    "ERROR request failed: deadline exceeded",
    'level=error msg="task failed" id={pid}',
    "Traceback (most recent call last): ... TimeoutError",
    "systemd[1]: {proc}.service: Main process exited, status=1/FAILURE",
)

GREETINGS = ("hi", "Hello team,", "Hi all,", "hey", "Dear support,", "Good morning,", "hello???")
BYES = ("thanks", "thx {who}", "Regards, {who}", "cheers", "best, {who}", "pls help", "br\n{who}")
TITLES = (
    "[FIRING:1] {host} {svc} threshold exceeded\n",
    "URGENT!! ",
    "re: re: ",
    "Subject: {svc} problem\n",
    "P2 - ",
    "fwd: ",
)
WHEN = ("since {clock}", "since {day}", "started around {clock}", "on and off since {day}", "now")
ASKS = (
    "can you check please",
    "any idea?",
    "we need this today",
    "not urgent",
    "who can look at it",
    "i already restarted it, no change",
    "customer {who} called twice",
    "attached a screenshot",
    "is anybody else seeing this",
)
SMALL_TALK = (
    "sorry if this is the wrong queue",
    "i am not an expert",
    "it worked yesterday",
    "we did not change anything",
    "as discussed on the phone",
    "🙏",
    "😡",
    "sent from my phone",
    "this is the third ticket about it",
)
