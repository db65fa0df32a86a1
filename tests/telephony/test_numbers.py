"""Numbers: what counts as E.164, and what a log may show."""

import pytest

from tocsin.telephony.numbers import is_e164, masked


@pytest.mark.parametrize("number", ["+46701234567", "+15005550006", "+4670123", "+123456789012345"])
def test_a_number_with_plus_and_country_code_is_e164(number):
    """Seven to fifteen digits after the plus."""
    assert is_e164(number)


@pytest.mark.parametrize(
    "text",
    ["", "+", "0701234567", "46701234567", "+0701234567", "+46 70 123 45 67", "+123456", "+1234567890123456",
     "+46701234567\n", "+٤٦٧٠١٢٣٤٥٦٧", "sip:a@b"],
)  # fmt: skip
def test_everything_else_is_not(text):
    """No national form, no blanks, no line end, no digits of another script."""
    assert not is_e164(text)


def test_logs_show_only_the_ends_of_a_number():
    """Country and operator stay readable, the subscriber does not."""
    assert masked("+46701234567") == "+4670…67"
    assert masked("911") == "…11"
    assert masked("") == ""
