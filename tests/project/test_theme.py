"""The theme and the server's hardening as .streamlit/config.toml and assets/css.css state them."""

import re
import tomllib
from itertools import pairwise

import pytest

import config
from tests.colours import contrast, over

OPTIONS = tomllib.loads((config.ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
THEMES = ("dark", "light")
CAPTION_SHARE = 0.6  # Streamlit draws captions in the text colour at this opacity


def backgrounds(theme: dict) -> list[str]:
    sidebar = theme["sidebar"]
    return [
        theme["backgroundColor"],
        theme["secondaryBackgroundColor"],
        sidebar["backgroundColor"],
        sidebar["secondaryBackgroundColor"],
    ]


@pytest.mark.parametrize("name", THEMES)
def test_theme_when_text_is_read_then_its_contrast_is_enough(name):
    theme = OPTIONS["theme"][name]
    for background in backgrounds(theme):
        assert contrast(theme["textColor"], background) >= 7.0
        caption = over(theme["textColor"], background, CAPTION_SHARE)
        assert contrast(caption, background) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_theme_when_coloured_words_and_links_are_read_then_their_contrast_is_enough(name):
    theme = OPTIONS["theme"][name]
    names = (
        "redText",
        "orangeText",
        "yellowText",
        "greenText",
        "blueText",
        "violetText",
        "grayText",
    )
    words = [theme[f"{name}Color"] for name in (*names, "link")]
    for background in backgrounds(theme):
        for colour in words:
            assert contrast(colour, background) >= 4.5, (colour, background)


@pytest.mark.parametrize(("name", "share"), [("dark", 0.2), ("light", 0.1)])
def test_theme_when_a_notice_is_read_then_its_contrast_is_that_of_body_text(name, share):
    theme = OPTIONS["theme"][name]
    for colour in ("red", "yellow", "green", "blue"):
        background = over(theme[f"{colour}Color"], theme["backgroundColor"], share)
        assert contrast(theme[f"{colour}TextColor"], background) >= 7.0, colour


@pytest.mark.parametrize("name", THEMES)
def test_theme_when_a_button_stands_out_then_its_white_label_can_be_read(name):
    assert contrast("#ffffff", OPTIONS["theme"][name]["primaryColor"]) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_theme_when_lines_are_drawn_then_each_stands_out_from_the_page(name):
    theme = OPTIONS["theme"][name]
    for colour in theme["chartCategoricalColors"]:
        assert contrast(colour, theme["backgroundColor"]) >= 3.0, colour


@pytest.mark.parametrize("name", THEMES)
def test_theme_when_values_are_coloured_then_brightness_rises_with_them(name):
    theme = OPTIONS["theme"][name]
    steps = theme["chartSequentialColors"]
    from_page = [contrast(colour, theme["backgroundColor"]) for colour in steps]
    assert len(steps) == 10
    assert all(low < high for low, high in pairwise(from_page))


@pytest.mark.parametrize("name", THEMES)
def test_theme_when_values_go_both_ways_then_the_middle_is_the_quietest(name):
    theme = OPTIONS["theme"][name]
    steps = theme["chartDivergingColors"]
    from_page = [contrast(colour, theme["backgroundColor"]) for colour in steps]
    assert len(steps) == 10
    assert all(outer > inner for outer, inner in pairwise(from_page[:5]))
    assert all(inner < outer for inner, outer in pairwise(from_page[5:]))


def test_server_when_configured_then_it_is_closed_to_the_network_and_keeps_its_faults_to_itself():
    assert OPTIONS["server"]["address"] == "127.0.0.1"
    assert set(OPTIONS["server"]["allowedHosts"]) == {"localhost", "127.0.0.1"}
    assert OPTIONS["server"]["enableXsrfProtection"] is True
    assert OPTIONS["server"]["enableCORS"] is True
    assert OPTIONS["browser"]["gatherUsageStats"] is False
    assert OPTIONS["client"]["showErrorDetails"] == "none"


def test_look_when_loaded_then_it_names_no_address():
    files = [*(config.ROOT / "assets").glob("*.css"), config.ROOT / ".streamlit" / "config.toml"]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"https?:|//\w|url\(|@import", text), file.name
