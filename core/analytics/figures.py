"""Figures as data: what a report holds, for whoever draws it.

Each has a title and one sentence, written from its own numbers, that says what to read in it.
"""

from dataclasses import dataclass

__all__ = [
    "Bar", "Bars", "Curve", "Dot", "Dots", "Fact", "Facts", "Figure", "Matrix", "Missing",
    "Report", "Section", "Series", "Table",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A score with its 95 % interval, None where there is none."""

    name: str
    value: float
    low: float | None
    high: float | None
    is_baseline: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """Scores one below the other, on an axis that need not begin at zero."""

    title: str
    says: str
    unit: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar; `low` and `high` bound its uncertainty, None where that is not known."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Amounts from zero, in the order in which they are to be read."""

    title: str
    says: str
    unit: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Counts of what is true (rows) by what was said (columns)."""

    title: str
    says: str
    what: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def shares(self) -> tuple[tuple[float | None, ...], ...]:
        """The counts as shares (0-1) of their row; None in a row without any."""
        return tuple(tuple(n / sum(row) if sum(row) else None for n in row) for row in self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A line; `counts` says how many rows stand behind each point, empty where that means none."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Lines over an axis.

    With `is_diagonal`, x = y is what is aimed at; `mark` is the point that is in force.
    """

    title: str
    says: str
    x_title: str
    y_title: str
    series: tuple[Series, ...]
    is_diagonal: bool = False
    mark: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Text in columns."""

    title: str
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A number that stands alone, and what it is about."""

    name: str
    value: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A few numbers side by side."""

    title: str
    says: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The reason that stands in the place of a figure."""

    title: str
    reason: str


Figure = Dots | Bars | Matrix | Curve | Table | Facts | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Figures that answer one question."""

    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All there is to say of one version: the line that counts, what to know first, the rest."""

    model: str
    version: str
    headline: str
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]
    footnote: str
