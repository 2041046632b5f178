"""A new model version against the active one, on the same held-back data: may it take over?"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = ["TOLERANCE", "Comparison", "comparison_of"]

TOLERANCE = 0.02
"""So much of a score (0-1) a new version may be worse by and still take over.

Ours: two points of F1 are less than what another seed changes on a few hundred tickets.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a challenger does beside the champion on `n_rows` of `rows` that neither has learnt from.

    `difference` is the challenger's `score` (0-1) less the champion's, with its 95 % interval from
    drawing the same rows for both again (paired bootstrap). Where the two cannot be compared
    fairly, `why_not` is the sentence that says so, and numbers may be None.

    References
    ----------
    Koehn: Statistical significance tests for machine translation evaluation. EMNLP 2004 (paired
    bootstrap). Piaggio et al.: Reporting of noninferiority and equivalence randomized trials. JAMA
    308(24), 2012, doi:10.1001/jama.2012.87802 (not worse: the interval ends above a margin).
    """

    champion: str
    challenger: str
    score: str
    rows: str
    n_rows: int = 0
    champion_score: float | None = None
    challenger_score: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    why_not: str = ""

    @property
    def is_not_worse(self) -> bool:
        """Whether the challenger is shown to be worse by no more than the tolerance."""
        return not self.why_not and self.low is not None and self.low >= -TOLERANCE

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def comparison_of(data: Mapping[str, Any]) -> Comparison:
    """Return what `as_json` gave; KeyError where that is something else."""
    return Comparison(**{field.name: data[field.name] for field in fields(Comparison)})
