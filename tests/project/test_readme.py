"""The lists in README.md say what the code says."""

import re

import pytest

import config
from pages.ui.frame import PAGES
from tests.core.commands.answer import in_a_process

README = config.ROOT / "README.md"


def table(heading: str) -> list[list[str]]:
    """Return the rows of the first table under `heading`, without its head."""
    text = README.read_text(encoding="utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[2:]]


def test_readme_when_it_lists_the_settings_then_they_are_the_ones_of_the_code():
    written = [(name.strip("`"), default, meaning) for name, default, meaning in table("Settings")]
    assert written == [tuple(row) for row in config.Settings.rows()]


def test_readme_when_it_lists_the_pages_then_they_are_the_ones_of_the_menu():
    assert table("Pages") == [[page.title, page.question] for page in PAGES]


def told(*words: str) -> list[tuple[str, str]]:
    """Return what the help after these words lists: areas or verbs, and what each does."""
    answer = in_a_process(*words, "--help")
    # After a long word argparse begins a new line.
    return re.findall(r"^    ([\w-]+)(?: +|\n {10,})(\S.*)$", answer.out, flags=re.MULTILINE)


def test_readme_when_it_lists_the_commands_then_they_are_those_of_the_help(monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")  # so that no line is broken
    listed = []
    for area, meaning in told():
        verbs = told(area)
        listed += [[f"`{area} {verb}`", does] for verb, does in verbs] or [[f"`{area}`", meaning]]
    assert len(listed) > 20
    assert table("Commands") == listed


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`([\w./]+/[\w./]+)`", README.read_text())))
)
def test_readme_when_it_names_a_path_of_the_project_then_that_exists(path):
    assert (config.ROOT / path).exists()


def test_readme_when_it_shows_a_picture_then_the_picture_is_there():
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert pictures
    for picture in pictures:
        assert (config.ROOT / picture).is_file()
