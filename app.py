"""The app as an ASGI application: `streamlit run app.py` finds and serves `app`."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

import config
from core import log
from core.errors import SettingsError
from pages.ui import errors
from pages.ui.dark_first import DarkFirst

try:
    settings = config.load()
except SettingsError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Keep the log open and the sampler running for as long as the server does."""
    with log.writing_to(settings.logs_dir, settings.log_level):
        yield


app = st.App(
    "pages/main.py",
    lifespan=lifespan,
    on_script_error=errors.show,
    middleware=[Middleware(DarkFirst)],
)
