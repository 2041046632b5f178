"""Numbers that stand for cells: equal ones for equal texts, different ones for different texts."""

import numpy as np
import pyarrow as pa
import pytest

from core.dataset.fingerprints import fingerprints

ASCII = [f"vm-{n:0{width}}" for width in (1, 4, 5, 6, 13, 29, 61, 62, 90) for n in range(1_000)]
ALIKE = [letter * n for n in range(1, 130) for letter in "aß"]
TEXTS = list(dict.fromkeys([*ASCII, *ALIKE]))


def test_different_texts_of_any_length_have_different_fingerprints() -> None:
    assert np.unique(fingerprints(pa.array(TEXTS))).size == len(TEXTS)


@pytest.mark.parametrize("first", [0, 1, 500])
def test_a_text_has_its_fingerprint_wherever_it_stands(first: int) -> None:
    expected = dict(zip(TEXTS, fingerprints(pa.array(TEXTS)).tolist(), strict=True))
    others = [None, *TEXTS[::-1], None]
    found = fingerprints(pa.array(others)[first:])
    missing = set(found[-1:].tolist())
    assert found.tolist() == [expected.get(text, *missing) for text in others[first:]]
    repeated = pa.array([TEXTS[0], TEXTS[-1]] * 1_000)
    assert fingerprints(repeated)[:2].tolist() == [expected[TEXTS[0]], expected[TEXTS[-1]]]
