"""Admin's section System for both roles, in health and out of it."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import config
from core import resources
from core.access import VIEWER, Actor, Role
from core.errors import NotAllowedError

MAIN = str(config.ROOT / "pages" / "main.py")
ADMIN = Actor(name="ada", role=Role.ADMIN, origin="127.0.0.1")
HOSTILE = "<b>![x](http://192.0.2.1/x.png)</b>"


@pytest.fixture
def folder(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sign an admin in, with the project's own models and a token."""
    monkeypatch.setattr(resources, "actor", lambda: ADMIN)
    monkeypatch.setenv("MODELS_DIR", str(config.ROOT / "models"))
    monkeypatch.setenv("HF_TOKEN", "hf_verysecret")
    return own_folders


def opened(part: str = "Log") -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.switch_page("admin.py")
    app.query_params["section"] = "System"
    app.query_params["part"] = part
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = ("header", "markdown", "caption", "text", "code")
    return "\n".join(one.value.replace("\\", "") for kind in kinds for one in app.main.get(kind))


def logged(folder: Path, *lines: dict[str, str]) -> None:
    (folder / "logs").mkdir()
    text = "".join(json.dumps({"at": "2025-03-01T10:00:00+00:00", **one}) + "\n" for one in lines)
    (folder / "logs" / "app.log").write_text(text)


def test_system_when_a_viewer_opens_it_then_nothing_is_told(folder, monkeypatch):
    monkeypatch.setattr(resources, "actor", lambda: VIEWER)
    app = opened("Settings")
    assert not app.dataframe
    assert "Sampler" not in said(app)
    for ask in (resources.health, resources.places):
        with pytest.raises(NotAllowedError):
            ask(VIEWER)


def test_system_when_all_is_well_then_one_line_at_the_top_says_so_and_no_secret_is_shown(folder):
    app = opened("Settings")
    assert app.main.header[0].value == "All 9 parts are well\\."
    assert "● healthy" in said(app)
    assert "v0001 is active" in said(app)
    table = app.dataframe[0].value.set_index("Setting")
    assert table.loc["HF_TOKEN", "Value"] == "set, not shown"
    assert table.loc["HF_TOKEN", "From"] == "environment"
    assert table.loc["LOG_LEVEL", "From"] == "default"
    assert "hf_verysecret" not in said(app) + app.dataframe[0].value.to_string()


def test_system_when_a_model_is_missing_then_the_line_names_it_and_the_way_out(folder, monkeypatch):
    monkeypatch.setenv("MODELS_DIR", str(folder / "models"))
    app = opened()
    assert app.main.header[0].value.replace("\\", "") == (
        "Not working: failure model, ticket model."
    )
    assert "■ failing" in said(app)
    assert "python -m core failure train" in said(app)


def test_system_when_sampling_is_paused_then_that_is_to_be_looked_at(folder):
    resources.sampler().pause()
    app = opened()
    assert app.main.header[0].value.replace("\\", "") == "All works; look at: sampler."
    assert "▲ watch" in said(app)


def test_log_when_filtered_then_what_passes_is_shown_as_text(folder):
    logged(
        folder,
        {"level": "INFO", "logger": "core.store", "message": "all is quiet"},
        {
            "level": "ERROR",
            "logger": "pages.ui",
            "message": f"failed {HOSTILE}",
            "traceback": f"Traceback: {HOSTILE}",
        },
    )
    app = opened()
    table = app.dataframe[0].value
    assert table["Message"].tolist() == [f"failed {HOSTILE}", "all is quiet"]
    assert table["Level"].tolist() == ["■ ERROR", "○ INFO"]
    assert [one.value for one in app.main.code] == [f"Traceback: {HOSTILE}"]
    assert not any("![x]" in one.value for one in app.main.markdown)
    app.selectbox(key="admin_log_level").set_value("WARNING").run()
    assert app.dataframe[0].value["Message"].tolist() == [f"failed {HOSTILE}"]
    app.text_input(key="admin_log_text").set_value("nothing like it").run()
    assert not app.exception
    assert not app.dataframe
    assert "No message passes these filters." in said(app)


def test_parts_when_chosen_then_files_and_libraries_are_told(folder):
    files = opened("Files").dataframe[0].value
    assert str(folder / "data") in files["Where"].tolist()
    libraries = opened("Libraries").dataframe[0].value.set_index("Library")
    assert libraries.loc["streamlit", "Installed"] == libraries.loc["streamlit", "Asked for"]
