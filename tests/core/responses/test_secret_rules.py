"""Passwords and keys in the shapes that people paste, and sentences that only speak of them."""

import base64
import random

import pytest

from core.responses.redaction import mask


def masked(text):
    return mask([text])[0][0]


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("password: always Sommer!", "password: SECRET_1"),
        ("my password is: correct horse battery staple", "my password is: SECRET_1"),
        ("my password is correct horse battery staple.", "my password is SECRET_1."),
        ("password: blue horse battery staple, thanks", "password: SECRET_1, thanks"),
        ("Passwort: geheim geht nicht mehr", "Passwort: SECRET_1 geht nicht mehr"),
        ("password: geheim port=22", "password: SECRET_1 port=22"),
        ('<add key="Password" value="geheim"/>', '<add key="Password" value="SECRET_1"/>'),
        ("Cookie: a=dark; session=geheim\nnext", "Cookie: SECRET_1\nnext"),
        ("IDENTIFIED BY geheim;", "IDENTIFIED BY SECRET_1;"),
        (
            "$password = ConvertTo-SecureString 'geheim'",
            "$password = ConvertTo-SecureString 'SECRET_1'",
        ),
        ("ConvertTo-SecureString -String 'geheim'", "ConvertTo-SecureString -String 'SECRET_1'"),
        ("net user x Sommer! /add", "net user x SECRET_1 /add"),
        ("curl -u admin:geheim x", "curl -u admin:SECRET_1 x"),
        ("sshpass -p Sommer! ssh x", "sshpass -p SECRET_1 ssh x"),
        (r"{\"password\":\"geheim\"}", r"{\"password\":\"SECRET_1\"}"),
        ("dbPassword=geheim; x", "dbPassword=SECRET_1; x"),
        ("Authorization: Basic YWRtaW46Z2VoZWlt", "Authorization: Basic SECRET_1"),
        ("key: k9sG72hd8aQ", "key: SECRET_1"),
        ("Password for the portal: geheim", "Password for the portal: SECRET_1"),
        ("Passwort (neu): geheim", "Passwort (neu): SECRET_1"),
        ("the password of the portal is geheim", "the password of the portal is SECRET_1"),
    ],
)
def test_secret_when_it_has_a_common_shape_then_it_is_masked_and_its_label_is_not(text, covered):
    assert masked(text) == covered


def test_mask_when_keys_are_random_and_without_a_label_then_next_to_none_keeps_twelve_signs():
    drawn = random.Random(7)
    keys = [base64.b64encode(drawn.randbytes(n)).decode() for n in (16, 24, 32, 48, 64) * 200]
    kept = 0
    for key in keys:
        covered = masked(f"it says {key} there")
        kept += any(key[at : at + 12] in covered for at in range(len(key) - 11))
    # A path can look as some keys do.
    assert kept <= len(keys) * 0.01


@pytest.mark.parametrize(
    "text",
    [
        "The password is correct but Outlook still asks for it, with Caps Lock off.",
        "The password is wrong although Caps Lock is off; password: expired since Monday",
        "Password: please reset it, I forgot mine. Password expired: how do I change it?",
        "I entered my password 3 times; the password field is grey, password must not be empty",
        "Das Passwort ist abgelaufen. Kennwort: bitte zurücksetzen, ich habe es vergessen.",
        "Basic authentication fails; basic functions do not work, the bearer tokens are refused",
        "The secret is mounted read-only, the token is fetched every hour, the PIN is blocked",
        "Token: expired at 12:30. auth: failed for the third time. The signature: invalid.",
        "pk_customer_orders is the primary key, npm_config_cache is full, pypi-server hangs",
        "Duplicate entry for key: memory. Auth is slow. session id: 12 and 12 % CPU",
        "ssh -p2222 fails, mkdir -pv works, docker run -p8080:80 -u 1000:1000 app",
        "journalctl -u nginx: nothing; sort -u; date -u +%H:%M; awk '{print $1$2}'; ps -p1234",
        "Password: must be at least 8 characters long. Enter password: Authentication failed",
        "Token: unexpected end of input. Unexpected token: identifier. Tests pass: all green",
        "Key: CTRL+ALT+F1 does nothing. The password for the portal is too short",
        "Cookie: users are logged out. The cookies are gone.",
        "Files under opt/releases/lib grow, see usr/share/app/bin/jobs and content/Library/Mobile",
    ],
)
def test_mask_when_a_sentence_only_speaks_of_secrets_then_no_word_of_it_is_masked(text):
    assert masked(text) == text


def test_mask_when_words_and_a_year_are_tied_by_hyphens_then_it_is_a_name_that_comes_back():
    (covered,), masks = mask(["Windows-Server-2019-Standard hangs"])
    assert "SECRET" not in covered
    assert masks.restore(covered) == "Windows-Server-2019-Standard hangs"
