"""What Twilio's refusals mean to whoever is to be told: the number, the account, or only the moment.

Data and one lookup. What is done about a refusal is decided elsewhere.
Codes: https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Refusal: TypeAlias = Literal["number", "barred", "opted-out", "account", "transient"]
"""`number`: nobody is reached at this number, whoever calls. `barred`: not from this account or number.
`opted-out`: the person has asked not to be texted. `account`: nothing goes out through this profile as it
is. `transient`: not now; it was not processed, and may be asked again."""

REFUSALS: Final[dict[int, Refusal]] = {
    # No such telephone, or not one that can be called or texted.
    21211: "number",  # "To" is not a valid number
    21214: "number",  # "To" cannot be reached
    21217: "number",  # "To" does not appear to be valid
    21401: "number",  # invalid number
    21407: "number",  # this kind of number takes no calls or texts
    21421: "number",  # invalid number
    21614: "number",  # "To" is not a mobile number
    21635: "number",  # "To" is a landline
    13223: "number",  # invalid number format
    13224: "number",  # invalid number
    # This account or sender may not reach it; another may.
    21215: "barred",  # geographic permission, voice
    21216: "barred",  # number blocked for this account
    21219: "barred",  # trial account, number not verified
    21408: "barred",  # geographic permission, SMS
    21608: "barred",  # trial account, number not verified
    21612: "barred",  # no route from this sender to this number
    13227: "barred",  # geographic permission
    32205: "barred",  # geographic permission, SIP trunk
    60410: "barred",  # blocked because of suspected fraud
    21610: "opted-out",  # the person has answered STOP
    # Nothing goes out like this: credentials, sender, what was asked for.
    20001: "account",
    20002: "account",
    20003: "account",  # credentials are wrong
    20005: "account",  # account not active
    20006: "account",  # access denied
    20008: "account",  # test credentials
    20404: "account",  # no such account
    10001: "account",  # account not active
    10002: "account",  # not possible with a trial account
    21201: "account",  # no "To"
    21205: "account",  # Url is not valid
    21206: "account",
    21210: "account",  # "From" is not verified
    21212: "account",  # "From" is not a valid number
    21213: "account",  # no "From"
    21218: "account",
    21602: "account",  # no body
    21603: "account",  # no "From"
    21604: "account",  # no "To"
    21606: "account",  # "From" cannot send texts
    21609: "account",  # StatusCallback is not valid
    21617: "account",  # text too long
    21660: "account",  # "From" is not this account's
    32018: "account",  # inline TwiML too long
    # Not now.
    20429: "transient",  # too many requests; never processed
    20503: "transient",  # service unavailable
    10004: "transient",  # too many calls at once
    14107: "transient",  # too many texts between two numbers
    21611: "transient",  # too many texts queued
    22005: "transient",  # too many calls queued
    30001: "transient",  # too many texts queued
    30022: "transient",  # rate limit of the campaign
}

UNREACHED: Final[dict[int, Refusal]] = {
    30005: "number",  # unknown handset
    30006: "number",  # landline or carrier that takes no texts
    30004: "opted-out",  # blocked, by the person or the carrier
    21610: "opted-out",
}
"""Codes of a text that Twilio took and could not deliver which say something about the number for good."""


def refusal_of(code: int | None, status: int) -> Refusal:
    """Tell what a refusal is about, by Twilio's code, else by the HTTP status of the answer.

    An unknown code counts as the account's: then another profile is tried, and no contact is blamed.
    """
    known = REFUSALS.get(code or 0)
    if known is not None:
        return known
    return "transient" if status == 429 else "account"
