"""Ticket Classifier: what kind of ticket this is, how sure we are, and what decided."""

import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import dataset, quantities, resources
from core.admin import feedback
from core.errors import DataError
from core.store import Correction
from core.tickets.export import answered_csv, check_header
from core.tickets.predict import BatchPrediction, TicketPrediction
from core.tickets.review import review_queue
from pages.ui import (
    marked_text,
    precision,
    signing,
    ticket_answer,
    ticket_correction,
    ticket_file,
    ticket_form,
    ticket_review,
    ticket_trust,
)
from pages.ui.errors import as_text

VIEWS = ("One ticket", "A file", "Review queue")
TOP_K = 5
MAX_WAITING = 2_000


def keep(text: str, old: str, new: str, telemetry: dict[str, float | str]) -> None:
    """Keep a correction by whoever is signed in."""
    actor = resources.actor()
    feedback.correct(
        actor,
        resources.store(),
        Correction(
            text=text,
            old=old,
            new=new,
            who=actor.name,
            at=datetime.now(UTC),
            telemetry=telemetry,
        ),
    )


def lock() -> str | None:
    """Return why the person who looks may correct nothing; None where they may."""
    return signing.locked(resources.actor(), "correct categories")


def categories() -> list[str]:
    """Return the categories of the model and those that people have added."""
    added = {correction.new for correction in resources.store().corrections()}
    return sorted({*model.categories, *added})


def follow_the_active_model() -> None:
    """Run the whole page where another model was activated: a fragment runs on with the old one."""
    if resources.ticket_model().version != model.version:
        st.rerun()


@st.fragment
def one_ticket() -> None:
    """Take one ticket and say what kind it is, how sure that is, and why."""
    line = st.empty()
    with st.grid(2, min_column_width=400):
        with st.container():
            ticket_form.draw(model)
            follow_the_active_model()
        with st.container():
            asked = st.session_state.get("tickets_asked")
            if asked is None:
                line.header("What kind of ticket is it?", anchor=False)
                st.write(
                    "Paste a ticket and press Classify. Here come its category, how sure that is, "
                    "and the words and numbers that decided."
                )
                return
            answer = model.predict(
                asked["text"], asked["telemetry"], precision=precision.demanded(model), top_k=TOP_K
            )
            line.header(as_text(ticket_answer.sentence(answer)), anchor=False)
            explain(asked["text"], asked["telemetry"], answer)
    st.subheader("Nearest past tickets", anchor=False)
    with st.grid(3, min_column_width=280):
        ticket_answer.similar(answer.similar)
    st.subheader("How sure is sure enough", anchor=False)
    precision.curve(model)


def explain(text: str, telemetry: dict[str, float | str], answer: TicketPrediction) -> None:
    """Show what the answer for one ticket rests on, and take a correction of it."""
    ticket_answer.verdict(answer)
    ticket_answer.ranked(answer.top, key="tickets_top")
    if text.strip():
        marked_text.draw(text, answer.words, answer.category, key="tickets_marked")
    ticket_answer.counted(answer.inputs, answer.category)
    st.caption(ticket_answer.inputs_used(answer))
    with st.container(horizontal=True):
        ticket_correction.draw(text, telemetry, answer.category, categories(), keep, lock())
        if st.button("Write the reply", icon=":material/reply:", key="tickets_reply"):
            hand_on(text, telemetry)


def hand_on(text: str, telemetry: dict[str, float | str]) -> None:
    """Open AI Response with this ticket and what was measured with it."""
    drafted = {
        "host": "",
        "text": text,
        "metrics": {},
        "columns": telemetry,
        "source": "Ticket Classifier",
    }
    st.session_state["ticket_draft"] = drafted
    # It comes from this form, and must not be filled in again on the way back.
    st.session_state["tickets_draft_taken"] = drafted
    st.switch_page("ai_response.py")


def classify(data: bytes, name: str, file_id: str) -> None:
    """Answer every ticket of a file and keep the answers for this session."""
    bar = st.progress(0.0, text="Reading the file")
    st.button("Cancel", key="tickets_file_cancel", icon=":material/close:")
    # Everyone may bring a file, and it is read in the process that serves all the others.
    limit_bytes = resources.settings().upload_limit_mb * 1_000_000
    file = dataset.read_as_written(data, name=name, unpacked_limit_bytes=limit_bytes)
    check_header(file.header)
    tickets = dataset.with_tickets(file.frame)
    frame = tickets.frame if tickets.text_by_rule else file.frame
    started = time.monotonic()

    def progress(done: float) -> None:
        left_s = (time.monotonic() - started) * (1.0 / done - 1.0)
        bar.progress(
            done,
            text=f"{round(done * len(frame)):,} of {len(frame):,} tickets, "
            f"{quantities.duration(left_s)} left",
        )

    batch = model.predict_many(frame, progress=progress)
    texts = frame["ticket_text"].fillna("").to_numpy(dtype=object)
    st.session_state["tickets_file"] = {
        "id": file_id,
        "name": name,
        "file": file,
        "texts": texts,
        "with_text": np.flatnonzero([bool(text.strip()) for text in texts]),
        "batch": batch,
        "text_by_rule": tickets.text_by_rule,
        "n_learnt": model.remembers(texts),
    }


def answered_file(done: dict[str, Any], batch: BatchPrediction) -> bytes:
    """Return the file with the answers beside its rows; made once for each demanded precision.

    Not made at the click: Streamlit throws such a file away after two more runs of any fragment,
    which can be before the browser has fetched it.
    """
    key = (done["id"], batch.model_version, batch.routing.threshold)
    if done.get("download_key") != key:
        file = done["file"]
        done["download"] = answered_csv(file.header, file.rows(), batch)
        done["download_key"] = key
    return bytes(done["download"])


def a_file() -> None:
    """Take a file of tickets, show its answers, and offer the file with them.

    No fragment: a button inside one cannot interrupt it, and Cancel has to.
    """
    line = st.empty()
    uploaded = st.file_uploader(
        "Tickets as CSV, plain or gzipped, with a column ticket_text",
        type=["csv", "gz", "tsv", "txt"],
        key="tickets_upload",
    )
    if uploaded is not None and not is_answered(uploaded.file_id):
        line.header(as_text(uploaded.name), anchor=False)
        work = st.empty()
        if not work.button("Classify the file", type="primary", key="tickets_file_classify"):
            return
        try:
            with work.container():
                classify(uploaded.getvalue(), uploaded.name, uploaded.file_id)
        except DataError as error:
            work.error(as_text(str(error)), icon=":material/error:")
            return
        work.empty()
    done = st.session_state.get("tickets_file")
    if done is None or done["batch"].model_version != model.version:
        line.header("A whole file at once", anchor=False)
        if done is not None:
            st.info(
                as_text(f"Another model is active since {done['name']} was classified.")
                + " Upload it again for the answers of this one."
            )
        st.write(
            "Each ticket gets its category, its confidence and its route: straight through, or to "
            "a person. The download is your file with three more columns."
        )
        return
    show_file(line, done)


def is_answered(file_id: str) -> bool:
    """Whether this upload was classified by the present model."""
    done = st.session_state.get("tickets_file")
    return done is not None and (done["id"], done["batch"].model_version) == (
        file_id,
        model.version,
    )


def show_file(line: DeltaGenerator, done: dict[str, Any]) -> None:
    """Show the answers of a classified file; `line` is the place of the page's first line."""
    batch = done["batch"].rerouted(model.routing(precision.demanded(model)))
    tickets, texts = batch.rows(done["with_text"]), done["texts"][done["with_text"]]
    line.header(ticket_file.sentence(tickets), anchor=False)
    unsure = texts[tickets.is_unsure]
    waiting = tuple(unsure[:MAX_WAITING])
    st.session_state["tickets_waiting"] = waiting
    ticket_file.doubt(tickets, precision.demanded(model))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download with answers",
            data=answered_file(done, batch),
            file_name="tickets_with_answers.csv",
            mime="text/csv",
            icon=":material/download:",
            type="primary",
            on_click="ignore",
            key="tickets_download",
        )
        if waiting:
            many = f"The first {len(waiting):,} of " if len(unsure) > len(waiting) else ""
            st.caption(
                f"{many}{len(unsure):,} unsure {'one waits' if len(unsure) == 1 else 'ones wait'} "
                "in the review queue of this session."
            )
    ticket_file.notes(
        done["file"].report,
        text_by_rule=done["text_by_rule"],
        n_empty=len(batch) - len(tickets),
        n_learnt=done["n_learnt"],
    )
    if not len(tickets):
        return
    ticket_file.by_category(tickets)
    ticket_file.preview(done["with_text"] + 1, texts, tickets)
    st.subheader("How sure is sure enough", anchor=False)
    precision.curve(model)


@st.fragment
def review() -> None:
    """Show what people have corrected and what waits for them, the most instructive first."""
    corrections = resources.store().corrections()
    waiting = st.session_state.get("tickets_waiting", ())
    key = (model.version, len(corrections), waiting)
    kept = st.session_state.get("tickets_queue")
    # Under categories that are chosen and not yet kept the tickets may not change places.
    if kept is None or (kept[0] != key and not ticket_review.is_begun()):
        kept = (key, review_queue(model, corrections, waiting))
        st.session_state["tickets_queue"] = kept
    st.header(ticket_review.sentence(kept[1]), anchor=False)
    ticket_review.draw(kept[1], categories(), keep, lock())


st.title("Ticket Classifier", anchor=False)
with st.spinner("Loading the ticket model"):
    model = resources.ticket_model()
ticket_trust.warnings(model.report)
ticket_form.take_draft(st.session_state.get("ticket_draft"))
view = st.segmented_control(
    "What to classify",
    VIEWS,
    default=VIEWS[0],
    required=True,
    key="tickets_view",
    label_visibility="collapsed",
    persist_state="session",
)
{"A file": a_file, "Review queue": review}.get(view, one_ticket)()
ticket_trust.draw(model)
