"""Which passwords are taken, and that only the right one fits its hash."""

import pytest

from core.access import passwords
from core.errors import SignInError

GOOD = "correct horse battery staple"


@pytest.mark.parametrize(
    ("weak", "said"),
    [
        ("", "needs at least 12"),
        ("Tr0ub4dor&3", "needs at least 12"),
        ("abababababababab", "repeats the same few"),
        ("Password123456789", "first that anybody would try"),
        ("administrator1!", "first that anybody would try"),
        ("x" * 300, "at most 200"),
    ],
)
def test_password_when_weak_then_one_sentence_says_why(weak, said):
    with pytest.raises(SignInError, match=said):
        passwords.check_strength(weak)


@pytest.mark.parametrize("good", [GOOD, "ünïcode wörks töö", "hK3$vq9!mZ2p"])
def test_password_when_good_then_it_alone_fits_its_hash(good):
    passwords.check_strength(good)
    known = passwords.hashed(good)
    assert known.startswith("$argon2id$")
    assert good not in known
    assert known != passwords.hashed(good)
    assert passwords.is_right(good, known)
    assert not passwords.is_right(good + " ", known)


def test_hash_when_it_cannot_be_read_then_the_command_that_mends_it_is_named():
    with pytest.raises(SignInError, match="admin set-password"):
        passwords.is_right(GOOD, "$argon2id$v=19$m=1$broken")
