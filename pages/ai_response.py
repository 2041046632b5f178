"""AI Response: a reply to send, written from measured facts."""

from datetime import UTC, datetime

import streamlit as st

from core import resources
from core.admin import feedback
from core.errors import ArtifactError
from core.responses.evidence import Measurement, TicketFacts
from core.responses.export import as_markdown
from core.responses.prompt import PROMPT_VERSION
from core.responses.registry import default_provider, provider_names
from core.responses.responder import Prepared
from core.responses.writing import Writing, Written
from core.store import SavedReply
from pages.ui import (
    moments,
    precision,
    reply_card,
    reply_citations,
    reply_evidence,
    reply_facts,
    reply_form,
    reply_history,
    signing,
    ticket_form,
)
from pages.ui.errors import as_text

REDRAW_S = 0.15
QUICK_S = 0.3
N_SAVED = 20

responder = resources.responder()
handed = st.session_state.get("ticket_draft")


def facts_for(asked: reply_form.Asked) -> TicketFacts:
    """Return what is known of the ticket that the form holds."""
    answer = None
    if asked.with_category:
        # As the Ticket Classifier answers it: with what was measured, at the same precision.
        telemetry = ticket_form.telemetry_of(handed) if asked.with_telemetry and handed else {}
        try:
            model = resources.ticket_model()
            answer = model.predict(asked.text, telemetry, precision=precision.demanded(model))
        except ArtifactError as error:
            st.caption(as_text(f"Without a category: {error}"))
    measured: tuple[Measurement, ...] = ()
    forecast = ""
    if asked.with_telemetry and handed is not None:
        own = resources.settings().host_name
        usual = resources.watch().status().usual_percent if handed["host"] == own else {}
        measured = reply_facts.measurements_of(handed, usual)
        forecast = handed.get("forecast", "")
    hosts = (resources.settings().host_name, *([handed["host"]] if handed else []))
    return reply_facts.facts_of(
        asked.text,
        answer=answer,
        measured=measured,
        forecast=forecast,
        names=(*asked.names, *hosts),
    )


def write(prepared: Prepared, provider: str) -> None:
    """Begin to write; a reply that takes no time is shown without the shimmer."""
    former = st.session_state.get("reply_writing")
    if former is not None:
        former.stop()
    writing = Writing(responder.provider(provider), prepared).start()
    st.session_state["reply_writing"] = writing
    st.session_state["reply_number"] = st.session_state.get("reply_number", 0) + 1
    writing.wait(QUICK_S)


def keep(text: str, is_edited: bool, thumb: int, comment: str) -> None:
    """Keep the shown reply with its ticket."""
    writing: Writing = st.session_state["reply_writing"]
    done = writing.result()
    feedback.save_reply(
        resources.actor(),
        resources.store(),
        SavedReply(
            at=datetime.now(UTC),
            ticket=writing.prepared.evidence[0].text,
            text=text,
            provider=done.provider,
            model=done.usage.model,
            prompt_version=PROMPT_VERSION,
            is_edited=is_edited,
            thumb=thumb,
            comment=comment,
        ),
    )


@st.fragment(run_every=REDRAW_S)
def growing(writing: Writing) -> None:
    """Show the reply as it grows, and hand over to the card when it is there."""
    if not writing.is_running:
        st.rerun()
    text = writing.text()
    with st.container(key="card_reply_growing" if text else "loading_reply"):
        st.markdown(reply_citations.linked(text))


def reply(writing: Writing) -> None:
    """Show the reply of this session, or how far it is."""
    if writing.is_running:
        st.button("Stop", on_click=writing.stop, key="reply_stop", icon=":material/stop:")
        growing(writing)
        return
    done: Written = writing.result()
    number = str(st.session_state["reply_number"])
    lock = signing.locked(resources.actor(), "save replies")
    reply_card.draw(done, as_markdown(done, writing.prepared), keep, lock, key=number)
    again = st.button("Regenerate", key="reply_again", icon=":material/refresh:")
    if again:
        write(writing.prepared, done.provider)
        st.rerun()
    if done.problem and st.button("Write it offline", key="reply_offline", type="primary"):
        write(writing.prepared, "offline")
        st.rerun()
    reply_citations.draw(done.reply.markdown, writing.prepared.evidence)


st.title("AI Response", anchor=False)
line = st.empty()
reply_form.take_draft(handed)
with st.grid(2, min_column_width=400):
    with st.container():
        asked = reply_form.draw(
            has_draft=handed is not None,
            providers=provider_names(),
            default=default_provider(responder.access),
        )
        if not responder.access.token and asked.provider == "offline":
            st.caption(
                "Written offline from facts and runbooks. With HF_TOKEN set, a language model "
                "words it more freely from the same facts."
            )
        if asked.text.strip():
            facts = facts_for(asked)
            left_out = reply_evidence.choose(responder.evidence(facts, asked.language))
            prepared = responder.prepare(
                facts, language=asked.language, tone=asked.tone, left_out=left_out
            )
            reply_evidence.payload(prepared, responder.provider(asked.provider))
            if st.button("Generate", type="primary", key="reply_generate"):
                write(prepared, asked.provider)
        # Not disabled: what is typed arrives with the click, which a disabled button would not get.
        elif st.button("Generate", type="primary", key="reply_generate"):
            st.warning("Paste a ticket first: there is nothing to answer.")
    with st.container():
        writing = st.session_state.get("reply_writing")
        if writing is None:
            line.header("What do we answer?", anchor=False)
            st.write(
                "Paste a ticket and press Generate. Here comes a reply in four parts, each claim "
                "with the evidence that it rests on."
            )
        else:
            who = "a language model" if writing.provider.model else "measured facts, offline"
            line.header(f"A reply from {who}", anchor=False)
            reply_card.whose(writing.prepared, asked)
            reply(writing)
st.subheader("Saved replies", anchor=False)
reply_history.draw(resources.store().replies(N_SAVED), moments.browser_zone())
