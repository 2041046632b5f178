"""A reply as a Markdown file: masked, so that it can be filed and sent anywhere."""

from core.responses.responder import Prepared
from core.responses.writing import Written

__all__ = ["as_markdown"]

_MAX_QUOTED = 500


def as_markdown(written: Written, prepared: Prepared) -> str:
    """Return the reply with its evidence and what was done about it, placeholders for all names."""
    who = written.usage.model or "no language model"
    count = len(prepared.masks)
    lines = [written.masked.markdown.rstrip(), "", "---", "", "Evidence", ""]
    for item in prepared.request.evidence:
        lines.append(f"- [{item.number}] {_quoted(item.source)}: {_quoted(item.text)}")
    lines += ["", f"Written by {written.provider} ({who}); {count} names and secrets are masked."]
    lines += [f"- {_quoted(note)}" for note in written.masked.notes]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a text as code, in which Markdown reads no HTML, image or link."""
    words = " ".join(text.replace("`", "'").split())
    return f"`{words if len(words) <= _MAX_QUOTED else words[: _MAX_QUOTED - 1] + '…'}`"
