"""The verb `respond`: write a reply to a ticket from what is known of it."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.commands.output import print_json, say
from core.commands.standard_input import text_of
from core.errors import ArtifactError, LLMError, MissingDataError
from core.responses.evidence import PastTicket, Predicted, TicketFacts
from core.responses.provider import LANGUAGES, TONES, Access
from core.responses.registry import default_provider, provider_names
from core.visible import visible

if TYPE_CHECKING:
    from core.responses.responder import Prepared, Responder
    from core.responses.writing import Written

__all__ = ["add_verb"]

N_SIMILAR = 3


def add_verb(
    areas: Any,
    *,
    models_dir: Path,
    runbooks_dir: Path,
    access: Access,
    host: str,
) -> None:
    """Add `respond` to the areas of the command line.

    `host` is this machine's name, which is masked wherever it stands.
    """
    text = "write a reply to a ticket, offline or by a language model"
    parser = areas.add_parser("respond", help=text, description=text)
    parser.add_argument(
        "--text", required=True, metavar="T|-", help="the ticket, or - for standard input"
    )
    parser.add_argument(
        "--provider",
        choices=provider_names(),
        help="who writes it (default: a language model where HF_TOKEN is set, else offline)",
    )
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0])
    parser.add_argument("--tone", choices=TONES, default=TONES[0])
    parser.add_argument(
        "--models", type=Path, default=models_dir, metavar="DIR", help="the models folder"
    )
    parser.add_argument(
        "--preview", action="store_true", help="print what would leave this machine, and stop"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=lambda given: _respond(given, runbooks_dir, access, host))


def _respond(arguments: argparse.Namespace, runbooks_dir: Path, access: Access, host: str) -> None:
    from core.responses.responder import Responder
    from core.responses.runbooks import read_runbooks

    text = text_of(arguments.text)
    if not text.strip():
        raise MissingDataError("The ticket is empty; give its text with --text.")
    responder = Responder(read_runbooks(runbooks_dir), access)
    facts = _facts(text, arguments.models, host)
    prepared = responder.prepare(facts, language=arguments.language, tone=arguments.tone)
    asked = arguments.provider or default_provider(access)
    if arguments.preview:
        payload = responder.provider(asked).payload(prepared.request)
        print(payload or "Nothing: this provider sends nothing to anyone.")
        return
    written = _written(responder, prepared, asked, is_demanded=arguments.provider is not None)
    for note in written.reply.notes:
        say(note)
    if arguments.json:
        print_json(_document(prepared, written))
    else:
        sys.stdout.write(visible(written.reply.markdown))


def _facts(text: str, models_dir: Path, host: str) -> TicketFacts:
    """Return the ticket with what the ticket model says of it, where there is a model."""
    from core.tickets.predict import load_model

    try:
        model = load_model(models_dir)
    except ArtifactError as error:
        say(f"Without a category and past tickets: {error}")
        return TicketFacts(text=text, names=(host,))
    found = model.predict(text, top_k=N_SIMILAR)
    return TicketFacts(
        text=text,
        predicted=Predicted(
            category=found.category,
            confidence=found.confidence,
            is_unsure=found.is_unsure,
            model=f"ticket model {found.model_version}",
        ),
        similar=tuple(
            PastTicket(text=one.text, category=one.category, similarity=one.similarity)
            for one in found.similar
        ),
        names=(host,),
    )


def _written(
    responder: "Responder", prepared: "Prepared", asked: str, *, is_demanded: bool
) -> "Written":
    """Return the reply; where the language model fails that nobody demanded, the offline one."""
    from core.responses.writing import Writing

    written = Writing(responder.provider(asked), prepared).start().result()
    if not written.problem:
        return written
    if is_demanded:
        raise LLMError(written.problem)
    say(f"{written.problem} This is the offline reply.")
    return Writing(responder.provider("offline"), prepared).start().result()


def _document(prepared: "Prepared", written: "Written") -> dict[str, Any]:
    return {
        "provider": written.provider,
        "model": written.usage.model,
        "reply": written.reply.markdown,
        "parts": None if written.reply.parts is None else asdict(written.reply.parts),
        "notes": written.reply.notes,
        "is_cut": written.usage.is_cut,
        "evidence": [asdict(item) for item in prepared.evidence],
        "masked": prepared.masks.counts,
        "first_word_s": written.first_word_s,
        "total_s": written.total_s,
        "prompt_tokens": written.usage.prompt_tokens,
        "reply_tokens": written.usage.reply_tokens,
    }
