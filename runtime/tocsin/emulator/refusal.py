"""Twilio's refusals: error code, HTTP status and a sentence, in the shape the official libraries read.

https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

from typing import Any

_MORE = "https://www.twilio.com/docs/errors/"

# Code -> HTTP status and what is said; braces are filled with what was given.
_TEXTS: dict[int, tuple[int, str]] = {
    20001: (400, "Parameter {name} is not valid: {value!r}"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20009: (409, "{value} cannot be deleted while it is under way"),
    20404: (404, "The requested resource {value} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    20503: (503, "Service unavailable"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url parameter is not a valid URL: {value!r}"),
    21206: (400, "SendDigits is not valid: {value!r}"),
    21208: (400, "Timeout is not valid: {value!r}"),
    21211: (400, "The 'To' number {value} is not a valid phone number."),
    21212: (
        400,
        "The 'From' number {value} is not a valid phone number, shortcode, or alphanumeric sender ID.",
    ),
    21213: (400, "A 'From' number is required."),
    21214: (400, "The phone number {value} you are attempting to call is not reachable."),
    21215: (400, "Account not authorized to call {value}: check its geographic permissions."),
    21216: (400, "Account not allowed to call {value}."),
    21217: (400, "Phone number {value} does not appear to be valid"),
    21218: (400, "ApplicationSid is not valid: {value!r}"),
    21220: (400, "Invalid call state: the call is not in-progress."),
    21408: (400, "Permission to send an SMS has not been enabled for the region of {value}."),
    21421: (400, "PhoneNumber is not valid: {value!r}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (
        400,
        "The 'From' phone number {value} is not a valid, message-capable phone number for this account.",
    ),
    21609: (400, "The 'StatusCallback' URL {value!r} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient {value}"),
    21611: (400, "This 'From' number {value} has exceeded the maximum number of queued messages"),
    21612: (400, "Message cannot be sent with the current combination of 'To' ({value}) and 'From'"),
    21614: (400, "'To' number {value} is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    21620: (400, "MediaUrl is not a valid URL: {value!r}"),
    32018: (400, "Twiml has {value} characters; 4000 are allowed"),
}


class Refused(Exception):  # noqa: N818  # reads as a sentence at the place of use
    """A request Twilio would refuse; becomes an error body over REST."""

    def __init__(self, code: int, value: object = "", name: str = "") -> None:
        self.code = code
        self.status, text = _TEXTS[code]
        super().__init__(text.format(value=value, name=name))

    def body(self) -> dict[str, Any]:
        """Give the JSON that goes with it."""
        return {
            "code": self.code,
            "message": str(self),
            "more_info": f"{_MORE}{self.code}",
            "status": self.status,
        }
