"""Where a text holds keys, tokens and passwords, in the forms that people and programs give them.

Each rule is a pattern, whose group `s` (else all of it) is the secret, and a test of what it found.
"""

import itertools
import re
from collections.abc import Callable, Iterator

from core.responses.plain_words import (
    PROSE,
    PROSE_LATER,
    STATES,
    VERBS,
    WORDS_AFTER_USER,
)

__all__ = ["SECRETS", "is_plain_word"]

_Meant = Callable[[str], bool]
_PLAIN = STATES | WORDS_AFTER_USER | PROSE | PROSE_LATER
# With fewer words behind "is" a sentence is as likely: "the password is correct today".
_MIN_PASSPHRASE_WORDS = 4
# Random keys change between digits, small and large letters at six of ten steps (1 % of those of
# 16 bytes at less than this), words and paths at one to three.
_MIN_CHANGES_RATIO = 0.35

# "Windows-Server-2019-Standard" has digits, small and large letters as well.
_OF_WORDS = re.compile(r"(?:(?:[A-Z]?[a-z]{3,}|[A-Z]{2,}|\d{1,4})(?:[-_]|$))+")


def is_plain_word(text: str) -> bool:
    """Whether `text` is one word as prose has it, or a number of up to three digits."""
    word = text.strip(".,;:!?()")
    if re.fullmatch(r"\d{0,3}%?", word):
        return True
    is_word = re.fullmatch(r"[^\W\d_]+(?:-[^\W\d_]+)*", word) is not None
    return is_word and (word.islower() or word.istitle() or word.isupper())


def _always(_: str) -> bool:
    return True


def _is_drawn(text: str) -> bool:
    return not is_plain_word(text)


def _is_password(text: str) -> bool:
    return text.lower().strip(".,;:!?") not in STATES


def _is_no_identifier(text: str) -> bool:
    return re.fullmatch(r"[^\W\d_]+(?:_(?:[^\W\d_]+|\d+))+", text) is None


def _is_no_count(text: str) -> bool:
    """Whether "password 3 times" and "token 50 %" are out of the question."""
    return _is_password(text) and re.fullmatch(r"\d{1,3}\W*", text) is None


def _words(text: str) -> list[str]:
    return [word.strip("!?").lower() for word in text.split()]


def _begins_like_a_password(text: str) -> bool:
    return _words(text)[0] not in _PLAIN


def _is_more_than_a_state(text: str) -> bool:
    """Whether a clause that begins as "wrong since Monday" does is no such thing."""
    first, *others = _words(text)
    return first in _PLAIN and any(word not in _PLAIN for word in others)


def _is_passphrase(text: str) -> bool:
    """Whether no sentence goes on behind a state: "correct horse battery staple"."""
    first, *others = _words(text)
    is_long = len(others) + 1 >= _MIN_PASSPHRASE_WORDS
    return first in STATES and is_long and not any(word in _PLAIN for word in others)


def _is_random(text: str) -> bool:
    """Whether it looks drawn at random: long hexadecimal, or digits, small and large letters."""
    if re.fullmatch(r"[0-9a-fA-F]+", text):
        return len(text) >= 32
    # Two signs of filling end Base64 and no name.
    has = [re.search(kind, text) for kind in (r"[a-z]", r"[A-Z]", r"[0-9]|==$")]
    return all(has) and _OF_WORDS.fullmatch(text) is None


def _is_random_with_slashes(text: str) -> bool:
    """Whether it is Base64, and not a path with large letters and digits in it."""
    if "/" not in text:
        return False
    if text.endswith("="):
        return text != text.lower()
    if "+" not in text and not any(sign.isdigit() for sign in text):
        return False
    kinds = [(sign.islower(), sign.isupper()) if sign.isalnum() else None for sign in text]
    steps = [(a, b) for a, b in itertools.pairwise(kinds) if a and b]
    return sum(a != b for a, b in steps) >= _MIN_CHANGES_RATIO * len(steps)


_QUOTES = "\"'`“”‘’„«»"
# "pin" and their like may be parts of other words, "PGPASSWORD" and "dbPassword" are not.
_LABEL = r"(?:pass(?:word|wort|wd|phrase|code)|kennwort|(?<![^\W_])(?:pwd|pw))"
_STRONG = (
    rf"(?:{_LABEL}|secret|token|credentials?|(?<![^\W_])(?:pass|pin)|"
    r"(?:api|access|private|secret|account|client|encryption|ssh|license|shared ?access)[ _-]?"
    r"(?:key|secret))"
)
# What stands behind these is as often a word of a sentence or of a log.
_WEAK = r"(?<![^\W_])(?:cookie|session[ _-]?id|sid|auth|signature)"
_SETS = r"(?:(?:\s+(?:is|ist|was|war|lautet))?\s*(?::=|=>|->|→|={1,3}|:))"
_IS = r"\s+(?:is|ist|was|war|lautet)\b"
# "Password for the portal: ...", "Passwort (neu): ..."
_WHOSE = r"(?:[ \t]*\([^()\n]{1,40}\)|[ \t]+(?:for|of|für|von|neu|alt)\b[^\n:=.,;]{0,40}?)"
# Either in quotes, which end it, or up to the next blank; signs that end a sentence stay outside.
_QUOTED = rf"\\?[{_QUOTES}](?P<s>[^{_QUOTES}\n\\]+)\\?[{_QUOTES}]"
_BARE = r"(?P<s>(?:[^\s\"'`]|(?<=\w)[\"'`](?=\w))+?)(?=[.,;)]*(?:[\s\"'`]|\Z))"
_ARGUMENT = r"[\"']?(?P<s>(?<=\")[^\"\n]+|(?<=')[^'\n]+|[^\s\"']+)"
_PHRASE_WORD = rf"(?![\w-]+[ \t]*[=:])(?!\S+@\S)(?:[^\s{_QUOTES}<>|=:;,.?()]|(?<=\w)['’](?=\w))+"


def _named(label: str, verb: str, value: str) -> str:
    """Return the pattern for `value` behind a word that says what it is."""
    return rf"{label}\\?[{_QUOTES}]?{verb}\s*{value}"


def _phrase(ends: frozenset[str] = frozenset()) -> str:
    """Return the pattern for several words up to the clause's end, or up to one of `ends`."""
    not_ended = rf"(?!(?:{'|'.join(sorted(ends))})\b)" if ends else ""
    return rf"(?P<s>[^\W\d_]+(?:[ \t]+{not_ended}{_PHRASE_WORD}){{1,11}})"


def _marked() -> Iterator[tuple[str, _Meant]]:
    """Yield what is told by its own form, whatever stands around it."""
    key = r"[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{4,5}"
    yield rf"(?s:-{{4,5}} ?BEGIN {key}.*?(?:-{{4,5}} ?END {key}|\Z))", _always
    yield r"://(?P<s>[^\s\"'<>]+)@", _always
    yield (
        r"(?<![A-Za-z0-9])(?:hf_|sk-|[prs]k_(?:live|test)_|gh[opsur]_|github_pat_|glpat-"
        r"|npm_(?=\w{20})|pypi-(?=[\w-]{20})|dckr_pat_|xox[a-z]-|ya29\.|SG\.|dop_v1_|shpat_"
        r"|AIza|AKIA|ASIA)[\w.-]{6,}",
        _always,
    )
    yield r"\beyJ[\w-]{5,}(?:\.[\w-]+){1,2}", _always
    yield r"\bssh-(?:rsa|ed25519|dss) (?P<s>[A-Za-z0-9+/=]{16,})", _always
    # As in /etc/shadow, htpasswd and LDAP.
    yield r"\$(?:[1256y]|gy|2[abxy]|apr1|argon2\w*|scrypt)\$[\w./$=,+-]{8,}", _always
    yield r"\{S?(?:SHA|MD5|CRYPT)\d*\}(?P<s>[\w./$=+-]{8,})", _always
    yield (
        r"[?&](?:sig|signature|access_token|sas|X-Amz-(?:Signature|Credential|Security-Token))="
        r"(?P<s>[^\s&\"'<>]+)",
        _always,
    )
    yield r"(?<![\w/+.])[A-Za-z0-9/+]{40}(?![\w/+])", _is_random
    yield r"(?<![\w-])[A-Za-z0-9_=+-]{20,}(?![\w-])", _is_random
    yield r"(?<![\w+.:/-])[A-Za-z0-9/+]{20,}={0,2}(?![\w/+=-])", _is_random_with_slashes


def _told() -> Iterator[tuple[str, _Meant]]:
    """Yield what a word before it names."""
    yield r"\b(?:Bearer|Basic|Negotiate)\s+(?P<s>[\w.~+/=-]{6,})", _is_drawn
    yield r"\bcookie[\"']?:\s*[\"']?(?P<s>[^\s=;:\"']+=[^\r\n\"']*)", _always
    yield (
        r"authorization[\"']?\s*[=:]\s*[\"']?(?:(?:Basic|Bearer|Negotiate|Digest|NTLM|Token|"
        r"ApiKey)\s+)?(?P<s>[^\s\"'`,]+)",
        _is_drawn,
    )
    yield _named(_STRONG, _SETS, _QUOTED), _always
    yield _named(_LABEL, _IS, _QUOTED), _always
    yield rf"{_LABEL}\s+{_QUOTED}", _is_password
    yield _named(_WEAK, _SETS, _QUOTED), _is_drawn
    # "Password: please reset it" is no password, "password: please" may be.
    prose = rf"(?!(?:{'|'.join(sorted(PROSE))})[ \t]+\w|ConvertTo-)"
    yield _named(_STRONG, _SETS, prose + _BARE), _is_password
    yield _named(_LABEL, _IS, _BARE), _is_password
    yield _named(_LABEL + _WHOSE, _SETS, prose + _BARE), _is_password
    yield _named(_LABEL + _WHOSE, _IS, _BARE), _is_password
    yield _named(_STRONG, _IS, _BARE), _is_drawn
    yield _named(_WEAK, _SETS, _BARE), _is_drawn
    # Those of tables and of the keyboard are made of words.
    lone_key = r"[\"']?(?P<s>(?=[^\W\d]*\d)(?=[^\s\"']*[a-z])[\w=-]{8,})(?=[\s\"',;.]|\Z)"
    yield _named(r"(?<![^\W_])key", r"\s*(?::=|=>|[=:])", lone_key), _is_no_identifier
    yield r"--?(?:password|passwd|token|secret)[ =](?P<s>\S+)", _always
    yield (
        r"\b(?:password|passwort|kennwort|passwd|pwd|token)\s+(?P<s>(?=[^\s]*[\d!$%&#@^*])\S+)",
        _is_no_count,
    )


def _passphrases() -> Iterator[tuple[str, _Meant]]:
    """Yield passwords of several words."""
    sets = _SETS + r"[ \t]*"
    yield rf"{_LABEL}[{_QUOTES}]?{sets}{_phrase(VERBS)}", _begins_like_a_password
    yield (
        rf"{_LABEL}{sets}(?!(?:{'|'.join(sorted(PROSE))})\b){_phrase()}",
        _is_more_than_a_state,
    )
    is_ = _IS + r"[ \t]+"
    yield rf"{_LABEL}{is_}{_phrase(VERBS | WORDS_AFTER_USER)}", _begins_like_a_password
    yield rf"{_LABEL}{is_}{_phrase()}", _is_passphrase


def _in_files_and_commands() -> Iterator[tuple[str, _Meant]]:
    """Yield what markup, configuration, SQL and command lines hold."""
    named = rf"[\w.: -]*(?:{_STRONG})[\w.:-]*"
    yield rf"<{named}(?:\s[^<>]*)?>\s*(?P<s>[^<>\s][^<>]*)</", _always
    pair = rf"\b(?:key|name|id)[\"']?\s*[=:]\s*[\"']?{named}[\"']?[,;]?\s+[\"']?value[\"']?\s*[=:]"
    yield rf"{pair}\s*{_ARGUMENT}", _is_password
    yield rf"\bConvertTo-SecureString(?:\s+-[A-Za-z]+)*\s+{_ARGUMENT}", _always
    yield r"\bidentified\s+(?:with\s+\S+\s+)?(?:by|as)\s+[\"'](?P<s>[^\"'\n]+)[\"']", _always
    yield r"(?-i:\bIDENTIFIED BY (?P<s>[^\s\"';]+))", _always
    user = r"[\"']?[\w.@\\-]+[:%]"
    yield rf"(?<!\S)(?-i:-[uU]|--(?:proxy-)?user)[ =]?{user}(?P<s>[^\s\"']+)", _is_no_number
    yield r"\bnet\s+user\s+[^\s/]+\s+(?P<s>[^\s/]\S+)", _is_no_number
    command = r"[^\n|;]{0,200}?\s"
    yield rf"\b(?:mysql\w*|mariadb[\w-]*)\b{command}(?-i:-p){_ARGUMENT}", _always
    yield rf"\bsshpass\s+(?-i:-p)\s*{_ARGUMENT}", _always
    yield rf"\b(?:docker|podman|az|oc)\s+login\b{command}(?-i:-p)[ =]?{_ARGUMENT}", _always
    yield rf"\bredis-cli\b{command}(?:-a|--pass)\s+{_ARGUMENT}", _always
    yield rf"\bldap\w+\b{command}(?-i:-w)\s*{_ARGUMENT}", _always


def _is_no_number(text: str) -> bool:
    """Whether it is no number, as in `docker run -u 1000:1000`."""
    return not text.isdigit()


def _all() -> Iterator[tuple[re.Pattern[str], _Meant]]:
    # Those that are told by their form keep to its case; words are written either way.
    for pattern, is_meant in _marked():
        yield re.compile(pattern), is_meant
    for rules in (_told, _passphrases, _in_files_and_commands):
        for pattern, is_meant in rules():
            yield re.compile(pattern, re.IGNORECASE), is_meant


SECRETS: tuple[tuple[re.Pattern[str], _Meant], ...] = tuple(_all())
