"""Which hosts the commands of a reply go to, and whether anybody named them."""

import re
import shlex
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

__all__ = ["hosts_in", "is_named"]

_WEB = re.compile(r"(?:https?|ftps?)://[^\s\"'`|;&)<>]+", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# curl and wget need no scheme. Each with its options that take a value which is no address; the
# value of any other option is looked at as if it were one.
_FETCHERS = {
    "curl": re.compile(
        r"-[^-AbcCdDeEFHKmoPQrtTuUwXyYz]*[AbcCdDeEFHKmoPQrtTuUwXyYz]"
        r"|--(?:output|data(?:-\w+)?|json|header|max-time|connect-timeout|retry(?:-\w+)?|user"
        r"|user-agent|request|write-out|cacert|cert|key|form|cookie(?:-jar)?|upload-file|referer)"
    ),
    "wget": re.compile(
        r"-[^-aADeiIlOoPQRtTUwX]*[aADeiIlOoPQRtTUwX]"
        r"|--(?:output-(?:document|file)|directory-prefix|header|timeout|tries|user(?:-agent)?"
        r"|password|post-(?:data|file)|level|accept|reject)"
    ),
}
# What parts a line into commands, and what only sends its output elsewhere.
_MARKS = "|;&()`<>"
_REDIRECT = re.compile(r"&?[<>]+&?")
# A name of one word is no host outside of this network, and a short number none at all.
_ONE_WORD = re.compile(r"[^\W\d][\w-]*|\d{1,5}")


def hosts_in(code: str) -> frozenset[str]:
    """Return the hosts that commands go to: those of web addresses, and what curl or wget fetch."""
    lines = re.sub(r"\\\r?\n", " ", code).splitlines()
    bare = (f"//{_SCHEME.sub('', word)}" for line in lines for word in _fetched(line))
    hosts = {_host(url) for url in (*_WEB.findall(code), *bare)}
    return frozenset(hosts - {""})


def is_named(host: str, texts: Iterable[str]) -> bool:
    """Whether a host stands in one of the texts as a word; without its domain, too."""
    longer = r"[\w-]|\.\w" if "." in host else r"[\w-]"
    word = re.compile(rf"(?<![\w.-]){re.escape(host)}(?!{longer})", re.IGNORECASE)
    return any(word.search(text) for text in texts)


def _fetched(line: str) -> Iterator[str]:
    """Yield the arguments of curl and wget that may be addresses, those in a quoted command too."""
    valued: re.Pattern[str] | None = None
    is_value = False
    for word in _words(line):
        if re.search(r"[ \t]", word):
            yield from _fetched(word)
            is_value = False
        elif is_value:
            is_value = False
        elif _REDIRECT.fullmatch(word):
            is_value = True
        elif word and set(word) <= {*_MARKS}:
            valued = None
        elif valued is None:
            program = word.rsplit("/", 1)[-1].removesuffix(".exe")
            valued = _FETCHERS.get(program.casefold())
        elif word.startswith("-"):
            is_value = valued.fullmatch(word) is not None
        elif _ONE_WORD.fullmatch(word) is None:
            yield word


def _words(line: str) -> list[str]:
    """Return a line as a shell splits it; where its quotes do not close, as if it had none."""
    try:
        return _split(line)
    except ValueError:
        return _split(re.sub(r"[\"'\\]", " ", line))


def _split(line: str) -> list[str]:
    shell = shlex.shlex(line, posix=True, punctuation_chars=_MARKS)
    shell.whitespace_split = True
    shell.commenters = ""
    return list(shell)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").casefold().rstrip(".")
    except ValueError:
        return ""
