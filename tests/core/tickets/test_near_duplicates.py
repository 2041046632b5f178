import numpy as np
import pytest

from core.tickets.near_duplicates import near_duplicate_groups
from tests.core.tickets.some_tickets import some_tickets

FORM = (
    "please set up a new account for {} in the {} office and grant access to mail and files today"
)


def test_texts_that_differ_in_a_word_or_a_number_share_a_group():
    texts = [
        "vm-12 dropped 30 packets on port 4 of switch seven since this morning",
        "VM-99 dropped 5 packets on port 8 of switch seven since this morning!",
        "the psu of rack nine is beeping and both leds are amber right now",
    ]
    groups = near_duplicate_groups(texts)
    assert groups[0] == groups[1] != groups[2]


def test_different_tickets_stay_apart():
    texts = some_tickets(300).ticket_text.tolist()
    assert len(set(near_duplicate_groups(texts).tolist())) == 300


def test_nearly_all_copies_of_a_form_are_found_among_many_other_tickets():
    names = [f"{a}{b}" for a in ("an", "bo", "cy", "di") for b in ("na", "ris", "ra", "ego")]
    copies = [FORM.format(name, town) for name in names for town in ("oslo", "bern")]
    texts = some_tickets(400).ticket_text.tolist() + copies
    groups = near_duplicate_groups(texts)[400:]
    assert np.bincount(groups).max() >= 30


def test_copies_are_found_among_forms_that_have_much_but_not_enough_in_common():
    rng = np.random.default_rng(2)
    form = " ".join(f"form{chr(97 + i)}" for i in range(24))

    def word() -> str:
        return "".join(rng.choice(list("abcdefghij"), 9))

    texts = []
    for _ in range(60):
        own = f"{form} {word()} {word()}"  # two thirds in common with others, .76 within the pair
        texts += [f"{own} " + " ".join(word() for _ in range(4)) for _ in range(2)]
    order = rng.permutation(len(texts))
    groups = np.empty(len(texts), dtype=int)
    groups[order] = near_duplicate_groups([texts[i] for i in order])
    assert np.mean(groups[::2] == groups[1::2]) >= 0.9
    assert len(set(groups.tolist())) >= 60


@pytest.mark.parametrize("text", ["", "   ", "!!!", "日本語", "\x00\ud800", "x" * 1_000_000])
def test_odd_texts_group_with_their_equals_only(text):
    groups = near_duplicate_groups([text, "psu failed", text])
    assert groups[0] == groups[2] != groups[1]


def test_no_texts_no_groups():
    assert near_duplicate_groups([]).tolist() == []
