"""Put placeholders for what should not leave this machine, and put it back into the reply."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from core.responses.sensitive import KINDS, Kind, spans

__all__ = ["Masks", "mask", "placeholders"]

# What a reply must never repeat stays masked in it.
_NEVER_RESTORED: frozenset[Kind] = frozenset({"SECRET", "CARD"})
# A run of signs that no word and no address reaches: a key, or something that hides one.
_ENDLESS = re.compile(r"[!-~]{300,}")
# A model may escape the underscore, as Markdown allows.
_PLACEHOLDER = re.compile(rf"(?<![^\W_])({'|'.join(KINDS)})\\?_(\d+)(?!\w)")
# Shorter values are masked where a rule finds them, not wherever else they occur.
_MIN_CHARACTERS = 2
# Masking one piece can uncover another: an address behind what looked like a part of it.
_MAX_PASSES = 4


class Masks:
    """What stands behind the placeholders of one request; kept in memory only.

    The same value has the same placeholder in every text, however its letters are cased.
    """

    def __init__(self, used: Mapping[Kind, int]) -> None:
        self._next = dict(used)
        self._placeholders: dict[str, str] = {}
        self._values: dict[str, tuple[Kind, str]] = {}

    def __repr__(self) -> str:
        return f"Masks({dict(self.counts)})"

    def __len__(self) -> int:
        return len(self._values)

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many different values of each kind are masked."""
        return Counter(kind for kind, _ in self._values.values())

    def placeholder(self, kind: Kind, value: str) -> str:
        """Return the placeholder of `value`: the one it has, else a new one."""
        known = self._placeholders.get(value.casefold())
        if known is None:
            self._next[kind] = self._next.get(kind, 0) + 1
            known = f"{kind}_{self._next[kind]}"
            self._placeholders[value.casefold()] = known
            self._values[known] = (kind, value)
        return known

    def cover(self, text: str, *, within_names: bool = True) -> str:
        """Return `text` with every value that is known replaced, wherever it stands.

        Without `within_names` a value that a hyphen ties to others stays.
        """
        values = [value for _, value in self._values.values() if len(value) >= _MIN_CHARACTERS]
        if not values:
            return text
        ordered = sorted(values, key=len, reverse=True)
        any_value = "|".join(_as_word(value).pattern for value in ordered)
        tied = "" if within_names else "-"
        anyone = re.compile(rf"(?<![{tied}\w])(?:{any_value})(?![{tied}\w])", re.IGNORECASE)
        return anyone.sub(lambda match: self._placeholders.get(match[0].casefold(), match[0]), text)

    def restore(self, text: str) -> str:
        """Return `text` with names and addresses back in their places.

        Secrets and card numbers stay masked: no reply has a reason to repeat one. Placeholders
        that were never given out stay as they are.
        """

        def value(match: re.Match[str]) -> str:
            kind, original = self._values.get(f"{match[1]}_{match[2]}", (None, match[0]))
            return match[0] if kind in _NEVER_RESTORED else original

        return _PLACEHOLDER.sub(value, text)


def mask(texts: Sequence[str], also: Sequence[str] = ()) -> tuple[tuple[str, ...], Masks]:
    """Return the texts with placeholders, and what stands behind those.

    Parameters
    ----------
    texts : sequence of str
        Everything that a provider will see of one ticket, so that a value found in one of the
        texts is masked in all of them.
    also : sequence of str
        Names to mask beside what is found, such as that of a host or of a person.
    """
    used: dict[Kind, int] = {}
    for kind, number in (found for text in texts for found in _PLACEHOLDER.findall(text)):
        # A placeholder that the ticket itself brings must not become somebody else's name.
        used[kind] = max(used.get(kind, 0), int(number[:6]))
    masks = Masks(used)
    for name in (given.strip() for given in also):
        if name and any(_as_word(name).search(text) for text in texts):
            masks.placeholder("HOST", name)
    # Found first and for themselves, because the other patterns would take long over them.
    endless = [
        _ENDLESS.sub(lambda run: masks.placeholder("SECRET", run[0]), text) for text in texts
    ]
    # A host called "vm" is no part of "vm-017", which a rule will find.
    covered = [masks.cover(text, within_names=False) for text in endless]
    for _ in range(_MAX_PASSES):
        again = [masks.cover(text) for text in [_replaced(text, masks) for text in covered]]
        if again == covered:
            break
        covered = again
    return tuple(covered), masks


def placeholders(text: str) -> tuple[tuple[int, int], ...]:
    """Return (start, end) of every placeholder in `text`."""
    return tuple(match.span() for match in _PLACEHOLDER.finditer(text))


def _as_word(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(value)}(?!\w)", re.IGNORECASE)


def _replaced(text: str, masks: Masks) -> str:
    pieces: list[str] = []
    at = 0
    ours = placeholders(text)
    for span in spans(text):
        inside = [one for one in ours if one[0] < span.end and span.start < one[1]]
        if any(one[0] <= span.start and span.end <= one[1] for one in inside):
            continue
        # Placeholders within what was found stay: what stands around them is masked.
        start = span.start
        for one_start, one_end in (*inside, (span.end, span.end)):
            value = text[start : min(one_start, span.end)]
            lead = len(value) - len(value.lstrip())
            core = value.strip()
            if any(sign.isalnum() for sign in core):
                pieces += [text[at : start + lead], masks.placeholder(span.kind, core)]
                at = start + lead + len(core)
            start = max(start, one_end)
    return "".join([*pieces, text[at:]])
