"""What a comparison of two versions comes to, in a sentence."""

from core.comparison import TOLERANCE, Comparison

__all__ = ["in_words"]


def in_words(found: Comparison) -> str:
    """Return how the challenger does beside the champion, and whether it may take over."""
    if found.why_not or None in (found.difference, found.low, found.high):
        return (
            f"{found.challenger} cannot be compared fairly with {found.champion}: {found.why_not}"
        )
    verdict = "is not worse" if found.is_not_worse else "is not shown to be as good"
    return (
        f"{found.challenger} {verdict}: {found.score} {found.challenger_score:.3f} against "
        f"{found.champion_score:.3f} of {found.champion}, a difference of "
        f"{100 * (found.difference or 0.0):+.1f} points ({100 * (found.low or 0.0):+.1f} to "
        f"{100 * (found.high or 0.0):+.1f}) on {found.n_rows:,} {found.rows} that neither has "
        f"learnt from; {100 * TOLERANCE:.0f} points worse are tolerated."
    )
