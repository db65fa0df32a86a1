"""What a refusal of Twilio's is about."""

from __future__ import annotations

import pytest

from tocsin.telephony.refusals import refusal_of


@pytest.mark.parametrize(
    ("code", "status", "about"),
    [
        (21211, 400, "number"),
        (21614, 400, "number"),
        (21215, 400, "barred"),
        (21610, 400, "opted-out"),
        (20003, 401, "account"),
        (21606, 400, "account"),
        (20429, 429, "transient"),
        (20503, 503, "transient"),
        (None, 429, "transient"),
        (None, 401, "account"),
        (29999, 400, "account"),
    ],
)
def test_by_its_code_else_by_its_status(code, status, about):
    """A code nobody knows blames the account, never the person's number."""
    assert refusal_of(code, status) == about
