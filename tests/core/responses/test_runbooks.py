"""Runbooks: ours say something of every category, and anybody's Markdown can be one."""

import pytest

from core.dataset import CATEGORIES
from core.errors import DataError
from core.responses.provider import LANGUAGES
from core.responses.redaction import mask
from core.responses.runbooks import list_items, matching, read_runbooks
from tests.core.responses.facts import RUNBOOKS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", CATEGORIES)
def test_runbook_when_a_category_is_named_then_there_is_one_with_causes_steps_and_questions(
    category, language
):
    best = matching(RUNBOOKS, "", category, language)[0]
    assert best.language == language
    assert category in best.categories
    for part in ("causes", "steps", "questions"):
        (passage,) = [one for one in best.passages if one.part == part]
        assert len(list_items(passage.text)) >= 2


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda one: one.name)
def test_runbook_when_masked_then_it_stays_as_it_was_written(runbook):
    texts = [one.text for one in runbook.passages]
    covered, masks = mask(texts)
    assert list(covered) == texts
    assert len(masks) == 0


def test_matching_when_the_text_speaks_of_something_else_then_that_runbook_comes_too():
    text = (
        "no space left on device, the disk is full, df shows the partition at 100 %, log files grow"
    )
    names = [one.name for one in matching(RUNBOOKS, text, "General", "en")]
    assert names[0] == "disk_space"


def test_matching_when_nothing_fits_then_there_is_no_runbook():
    assert matching(RUNBOOKS, "xyzzy plugh", "", "en") == ()
    assert matching(RUNBOOKS, "xyzzy plugh", "Unheard-Of", "en") == ()
    assert matching((), "the disk is full", "General", "en") == ()
    readings = "Measured:\n- Disk: 12 %\n- Network errors: 0 per s\n- Network traffic: 5 kB/s"
    assert matching(RUNBOOKS, readings, "", "en") == ()


def test_read_when_a_runbook_is_somebodys_plain_list_then_its_items_are_steps(tmp_path):
    (tmp_path / "vpn.md").write_bytes(
        b"\xef\xbb\xbf# VPN gateway\r\n\r\nCategories: VPN, Network\r\n\r\n"
        b"1. Restart it\r\n   slowly\r\n2) Wait\r\n"
    )
    (tmp_path / "notes.txt").write_text("not a runbook")
    (found,) = read_runbooks(tmp_path)
    assert (found.title, found.categories, found.language) == (
        "VPN gateway",
        ("VPN", "Network"),
        "en",
    )
    assert list_items(found.passages[0].text) == ("Restart it slowly", "Wait")
    assert matching([found], "the vpn gateway hangs", "VPN", "en") == (found,)


def test_read_when_there_is_no_folder_then_there_are_no_runbooks(tmp_path):
    assert read_runbooks(tmp_path / "none") == ()


@pytest.mark.parametrize(
    ("data", "says"), [(b"\xff\xfe\x00", "cannot be read"), (b"a" * 200_001, "200,001")]
)
def test_read_when_a_file_cannot_be_used_then_it_is_named(tmp_path, data, says):
    (tmp_path / "odd.md").write_bytes(data)
    with pytest.raises(DataError, match=says) as refused:
        read_runbooks(tmp_path)
    assert "odd.md" in str(refused.value)
