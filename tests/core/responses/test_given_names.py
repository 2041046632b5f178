"""Names that a person gives, beside what the rules find."""

import pytest

from core.responses.redaction import mask


@pytest.mark.parametrize("text", ["vm-017 is slow", "see vm and vm-017", "vm-017, vm-018 and vm"])
def test_a_host_called_as_others_begin_does_not_cut_their_names_in_two(text):
    (covered,), masks = mask([text], ["vm"])
    assert "vm" not in covered
    assert masks.restore(covered) == text


def test_a_given_name_is_masked_also_where_no_rule_finds_what_it_is_a_part_of():
    (covered,), _ = mask(["the share of gandalf-old is full"], ["gandalf"])
    assert "gandalf" not in covered
