"""How the parts of the app are told to be, and where its files are."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from core.admin.health import (
    Check,
    Finding,
    answering,
    checked,
    disk,
    packages,
    pinned,
    sampling,
    summary,
    token,
)
from core.admin.places import place
from core.errors import StoreError
from core.store import Store
from core.telemetry.collector import Collector
from core.telemetry.sampler import Sampler
from tests.fakes import NOON, FakeHost


def check(name: str, state: str) -> Check:
    return Check(name=name, state=state, found="")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "worst", "says"),
    [
        ({"a": "healthy", "b": "healthy"}, "healthy", "All 2 parts are well."),
        ({"a": "healthy", "b": "watch"}, "watch", "All works; look at: b."),
        ({"a": "failing", "b": "watch", "c": "failing"}, "failing", "Not working: a, c."),
    ],
)
def test_summary_when_parts_differ_then_the_worst_decides_and_is_named(states, worst, says):
    checks = [check(name, state) for name, state in states.items()]
    assert summary(checks) == (worst, says)


def test_part_when_it_fails_then_the_reason_is_what_was_found():
    def look() -> Finding:
        raise StoreError("The database is gone; bring it back.")

    found = checked("store", look)
    assert (found.state, found.ready, found.found) == (
        "failing",
        False,
        "The database is gone; bring it back.",
    )
    assert checked("x", lambda: Finding(says="late", state="watch")).ready


@pytest.fixture
def sampler():
    taken = Sampler(Collector("host", FakeHost()), interval_s=0.5, ring_size=5)
    yield taken
    taken.stop()


def test_sampler_when_it_has_not_begun_then_it_is_failing(sampler):
    assert sampling(sampler, NOON).state == "failing"


def test_sampler_when_paused_then_it_is_to_be_watched(sampler):
    sampler.pause()
    sampler.start()
    assert sampling(sampler, NOON).state == "watch"


def test_sampler_when_its_last_sample_is_old_then_it_is_to_be_watched_and_its_age_told(
    sampler, monkeypatch
):
    sampler.start()
    assert sampling(sampler, NOON).state == "healthy"
    sample = Collector("host", FakeHost()).sample()
    monkeypatch.setattr(sampler, "latest", lambda: sample)
    assert sampling(sampler, sample.at + timedelta(seconds=1)).state == "healthy"
    late = sampling(sampler, sample.at + timedelta(seconds=42))
    assert late.state == "watch"
    assert "42 s ago" in late.says


@pytest.mark.parametrize(("wanted_bytes", "state"), [(0, "healthy"), (10**18, "watch")])
def test_disk_when_the_largest_upload_may_not_fit_then_it_is_to_be_watched(
    tmp_path: Path, wanted_bytes: int, state: str
):
    found = disk(tmp_path / "not" / "there", wanted_bytes)
    assert found.state == state
    assert "free in" in found.says


def test_token_when_set_then_it_is_not_told():
    assert "hf_secret" not in token("hf_secret", "some/model").says
    assert "some/model" in token("hf_secret", "some/model").says
    assert token("", "some/model").says == "not set: replies are written offline"


def test_store_when_it_answers_then_that_is_told(tmp_path: Path):
    with closing(Store(f"sqlite:///{tmp_path / 'app.db'}")) as store:
        assert answering(store).state == "healthy"


def test_libraries_when_one_differs_or_is_missing_then_it_is_named(tmp_path: Path):
    file = tmp_path / "requirements.txt"
    file.write_text(
        "# what is needed\nnumpy==0.0.1\nnot-there==2.0\n"
        'not-here==1.0; sys_platform == "plan9"\npsycopg[binary]==9.9.9\n'
    )
    found = packages(file)
    assert [one.name for one in found] == ["python", "numpy", "not-there", "psycopg"]
    assert found[2].installed == ""
    told = pinned(found)
    assert told.state == "watch"
    assert "3 not as pinned" in told.says
    assert "not-there missing" in told.says
    assert pinned(found[:1]).state == "healthy"


def test_place_when_files_share_their_bytes_then_those_count_once(tmp_path: Path):
    folder = tmp_path / "data"
    (folder / "versions").mkdir(parents=True)
    (folder / "versions" / "one").write_bytes(bytes(1000))
    (folder / "two").hardlink_to(folder / "versions" / "one")
    assert place("data", folder).size_bytes == 1000
    assert place("data", folder / "two").size_bytes == 1000
    nothing = place("none", tmp_path / "none" / "none")
    assert (nothing.size_bytes, nothing.is_writable) == (None, True)
