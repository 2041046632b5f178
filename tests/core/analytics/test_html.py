"""The report as a file: complete, escaped, and asking for nothing."""

import re
from html.parser import HTMLParser

from core.analytics.figures import (
    Bar,
    Bars,
    Curve,
    Dot,
    Dots,
    Fact,
    Facts,
    Matrix,
    Missing,
    Report,
    Section,
    Series,
    Table,
)
from core.analytics.html import as_html

EVIL = "<img src=x onerror=alert(1)>\"'</style><script>alert(2)</script>"


def hostile(text: str = EVIL) -> Report:
    """Return a report that has the same text wherever a name from a file may stand."""
    figures = (
        Dots(title=text, says=text, unit=text,
             dots=(Dot(name=text, value=0.5, low=0.4, high=0.6, is_baseline=False),)),
        Bars(title=text, says=text, unit=text, bars=(Bar(name=text, value=3.0),)),
        Matrix(title=text, says=text, what=text, labels=(text, "b"), counts=((3, 1), (0, 0))),
        Curve(title=text, says=text, x_title=text, y_title=text,
              series=(Series(name=text, x=(1.0, 2.0), y=(3.0, 4.0)),), mark=(1.0, 3.0)),
        Table(title=text, says=text, columns=(text,), rows=((text,),)),
        Facts(title=text, says=text, facts=(Fact(name=text, value=text, about=text),)),
        Missing(title=text, reason=text),
    )  # fmt: skip
    return Report(
        model=text,
        version=text,
        headline=text,
        warnings=(text,),
        sections=(Section(title=text, figures=figures),),
        footnote=text,
    )


class Elements(HTMLParser):
    """What a browser would make of the file."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_report_when_names_are_hostile_then_none_becomes_an_element():
    text = as_html(hostile())
    seen = Elements()
    seen.feed(text)
    assert not seen.tags & {"script", "img", "link", "iframe", "object", "a", "form"}
    assert not {name for name in seen.attributes if name.startswith("on")}
    assert not seen.attributes & {"src", "href", "xlink:href", "action"}
    assert text.count("&lt;script&gt;") >= 20


def test_report_when_read_then_nothing_in_it_names_another_place():
    text = as_html(hostile("plain"))
    assert not re.findall(r"https?://|url\(|@import|//", text)
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text


def test_matrix_when_a_row_is_empty_then_it_has_no_shares():
    matrix = hostile().sections[0].figures[2]
    assert matrix.shares == ((0.75, 0.25), (None, None))
