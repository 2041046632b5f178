"""The six pages, run without a browser, and everything that stands on one."""

import time

from streamlit.testing.v1 import AppTest

import config
from core import resources

MAIN = str(config.ROOT / "pages" / "main.py")


def opened(page: str) -> AppTest:
    """Return a page as somebody sees it who opens it first."""
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.switch_page(page)
    return app.run()


def first_sample() -> None:
    """Wait until this host was sampled: with that it is known whether there is a model."""
    latest_s = time.monotonic() + 30
    while resources.sampler().latest() is None:
        assert time.monotonic() < latest_s, "no sample was taken"
        time.sleep(0.02)


def said(app: AppTest) -> str:
    """Return everything that stands on a page, as Markdown."""
    shown = [*app.error, *app.warning, *app.caption, *app.markdown, *app.info, *app.header]
    return "\n".join(str(element.value) for element in shown)
