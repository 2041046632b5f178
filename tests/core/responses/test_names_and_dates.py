"""Names below a greeting and telephone numbers, beside words and dates that look like them."""

import pytest

from core.responses.redaction import mask


def masked(text):
    return mask([text])[0][0]


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("Regards,\nDr. Hans Meier", "Regards,\nDr. USER_1"),
        ("Kind regards\nDr.-Ing. Max Müller", "Kind regards\nDr.-Ing. USER_1"),
        ("Best Regards,\r\nJ. R. Berg\r\nTel. x", "Best Regards,\r\nUSER_1\r\nTel. x"),
        ("Viele Grüße\n\n-- \nAnna van der Berg, IT", "Viele Grüße\n\n-- \nUSER_1, IT"),
        ("Thank you.\nBob\n", "Thank you.\nUSER_1\n"),
        ("It hangs. Thanks, Bob Miller.", "It hangs. Thanks, USER_1."),
        ("It hangs. Danke - Bob", "It hangs. Danke - USER_1"),
        ("It hangs. Cheers Bob", "It hangs. Cheers USER_1"),
    ],
)
def test_mask_when_a_name_ends_a_letter_then_all_of_it_is_masked(text, covered):
    assert masked(text) == covered


@pytest.mark.parametrize(
    "text",
    [
        "Danke. Outlook ist langsam. Outlook hängt",
        "Danke, Outlook geht wieder und Teams auch",
        "Danke\nOutlook hängt wieder",
        "Thank you. The Exchange Server is down",
        "Thank you.\nThe Exchange Server is down",
        "Many thanks, The printer works. Best Practice says so. Best Regards",
        "the user identified by the monitoring",
    ],
)
def test_mask_when_a_sentence_follows_thanks_then_its_first_word_is_no_name(text):
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Error at 05.01.2024 12:30",
        "since 01/02/2024",
        "01-02-2024 03:04:05 ERROR",
        "05.01.24 12:30 and (09/30/2024 08:00)",
        "from 05.01.2024-06.01.2024 or 05. 01. 2024",
        "call on 05.01.2024 at 9",
    ],
)
def test_mask_when_a_date_is_told_then_it_is_no_telephone_number(text):
    assert masked(text) == text


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("05.01.2024 0171 1234567", "05.01.2024 PHONE_1"),
        ("call 01.02.03.04.05", "call PHONE_1"),
        ("at 01-23-45-67-89", "at PHONE_1"),
        ("Tel. 030/1234567 seit 01.02.2024", "Tel. PHONE_1 seit 01.02.2024"),
        ("030-12-34 567", "PHONE_1"),
    ],
)
def test_mask_when_a_number_begins_like_a_date_or_stands_beside_one_then_it_is_masked(
    text, covered
):
    assert masked(text) == covered
