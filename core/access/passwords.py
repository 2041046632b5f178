"""The admin's password: strong enough, hashed, and checked against its hash."""

from core.errors import SignInError

__all__ = ["MAX_CHARACTERS", "check_strength", "hashed", "is_right"]

MIN_CHARACTERS = 12
MAX_CHARACTERS = 200
MIN_DIFFERENT = 6
# Long enough to pass, and among the first that anybody tries.
_FIRST_GUESSES = ("password", "passwort", "administrator", "qwertyuiop", "123456789", "letmein")
_LEFT_MATTERS = 6


def check_strength(password: str) -> None:
    """Return where `password` can stand against guessing; length counts most (NIST SP 800-63B).

    Raises
    ------
    SignInError
        It is too short, too long, or among the first that anybody would try; the message says so.
    """
    if len(password) < MIN_CHARACTERS:
        raise SignInError(
            f"The password has {len(password)} characters and needs at least {MIN_CHARACTERS}; "
            "four or five unrelated words are easy to keep in mind."
        )
    if len(password) > MAX_CHARACTERS:
        raise SignInError(f"The password may have at most {MAX_CHARACTERS} characters.")
    if len(set(password)) < MIN_DIFFERENT:
        raise SignInError(
            f"The password repeats the same few characters; use at least {MIN_DIFFERENT} different "
            "ones."
        )
    rest = password.casefold()
    for guess in _FIRST_GUESSES:
        rest = rest.replace(guess, "")
    if len(rest) < _LEFT_MATTERS:
        raise SignInError(
            "The password is among the first that anybody would try; choose words that do not "
            "belong together."
        )


def hashed(password: str) -> str:
    """Return the Argon2id hash of `password` with a salt of its own, parameters of RFC 9106."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(password)


def is_right(password: str, known_hash: str) -> bool:
    """Return whether `known_hash` is that of `password`.

    Raises
    ------
    SignInError
        `known_hash` is no hash that can be read.
    """
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

    try:
        return PasswordHasher().verify(known_hash, password[: MAX_CHARACTERS + 1])
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError) as error:
        raise SignInError(
            "ADMIN_PASSWORD_HASH cannot be read. Set the password anew with `python -m core admin "
            "set-password` and restart the app."
        ) from error
