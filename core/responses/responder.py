"""The door: from facts to evidence, and through redaction to a provider."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace

from core.responses.evidence import Evidence, TicketFacts, evidence_of
from core.responses.provider import Access, Language, Provider, Request, Tone
from core.responses.redaction import Masks, mask
from core.responses.registry import create_provider
from core.responses.runbooks import Runbook

__all__ = ["Prepared", "Responder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A reply's beginnings: the evidence as people read it, and masked as providers do."""

    evidence: tuple[Evidence, ...]
    request: Request
    masks: Masks = field(repr=False)


class Responder:
    """Prepares replies and opens providers; threads may share it.

    Parameters
    ----------
    runbooks : sequence of Runbook
        What is known of what to do.
    access : Access
        How a language model is reached; without a token for the Hugging Face router it is not.
    """

    def __init__(self, runbooks: Sequence[Runbook], access: Access) -> None:
        self._runbooks = tuple(runbooks)
        self.access = access

    def evidence(self, facts: TicketFacts, language: Language = "en") -> tuple[Evidence, ...]:
        """Return all that is known for a reply, of which `prepare` can leave out items."""
        return evidence_of(facts, self._runbooks, language)

    def prepare(
        self,
        facts: TicketFacts,
        *,
        language: Language = "en",
        tone: Tone = "plain",
        left_out: Container[str] = (),
    ) -> Prepared:
        """Return the evidence of these facts, and the same with everything masked.

        `left_out` holds the keys of items that are to play no part; the ticket always does.
        This is the one place through which facts go to providers: a provider is given the masked
        request and nothing else.
        """
        told = self.evidence(facts, language)
        kept = [item for item in told if item.kind == "ticket" or item.key not in left_out]
        evidence = tuple(replace(item, number=n) for n, item in enumerate(kept, start=1))
        texts = [text for item in evidence for text in (item.text, item.source, item.topic)]
        covered, masks = mask(texts, facts.names, [item.topic for item in evidence])
        thirds = zip(covered[::3], covered[1::3], covered[2::3], strict=True)
        masked = tuple(
            replace(item, text=text, source=source, topic=topic)
            for item, (text, source, topic) in zip(evidence, thirds, strict=True)
        )
        request = Request(evidence=masked, language=language, tone=tone)
        return Prepared(evidence=evidence, request=request, masks=masks)

    def provider(self, name: str) -> Provider:
        """Return a new provider of this name; UnknownNameError for a name that there is not."""
        return create_provider(name, self.access)
