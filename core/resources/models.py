"""The active models, loaded once a version."""

from typing import TYPE_CHECKING

import streamlit as st

from core import artifacts
from core.resources.configured import settings

# Imported where they are built: a page that needs none of them does not wait for their libraries.
if TYPE_CHECKING:
    from core.failure.serving import FailureModel
    from core.tickets.predict import TicketModel

__all__ = ["failure_manifest", "failure_model", "ticket_manifest", "ticket_model"]


@st.cache_resource(show_spinner=False, max_entries=2)
def _failure_model(version: str) -> "FailureModel":
    from core.failure.serving import load_model

    return load_model(settings().models_dir, version)


def failure_model() -> "FailureModel":
    """Return the active failure model; ArtifactError where there is none that can be used.

    Loaded once a version: another one is served as soon as it is activated.
    """
    return _failure_model(artifacts.current_version(settings().models_dir, "failure"))


@st.cache_resource(show_spinner=False, max_entries=2)
def _failure_manifest(version: str) -> artifacts.Manifest:
    manifest, _ = artifacts.load_version(settings().models_dir, "failure", version)
    return manifest


def failure_manifest() -> artifacts.Manifest:
    """Return what is on record of the active failure model; ArtifactError as `failure_model`."""
    return _failure_manifest(artifacts.current_version(settings().models_dir, "failure"))


@st.cache_resource(show_spinner=False, max_entries=2)
def _ticket_model(version: str) -> "TicketModel":
    from core.tickets.predict import load_model

    return load_model(settings().models_dir, version)


def ticket_model() -> "TicketModel":
    """Return the active ticket model; ArtifactError where there is none that can be used."""
    return _ticket_model(artifacts.current_version(settings().models_dir, "tickets"))


@st.cache_resource(show_spinner=False, max_entries=2)
def _ticket_manifest(version: str) -> artifacts.Manifest:
    manifest, _ = artifacts.load_version(settings().models_dir, "tickets", version)
    return manifest


def ticket_manifest() -> artifacts.Manifest:
    """Return what is on record of the active ticket model; ArtifactError as `ticket_model`."""
    return _ticket_manifest(artifacts.current_version(settings().models_dir, "tickets"))
