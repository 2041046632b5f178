"""From when to when the rows of a fleet lie, but for a few far off all others."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.dataset.overview import Fleet
from core.stray_times import bulk_of

__all__ = ["FleetSpan", "span_of"]

_DAYS = """
SELECT min(epoch_us(timestamp)) AS first_us, max(epoch_us(timestamp)) AS last_us, count(*) AS n
FROM fleet WHERE timestamp IS NOT NULL GROUP BY epoch_us(timestamp) // 86400000000 ORDER BY first_us
"""
_OUTSIDE = """
SELECT vm_id, count(*) FROM fleet WHERE epoch_us(timestamp) NOT BETWEEN $since AND $until
GROUP BY vm_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSpan:
    """The span (us since 1970) of the rows that belong together.

    `note` is a sentence on those that lie elsewhere, empty where there are none; `notes` are such
    sentences on the machines that they are of.
    """

    since_us: int
    until_us: int
    note: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def bounds(self) -> dict[str, object]:
        """The parameters of `epoch_us(timestamp) BETWEEN $since AND $until`."""
        return {"since": self.since_us, "until": self.until_us}


def span_of(fleet: Fleet) -> FleetSpan:
    """Return the span of all rows but a few far off all others; nothing where none has a time.

    Raises
    ------
    DataError
        The dataset cannot be read.
    """
    days = fleet.engine.columns(_DAYS)
    if not days["n"].size:
        return FleetSpan(since_us=0, until_us=0)
    bulk = bulk_of(days["first_us"] / 1e6, days["last_us"] / 1e6, days["n"])
    span = FleetSpan(
        since_us=int(days["first_us"][bulk.inside][0]),
        until_us=int(days["last_us"][bulk.inside][-1]),
    )
    if not bulk.n_outside:
        return span
    counts = fleet.engine.rows(_OUTSIDE, span.bounds)
    notes = {vm: bulk.left_out(n) for vm, n in counts if vm is not None}
    return replace(span, note=bulk.left_out(bulk.n_outside), notes=notes)
