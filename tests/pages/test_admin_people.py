"""Admin for those who may not, and its section on people and the audit trail."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

import config
from core import resources
from core.access import Actor, Role
from core.store import AuditEntry
from pages.ui.errors import as_text

MAIN = str(config.ROOT / "pages" / "main.py")
HOSTILE = "<b>![x](http://192.0.2.1/x.png)</b>"


def opened() -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.query_params["section"] = "People and audit"
    app.switch_page("admin.py").run()
    assert not app.exception
    return app


def add(n: int, **values: str) -> None:
    given = {"who": "ada", "origin": "::1", "action": "activated", "subject": "v1", **values}
    for i in range(n):
        at = datetime.now(UTC) - timedelta(minutes=n - i)
        resources.store().add_audit(AuditEntry(at=at, **given))


def test_admin_when_nobody_is_signed_in_then_the_page_says_what_it_is_for_and_how_to_get_in():
    app = opened()
    assert app.header[0].value == "Sign in to go on"
    assert "retrain models" in app.main.markdown[0].value
    assert any('href="sign-in?to=admin"' in one.proto.body for one in app.main.get("html"))
    assert not app.segmented_control


def test_admin_when_a_viewer_is_signed_in_then_the_page_says_who_can_change_that(monkeypatch):
    vic = Actor(name="vic*@corp.example", role=Role.VIEWER, origin="::1")
    monkeypatch.setattr(resources, "actor", lambda: vic)
    app = opened()
    assert app.header[0].value == "Admins only"
    assert f"{as_text('vic*@corp.example')} is signed in as a viewer" in app.main.markdown[0].value
    assert not app.segmented_control


def test_section_when_nothing_is_on_record_then_it_says_what_will_be(admin):
    assert "Nothing is on record yet" in opened().main.markdown[-1].value


def test_section_when_people_are_signed_in_then_an_admin_can_sign_them_out(admin):
    door = resources.door()
    key = door.by_token(door.new_token(), "192.0.2.7")
    app = opened()
    assert app.header[0].value == "1 sign-in is open"
    [out] = [one for one in app.main.button if (one.key or "").startswith("people_out_")]
    out.click().run()
    assert app.header[0].value == "0 sign-ins are open"
    assert door.who(key).role is Role.VIEWER
    assert list(app.dataframe[0].value["Did"]) == ["signed out", "signed in"]


@pytest.mark.parametrize("n", [120])
def test_trail_when_long_then_it_comes_in_pages_and_can_be_filtered(admin, n):
    add(n)
    add(1, who="eve", action="deleted", subject=HOSTILE)
    app = opened()
    table = app.dataframe[0].value
    assert len(table) == 50
    assert table["What"][0] == HOSTILE
    app.number_input(key="people_page").set_value(3).run()
    assert len(app.dataframe[0].value) == n + 1 - 100
    app.multiselect(key="people_actions").set_value(["deleted"]).run()
    assert list(app.dataframe[0].value["Who"]) == ["eve"]
    app.text_input(key="people_words").set_value("no such words").run()
    assert not app.exception
    assert "No entry is like this" in app.main.markdown[-1].value
