"""What writes replies."""

from typing import TYPE_CHECKING

import streamlit as st

from core.resources.configured import settings

if TYPE_CHECKING:
    from core.responses.responder import Responder

__all__ = ["responder"]


@st.cache_resource(show_spinner=False, ttl=60.0)
def responder() -> "Responder":
    """Return what prepares and writes replies; DataError where a runbook cannot be read.

    Runbooks are read again every minute: people edit them while the app runs.
    """
    from core.responses.provider import Access
    from core.responses.responder import Responder
    from core.responses.runbooks import read_runbooks

    given = settings()
    access = Access(
        base_url=given.hf_base_url,
        model=given.hf_model,
        token=given.hf_token,
        timeout_s=given.hf_timeout_s,
        proxy=given.hf_proxy,
    )
    return Responder(read_runbooks(given.runbooks_dir), access)
