import logging

import pytest

from core.errors import CoreError
from pages.ui.errors import is_news


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "is_printed"),
    [
        (RuntimeError("a fault"), True),
        (caused(RuntimeError("a fault"), OSError("below it")), True),
        (CoreError("told on its page"), False),
        (caused(RuntimeError("no file"), CoreError("told on its page")), False),
    ],
)
def test_traceback_when_a_page_has_told_it_in_a_sentence_then_it_is_not_printed_and_a_fault_is(
    error: Exception, is_printed: bool
):
    told = (type(error), error, None)
    record = logging.LogRecord("streamlit", logging.ERROR, "", 0, "failed", (), told)
    assert is_news(record) is is_printed


def test_line_when_it_tells_of_no_error_then_it_is_printed():
    assert is_news(logging.LogRecord("streamlit", logging.ERROR, "", 0, "failed", (), None))
