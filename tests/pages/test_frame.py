"""The frame around every page."""

import logging
import re

import pytest
from streamlit.testing.v1 import AppTest

import config
from core import resources
from pages.ui import errors, status
from pages.ui.frame import PAGES
from tests.colours import contrast

MAIN = str(config.ROOT / "pages" / "main.py")
DRAFT = {
    "host": "web-7",
    "text": "![x](http://192.0.2.1/x.png) <b>memory</b> of web-7 is full in 5 minutes",
    "category_hint": "Hardware",
    "metrics": {
        "memory_percent": 91.25,
        "temperature_c": None,
        "network_bytes_per_s": 1_420_000.0,
        "uptime_s": 302_400.0,
        "not_a_metric": 1.0,
    },
}


def opened(file: str, **state: object) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=30)
    app.switch_page(file)
    for key, value in state.items():
        app.session_state[key] = value
    return app.run()


def test_menu_when_read_then_every_page_has_its_file_and_every_file_its_line():
    files = {path.name for path in (config.ROOT / "pages").glob("*.py")}
    assert {page.file for page in PAGES} == files - {"__init__.py", "main.py"}


def test_frame_when_any_page_is_open_then_one_quiet_line_says_what_runs(monkeypatch):
    monkeypatch.setenv("HOST_NAME", "db_1 *prod*")
    monkeypatch.setenv("SAMPLE_INTERVAL_S", "2.5")
    app = opened("admin.py")
    quiet = app.sidebar.caption[0].value
    assert quiet.startswith(errors.as_text("db_1 *prod* · sampled every 2.5 s"))
    resources.sampler().pause()
    assert r"· paused" in app.run().sidebar.caption[0].value


def test_frame_when_the_database_cannot_be_opened_then_the_page_is_shown_and_says_so(
    monkeypatch, tmp_path
):
    (tmp_path / "app.db").write_text("this is no database")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path.as_posix()}/app.db")
    app = opened("dashboard.py")
    assert not app.exception
    assert app.title[0].value == "Dashboard"
    assert len(app.error) == 1
    assert "file is not a database" in app.error[0].value


def test_error_when_it_is_a_fault_of_the_app_then_only_the_log_has_the_details(caplog):
    def script() -> None:
        from pages.ui import errors

        try:
            raise KeyError("secret detail")
        except KeyError as error:
            errors.show(error)

    with caplog.at_level(logging.ERROR, logger="pages"):
        app = AppTest.from_function(script).run()
    assert "fault of the app" in app.error[0].value
    assert "secret detail" not in app.error[0].value
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    "text", ["a*b*_c_", "![x](y)", ":red[x]", "# x", "<b>", "1. x", r"a\b", "$x$", "a  b\nc"]
)
def test_as_text_when_shown_as_markdown_then_every_mark_is_escaped(text):
    escaped = errors.as_text(text)
    assert re.sub(r"\\(.)", r"\1", escaped) == text
    assert not re.search(r"(?<!\\)[*_!\[#<$:]", re.sub(r"\\\\", "", escaped))


def test_as_text_when_streamlit_would_make_more_of_it_then_it_is_kept_apart():
    text = "http://x HTTPS://x www.x me@x.example :fire: :+1: :streamlit: -> <- -- >= ~="
    escaped = errors.as_text(text).split(" ")
    assert all(":small[]" in word for word in escaped)
    assert re.sub(r"\\(.)", r"\1", " ".join(escaped).replace(":small[]", "")) == text


def test_status_when_listed_then_no_two_differ_by_colour_alone():
    words = [known.word for known in status.STATUSES]
    assert len(set(words)) == len(words)
    by_colour = {known.colour: known.symbol for known in status.STATUSES}
    assert len(set(by_colour.values())) == len(by_colour)


@pytest.mark.parametrize("background", ["#0b1020", "#161e33", "#f7f9fc", "#ffffff"])
@pytest.mark.parametrize("known", status.STATUSES, ids=lambda known: known.word)
def test_status_when_drawn_in_a_chart_then_it_stands_out_in_both_themes(known, background):
    assert contrast(known.colour, background) >= 3.0
