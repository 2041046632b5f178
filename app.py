"""The app as an ASGI application: `streamlit run app.py` finds and serves `app`."""

import logging
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import anyio.to_thread
import streamlit as st
from starlette.middleware import Middleware

import config
from core import log, resources
from core.access import refuse_open_door
from core.background import end_with_the_app
from core.errors import CoreError, SettingsError
from pages.ui import errors, sign_in
from pages.ui.plotly_script import ROUTE
from pages.ui.shell import Shell
from pages.ui.way_back import WayBack

_log = logging.getLogger(__name__)

try:
    settings = config.load()
    # Where the server really listens: a flag of `streamlit run` goes before HOST.
    refuse_open_door(
        st.get_option("server.address") or "",
        has_password=bool(settings.admin_password_hash),
        has_provider=resources.has_provider(),
    )
except SettingsError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Keep the log open and the sampler running for as long as the server does."""
    # By run.py, which may be killed; not handed on to what this process starts.
    if os.environ.pop("ENDS_WITH_ITS_INPUT", ""):
        threading.Thread(target=end_with_the_app, name="starter", daemon=True).start()
    with ExitStack() as until_the_end:
        for name in ("error_util", "runtime.backend_operation_handler"):
            logging.getLogger(f"streamlit.{name}").addFilter(errors.is_news)
        # Whatever fails here, the app starts all the same, and its pages say what is wrong.
        try:
            until_the_end.enter_context(log.writing_to(settings.logs_dir, settings.log_level))
        except SettingsError as error:
            sys.stderr.write(f"{error}\n")
        try:
            await anyio.to_thread.run_sync(resources.sampler)
        except CoreError as error:
            _log.error("The sampler did not start: %s", error)
        await anyio.to_thread.run_sync(resources.uploads)  # removes what a killed app left
        if resources.door().offers_link:
            try:
                sign_in.print_link(resources.door().new_token())
            except CoreError as error:
                _log.warning("%s", error)
        yield
        await anyio.to_thread.run_sync(resources.release)


app = st.App(
    "pages/main.py",
    lifespan=lifespan,
    on_script_error=errors.show,
    routes=[ROUTE, *sign_in.ROUTES],
    middleware=[Middleware(Shell), Middleware(WayBack)],
)
