"""A new model version against the active one, on the same held-back data: may it take over?"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = ["ON_RECORD", "TOLERANCE", "Comparison", "comparison_of", "recorded"]

TOLERANCE = 0.02
"""So much of a score (0-1) a new version may be worse by and still take over.

Ours: two points of F1 are less than what another seed changes on a few hundred tickets.
"""

ON_RECORD = "comparison"
"""Where a version's manifest keeps, among what it says of the training, how it was compared."""


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

    @property
    def in_words(self) -> str:
        """How the challenger does beside the champion, and whether it may take over."""
        if self.why_not or self.difference is None or self.low is None or self.high is None:
            return (
                f"{self.challenger} cannot be compared fairly with {self.champion}: {self.why_not}"
            )
        verdict = "is not worse" if self.is_not_worse else "is not shown to be as good"
        return (
            f"{self.challenger} {verdict}: {self.score} {self.challenger_score:.3f} against "
            f"{self.champion_score:.3f} of {self.champion}, a difference of "
            f"{100 * self.difference:+.1f} points ({100 * self.low:+.1f} to {100 * self.high:+.1f})"
            f" on {self.n_rows:,} {self.rows} that neither has learnt from; "
            f"{100 * TOLERANCE:.0f} points worse are tolerated."
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def comparison_of(data: Mapping[str, Any]) -> Comparison:
    """Return what `as_json` gave; KeyError where that is something else."""
    return Comparison(**{field.name: data[field.name] for field in fields(Comparison)})


def recorded(training: Mapping[str, Any]) -> Comparison | None:
    """Return the comparison that a manifest's `training` holds; None where there was none."""
    found = training.get(ON_RECORD)
    try:
        return None if found is None else comparison_of(found)
    except (KeyError, TypeError):  # kept by another version of this program
        return None
