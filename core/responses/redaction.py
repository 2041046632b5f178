"""Put placeholders for what should not leave this machine, and put it back into the reply."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

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
# A password like these says next to nothing where it stands without its label.
_COMMON = re.compile(r"[^\W\d_]{1,14}|\d{1,3}|(?:19|20)\d\d")
# Masking one piece can uncover another: an address behind what looked like a part of it.
_MAX_PASSES = 4


class Masks:
    """What stands behind the placeholders of one request; kept in memory only.

    The same value has the same placeholder in every text, however its letters are cased.

    Parameters
    ----------
    used : mapping of str to int
        The highest number of each kind that is taken already.
    labels : iterable of str
        Names of ours, such as those of categories: no secret hides their words.
    """

    def __init__(self, used: Mapping[Kind, int], labels: Iterable[str] = ()) -> None:
        self._next = dict(used)
        self._label_words = {
            word for label in labels for word in re.findall(r"[^\W\d_]+", label.casefold())
        }
        self._placeholders: dict[str, str] = {}
        self._values: dict[str, tuple[Kind, str]] = {}
        self._everywhere: set[str] = set()

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
        if kind != "SECRET" or not self._is_common(value):
            self._everywhere.add(known)
        return known

    def cover(self, text: str, *, within_names: bool = True) -> str:
        """Return `text` with every value that is known replaced, wherever it stands.

        Without `within_names` a value that a hyphen ties to others stays. A secret that is a plain
        word, a small number, a year or a word of a label stays as well: it is masked where it is
        told, and elsewhere the word means what it says.
        """
        values = [
            (kind, value)
            for known, (kind, value) in self._values.items()
            if len(value) >= _MIN_CHARACTERS and known in self._everywhere
        ]
        if not values:
            return text
        ordered = sorted(values, key=lambda found: len(found[1]), reverse=True)
        any_value = "|".join(_as_spelt(kind, value) for kind, value in ordered)
        tied = "" if within_names else "-"
        anyone = re.compile(rf"(?<![{tied}\w])(?:{any_value})(?![{tied}\w])", re.IGNORECASE)
        return anyone.sub(lambda match: self._placeholders.get(match[0].casefold(), match[0]), text)

    def _is_common(self, secret: str) -> bool:
        """Whether the same signs stand elsewhere for something else, as a rule."""
        is_plain = secret == secret.lower() and _COMMON.fullmatch(secret) is not None
        return is_plain or secret.casefold() in self._label_words

    def restore(self, text: str) -> str:
        """Return `text` with names and addresses back in their places.

        Secrets and card numbers stay masked: no reply has a reason to repeat one. Placeholders
        that were never given out stay as they are.
        """

        def value(match: re.Match[str]) -> str:
            kind, original = self._values.get(f"{match[1]}_{match[2]}", (None, match[0]))
            return match[0] if kind in _NEVER_RESTORED else original

        return _PLACEHOLDER.sub(value, text)


def mask(
    texts: Sequence[str], also: Sequence[str] = (), labels: Sequence[str] = ()
) -> tuple[tuple[str, ...], Masks]:
    """Return the texts with placeholders, and what stands behind those.

    Parameters
    ----------
    texts : sequence of str
        Everything that a provider will see of one ticket, so that a value found in one of the
        texts is masked in all of them.
    also : sequence of str
        Names to mask beside what is found, such as that of a host or of a person.
    labels : sequence of str
        Names of ours that stand in the texts, such as those of categories: a password that is a
        word of them is masked where it is told, and does not hide them.
    """
    used: dict[Kind, int] = {}
    for kind, number in (found for text in texts for found in _PLACEHOLDER.findall(text)):
        # A placeholder that the ticket itself brings must not become somebody else's name.
        used[kind] = max(used.get(kind, 0), int(number[:6]))
    masks = Masks(used, labels)
    for name in filter(None, (given.strip() for given in also)):
        word = _as_word(name)
        if any(word.search(text) for text in texts):
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


def _as_spelt(kind: Kind, value: str) -> str:
    """Return the pattern of a value; not compiled, for they can be a thousand.

    A password such as Memory is looked for as it is spelt, or it would hide every "memory".
    """
    is_name = kind == "SECRET" and value.isalpha() and value.istitle()
    return f"(?-i:{re.escape(value)})" if is_name else re.escape(value)


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
