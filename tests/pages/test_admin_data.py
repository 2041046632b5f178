"""Admin's section Data in each of its states, with real imports in a folder of the test's own."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import config
from core import resources
from core.access import VIEWER, Actor, Role
from core.dataset import current, import_file, versions
from core.resources import fleet_data
from tests.core.dataset.csv_files import fleet_csv

MAIN = str(config.ROOT / "pages" / "main.py")
ADMIN = Actor(name="ada", role=Role.ADMIN, origin="127.0.0.1")
PATIENCE_S = 60.0
HOSTILE = "<b>![x](http://192.0.2.1/x.png)</b>"


@pytest.fixture
def data_dir(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sign an admin in; nothing is stored, and no demo data are at hand."""
    monkeypatch.setattr(resources, "actor", lambda: ADMIN)
    monkeypatch.setattr(fleet_data, "_demo_imported", lambda: True)
    return own_folders / "data"


def opened() -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.switch_page("admin.py").run()
    assert not app.exception
    return app


def brought(app: AppTest, data: bytes, name: str = "fleet.csv") -> AppTest:
    """Upload a file and return the page once it was looked into."""
    app.file_uploader[0].set_value((name, data, "text/csv"))
    return looked_into(app.run())


def looked_into(app: AppTest) -> AppTest:
    end_s = time.monotonic() + PATIENCE_S
    while any(button.key == "admin_look_cancel" for button in app.button):
        assert time.monotonic() < end_s
        time.sleep(0.1)
        app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = ("header", "markdown", "caption", "success", "error", "info")
    return "\n".join(one.value.replace("\\", "") for kind in kinds for one in app.main.get(kind))


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def table(app: AppTest, column: str):
    """Return the table that has this column."""
    return next(one.value for one in app.dataframe if column in one.value.columns)


def test_section_when_a_viewer_opens_it_then_there_is_nothing_to_upload_or_change(
    data_dir, monkeypatch
):
    import_file(fleet_csv({}).encode(), data_dir)
    monkeypatch.setattr(resources, "actor", lambda: VIEWER)
    app = opened()
    assert not app.file_uploader
    assert not app.main.button
    assert "v0001" not in said(app)


def test_section_when_nothing_is_stored_then_it_says_what_to_do_and_the_first_upload_is_saved(
    data_dir,
):
    app = opened()
    assert "No dataset yet." in said(app)
    brought(app, fleet_csv({"vm_id": "a"}, {"vm_id": "b"}).encode())
    assert "● Ready to save" in said(app)
    assert "no dataset yet to compare" in said(app)
    app.button(key="admin_save").click().run()
    assert not app.exception
    assert current(data_dir).report.vm_count == 2
    assert "v0001 is active: 2 rows of 2 VMs." in said(app)
    assert "fleet.csv is saved as v0001 and active." in said(app)
    [entry] = resources.store().audit(5)
    assert (entry.who, entry.action, entry.subject) == ("ada", "uploaded", "dataset v0001")
    assert "fleet.csv" in entry.detail
    assert list((data_dir / "uploads").rglob("*")) == []


def test_section_when_the_demo_data_are_active_then_that_is_said(own_folders, monkeypatch):
    monkeypatch.setattr(resources, "actor", lambda: ADMIN)
    app = opened()
    assert "▲ Demo data" in said(app)
    assert "admin_demo" not in keys(app)
    brought(app, fleet_csv({}).encode())
    app.button(key="admin_save").click().run()
    assert "v0002 is active" in said(app)
    app.button(key="admin_demo").click().run()
    assert "v0001 is active again" in said(app)
    assert current(own_folders / "data").report.is_demo


def test_file_when_it_has_faults_then_they_stand_there_with_their_lines_before_anything_is_saved(
    data_dir,
):
    kept = import_file(fleet_csv({"vm_id": "old"}).encode(), data_dir)
    text = fleet_csv({}, {"cpu_usage": HOSTILE}, {"cpu_usage": "180"}) + "too,short\n"
    app = brought(opened(), text.encode(), f"{HOSTILE}.csv")
    assert "▲ Ready to save, with 3 remarks" in said(app)
    places = table(app, "What stands there")
    assert places["Line"].tolist() == [3, 4, 5]
    assert places["Remark"].tolist() == ["no number", "out of range", "2 cells instead of 13"]
    assert places["What stands there"].tolist()[0].startswith("<b>")
    # Shown as text: no picture, no HTML, whatever the file holds.
    assert not any("![x]" in one.value for one in app.main.markdown)
    assert current(data_dir) == kept
    assert versions(data_dir) == (kept,)


def test_file_when_it_cannot_be_used_then_it_says_why_and_cannot_be_saved(data_dir):
    kept = import_file(fleet_csv({}).encode(), data_dir)
    app = brought(opened(), b"a,b\n1,2\n")
    assert "■ Cannot be used" in said(app)
    assert "is no fleet dataset" in said(app)
    assert "admin_save" not in keys(app)
    app.button(key="admin_drop").click().run()
    assert "was dropped; the dataset is as it was." in said(app)
    assert current(data_dir) == kept


def test_file_when_it_is_no_csv_at_all_then_one_sentence_says_so_and_it_can_be_tried_again(
    data_dir,
):
    app = brought(opened(), b"PK\x03\x04" + bytes(100))
    assert "is an Excel or zip file" in said(app)
    assert "admin_look_again" in keys(app)
    assert "admin_save" not in keys(app)


def test_file_when_columns_are_misnamed_then_they_are_offered_and_read_again(data_dir):
    text = fleet_csv({}, names={"vm_id": "instance", "memory_usage": "mem usage %"})
    app = brought(opened(), text.encode())
    assert "■ Cannot be used" in said(app)
    labels = [box.label.replace("\\", "") for box in app.checkbox]
    assert sorted(labels) == [
        "Read the column 'instance' as vm_id",
        "Read the column 'mem usage %' as memory_usage",
    ]
    app.button(key="admin_rename").click().run()
    looked_into(app)
    assert "● Ready to save" in said(app)
    assert "Read under other names" in said(app)
    app.button(key="admin_save").click().run()
    assert current(data_dir).report.column("memory_usage") is not None


def test_file_when_it_is_the_same_again_then_there_is_nothing_to_save(data_dir):
    text = fleet_csv({}, {"vm_id": "b"}).encode()
    import_file(text, data_dir)
    app = brought(opened(), text, "again.csv")
    assert "○ Nothing new]: again.csv holds the same data as v0001" in said(app)
    assert app.button(key="admin_save").disabled


def test_file_when_compared_then_rows_times_machines_and_drift_are_shown(data_dir):
    rows = [{"vm_id": f"vm-{n % 3}", "cpu_usage": str(n % 50)} for n in range(900)]
    import_file(fleet_csv(*rows).encode(), data_dir)
    rows = [{"vm_id": f"vm-{n % 5}", "cpu_usage": str(n % 50 + 50)} for n in range(1_200)]
    app = brought(opened(), fleet_csv(*rows).encode())
    words = said(app)
    assert "900 rows → 1,200 rows" in words
    assert "3 VMs → 5 VMs; 2 new: vm-3, vm-4" in words
    drift = table(app, "PSI")
    assert drift["Column"].tolist()[0] == "CPU"
    assert drift["Change"].tolist()[0] == "■ great change"
    assert drift["Mean"].tolist()[0] == "24 → 74 %"
    assert "Siddiqi" in words


def test_file_when_it_is_larger_than_the_limit_then_one_sentence_says_so(data_dir, monkeypatch):
    monkeypatch.setenv("UPLOAD_LIMIT_MB", "1")
    app = opened()
    app.file_uploader[0].set_value(("big.csv", b"x" * 1_100_000, "text/csv"))
    app.run()
    assert "larger than the 1 MB that may be uploaded" in said(app)
    assert not list((data_dir / "uploads").rglob("*"))


def test_upload_when_it_is_taken_back_then_nothing_of_it_is_left(data_dir):
    app = brought(opened(), fleet_csv({}).encode())
    assert list((data_dir / "uploads").iterdir())
    app.file_uploader[0].set_value(None)
    app.run()
    assert not list((data_dir / "uploads").rglob("*"))
    assert "admin_save" not in keys(app)


def test_versions_when_there_are_several_then_each_says_what_it_was_and_one_click_goes_back(
    data_dir,
):
    import_file(fleet_csv({"vm_id": "a"}).encode(), data_dir, name=f"{HOSTILE}.csv")
    import_file(fleet_csv({"vm_id": "b"}, {"vm_id": "c"}).encode(), data_dir, name="two.csv")
    app = opened()
    assert "two.csv, 2 rows of 2 VMs" in said(app)
    assert not any("![x]" in one.value for one in app.main.markdown)
    assert "admin_return_v0002" not in keys(app)
    app.button(key="admin_return_v0001").click().run()
    assert current(data_dir).version == "v0001"
    assert "v0001 is active again." in said(app)
    app.button(key="admin_delete_v0002").click().run()
    assert [one.version for one in versions(data_dir)] == ["v0001"]
    assert "v0002 is deleted." in said(app)
    assert [one.action for one in resources.store().audit(5)] == ["deleted", "activated"]


def test_versions_when_the_active_one_is_damaged_then_the_page_says_so_and_goes_back(data_dir):
    import_file(fleet_csv({"vm_id": "a"}).encode(), data_dir)
    broken = import_file(fleet_csv({"vm_id": "b"}).encode(), data_dir)
    (broken.folder / "manifest.json").write_text("{}")
    app = opened()
    assert "The dataset cannot be used." in said(app)
    app.button(key="admin_return_v0001").click().run()
    assert "v0001 is active: 1 row of 1 VM." in said(app)


def test_sessions_when_one_saves_then_another_follows_with_its_next_interaction(data_dir):
    import_file(fleet_csv({"vm_id": "old"}).encode(), data_dir)
    other = AppTest.from_file(MAIN, default_timeout=60)
    other.switch_page("dashboard.py").run()
    assert "1 VM" in other.header[0].value.replace("\\", "")
    app = brought(opened(), fleet_csv(*({"vm_id": f"vm-{n}"} for n in range(3))).encode())
    app.button(key="admin_save").click().run()
    other.run()
    assert not other.exception
    assert "3 VMs" in other.header[0].value.replace("\\", "")
