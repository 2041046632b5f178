"""The six pages, run without a browser, and everything that stands on one."""

import time
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

import config
from core import resources

MAIN = str(config.ROOT / "pages" / "main.py")


def opened(page: str) -> AppTest:
    """Return a page as somebody sees it who opens it first."""
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.switch_page(page)
    return app.run()


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that has to come within a minute."""
    latest_s = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < latest_s, "it did not come to that"
        time.sleep(0.02)


def first_sample() -> None:
    """Wait until this host was sampled: with that it is known whether there is a model."""
    until(lambda: resources.sampler().latest() is not None)


def said(app: AppTest) -> str:
    """Return everything that stands on a page, as Markdown."""
    shown = [*app.error, *app.warning, *app.caption, *app.markdown, *app.info, *app.header]
    return "\n".join(str(element.value) for element in shown)
