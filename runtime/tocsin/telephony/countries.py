"""What telephone numbers of a country cannot do."""

from __future__ import annotations

from typing import Final

# Not all there are: where Twilio's guideline of the country says that no answer to an SMS comes back.
_ONE_WAY: Final = {
    "+91": "https://www.twilio.com/guidelines/in/sms",
    "+86": "https://www.twilio.com/guidelines/cn/sms",
    "+84": "https://www.twilio.com/guidelines/vn/sms",
    "+502": "https://www.twilio.com/guidelines/gt/sms",
    "+506": "https://www.twilio.com/guidelines/cr/sms",
    "+507": "https://www.twilio.com/guidelines/pa/sms",
}


def can_answer_texts(number: str) -> bool:
    """Tell whether a text to this number (E.164) can be answered by one."""
    return not number.startswith(tuple(_ONE_WAY))
